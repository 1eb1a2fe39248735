"""Rounds of a worker that failed one after the other: what the log says of them, and how long to wait after each."""

import logging
import random

from meanwhile.core import clock
from meanwhile.queue.trouble import is_trouble, tell

logger = logging.getLogger(__name__)

# Between tries while the database is in trouble: doubled from the first to the longest, with jitter.
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
# Beyond it the pause grows no more, and the power would run away.
_MOST_DOUBLINGS = 16


class Setbacks:
    """Belongs to the loop. True while the last round failed."""

    def __init__(self) -> None:
        self._count = 0
        # When the database got into trouble; None where it is in none.
        self._since: float | None = None

    def __bool__(self) -> bool:
        return self._count > 0

    def note(self, error: Exception) -> float:
        """A round failed with ``error``. Seconds to wait before the next one: a little longer each time."""
        if is_trouble(error):
            tell(error, ", trying again")
            self._since = clock.monotonic() if self._since is None else self._since
        else:
            logger.exception("A round of the worker failed.")
        seconds = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0**self._count) * random.uniform(0.5, 1.5)
        self._count = min(self._count + 1, _MOST_DOUBLINGS)
        return seconds

    def end(self) -> None:
        """A round went well."""
        if self._since is not None:
            logger.info("The database can be used again, after %.1f s.", clock.monotonic() - self._since)
        self._count, self._since = 0, None
