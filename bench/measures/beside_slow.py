"""How long letters take while a call of two seconds is always under way, beside how long they take without one.

A slow call is submitted together with a letter, so that the worker has both in one batch.
"""

import os
import random
import time
from collections.abc import Iterator

from bench import names, processes, site_work, work
from bench.figures import Reading, percentile
from bench.waiting import until
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED

SLOW_SECONDS = 2.0
WARM_UP = 10


def measure(program: Program, number: int, count: int, per_second: float) -> Iterator[Reading]:
    """Half-way and outermost time of ``count`` letters each; who is first changes with the ``number`` of the round."""
    work.clear(program)
    worker = processes.start(os.environ, "worker")
    try:
        _times(program, WARM_UP, per_second, has_slow=False)
        for has_slow in (True, False) if number % 2 else (False, True):
            times = _times(program, count, per_second, has_slow=has_slow)
            who = names.BESIDE_SLOW if has_slow else names.WITHOUT_SLOW
            yield Reading(f"{names.LETTERS}, p50", who, percentile(times, 50) * 1000, "ms")
            yield Reading(f"{names.LETTERS}, p90", who, percentile(times, 90) * 1000, "ms")
    finally:
        processes.stop([worker])


def _times(program: Program, count: int, per_second: float, *, has_slow: bool) -> list[float]:
    """Seconds from the writing of each letter's job to that of its end, both by the database's clock."""
    last = Job.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    slow_at = 0.0
    for number in range(count):
        time.sleep(random.uniform(0.5, 1.5) / per_second)
        if has_slow and time.monotonic() >= slow_at:
            slow_at = time.monotonic() + SLOW_SECONDS
            intake.submit(program, site_work.SLOW_CALL, work.values(number))
        intake.submit(program, site_work.LETTER, work.values(number))
    until(lambda: not Job.objects.filter(state__in=UNFINISHED).exists(), "the jobs to be done")
    letters = program.tables[site_work.LETTER].db_table
    done = Job.objects.filter(pk__gt=last, line__startswith=f"{letters}:")
    times = [(job.finished_at - job.created_at).total_seconds() for job in done if job.finished_at]
    assert len(times) == count, f"{len(times)} of {count} letters are done"
    return times
