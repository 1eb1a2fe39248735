"""How often what is killed, by one run on one database. ``make test`` does a slice, ``make chaos`` all of it.

Together, on both databases, the slice is at least 100 kills of workers, 50 of web processes, 30 zombies, 15 restarts of
PostgreSQL under load and 10 during its recovery; in full 1,000, 500, 300, 200 and 50.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """``at_failpoint``: per failpoint, of which workers have five and web processes four."""

    at_failpoint: int
    at_any_moment: int
    web_at_failpoint: int
    zombies: int
    restarts: int
    restarts_in_recovery: int
    terminations: int
    deploys: int
    imports: int


SLICE = Counts(
    at_failpoint=7,
    at_any_moment=16,
    web_at_failpoint=7,
    zombies=15,
    restarts=15,
    restarts_in_recovery=10,
    terminations=8,
    deploys=4,
    imports=2,
)
FULL = Counts(
    at_failpoint=60,
    at_any_moment=200,
    web_at_failpoint=63,
    zombies=150,
    restarts=200,
    restarts_in_recovery=50,
    terminations=200,
    deploys=50,
    imports=10,
)
IS_FULL = bool(os.environ.get("MEANWHILE_CHAOS"))
COUNTS = FULL if IS_FULL else SLICE
