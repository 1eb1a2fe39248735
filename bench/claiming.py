"""Claims jobs whenever it is told to; see ``main``."""

import sys

from django.db import transaction

from bench import copies, work
from bench.figures import percentile
from meanwhile.core import clock
from meanwhile.queue.claim import claim

BATCH = 50
# More than a claim looks at.
WAITING = 500
LEASE = 1


def main(count: str) -> None:
    """Fill in waiting jobs, say that it is ready, and answer each line with the half-way time of ``count`` claims in
    milliseconds. At the end of the input the tables are emptied."""
    program = work.prepare()
    work.fill(program, work.ITEM, WAITING)
    copies.settle()
    print("ready", flush=True)
    for _line in sys.stdin:
        print(percentile([_claim() for _ in range(int(count))], 50) * 1000, flush=True)
    work.clear(program)
    copies.shrink()


def _claim() -> float:
    """Seconds of a claim. It is rolled back, so that the next one finds the same."""
    with transaction.atomic():
        started = clock.monotonic()
        jobs = claim(LEASE, None, BATCH)
        seconds = clock.monotonic() - started
        transaction.set_rollback(True)
    assert len(jobs) == BATCH, f"{len(jobs)} jobs were claimed"
    return seconds
