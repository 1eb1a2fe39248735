"""When a failed action is tried again, and a transaction that somebody was in the way of. Decides; stores nothing."""

import random
import time
from collections.abc import Callable

from django.db import connection

from meanwhile.queue.trouble import is_conflict

# Beyond a day nobody waits for the next try of itself; it also keeps the power from running away.
LONGEST_SECONDS = 86_400.0
# Jobs that failed together shall not come back together.
_JITTER = 0.15
# Deadlock, serialization failure or busy: this often in all.
TRIES = 3


def delay_seconds(attempt: int, backoff_seconds: float, factor: float, chance: float | None = None) -> float:
    """Seconds until the try after failed try ``attempt`` (1 for the first): backoff x factor^(attempt - 1), 15% more
    or less. ``chance``: 0 to 1, random when not given."""
    power = min(attempt - 1, 64)
    seconds = min(backoff_seconds * factor**power, LONGEST_SECONDS)
    spread = random.random() if chance is None else chance
    return seconds * (1 - _JITTER + 2 * _JITTER * spread)


def on_conflict[Result](transaction: Callable[[], Result]) -> Result:
    """What ``transaction`` returns, run again up to three times in all when it lost to another one.

    Inside a transaction of the caller it is run once: what is lost there is the caller's to run again.
    """
    tries = 1 if connection.in_atomic_block else TRIES
    for attempt in range(1, tries):
        try:
            return transaction()
        except Exception as error:
            if not is_conflict(error):
                raise
            time.sleep(0.005 * 4**attempt * (0.5 + random.random()))
    return transaction()
