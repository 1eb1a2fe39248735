"""Submissions one after the other, with the times of each."""

import random
import time
from collections.abc import Callable

# The record, and when its submission began and was over, by the machine's monotonic clock in seconds.
type Submitted = tuple[int, float, float]


def submit(one: Callable[[int], int], count: int, per_second: float = 0) -> list[Submitted]:
    """Call ``one`` with 0, 1, ...; it answers the record's id. ``per_second`` 0: as fast as it goes.

    At a pace, the gaps vary, so that they fall in step with nothing.
    """
    submitted = []
    for number in range(count):
        if per_second:
            time.sleep(random.uniform(0.5, 1.5) / per_second)
        started = time.monotonic()
        record_id = one(number)
        submitted.append((record_id, started, time.monotonic()))
    return submitted
