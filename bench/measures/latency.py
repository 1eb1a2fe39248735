"""How long a job waits: from the call of submit to its first step and to its commit, in a worker process of its own."""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import work
from bench.figures import OURS, Reading, percentile
from bench.waiting import LONGEST_SECONDS, until
from meanwhile.core import clock
from meanwhile.definitions.program import Program
from meanwhile.engine import intake

WARM_UP = 10


def measure(program: Program, count: int, per_second: float) -> Iterator[Reading]:
    """Submissions at a steady pace, so that no job waits for another one."""
    work.clear(program)
    with _worker() as log:
        _submit_at_pace(program, WARM_UP, per_second)
        submitted = _submit_at_pace(program, count, per_second)
        until(lambda: submitted.keys() <= _read(log).keys(), "the jobs to be done")
        done = _read(log)
    starts = [done[id_][0] - at for id_, at in submitted.items()]
    ends = [done[id_][1] - at for id_, at in submitted.items()]
    yield Reading("submit to start, p50", OURS, percentile(starts, 50) * 1000, "ms")
    yield Reading("submit to done, p50", OURS, percentile(ends, 50) * 1000, "ms")
    yield Reading("submit to done, p99", OURS, percentile(ends, 99) * 1000, "ms")


def _submit_at_pace(program: Program, count: int, per_second: float) -> dict[int, float]:
    """When each record's submission began. The gaps vary, so that they fall in step with nothing."""
    submitted = {}
    for number in range(count):
        time.sleep(random.uniform(0.5, 1.5) / per_second)
        started = clock.monotonic()
        submitted[intake.submit(program, work.ITEM, work.values(number)).record_id] = started
    return submitted


@contextmanager
def _worker() -> Iterator[Path]:
    """A worker process; the file in which it notes when it did what."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "done"
        process = subprocess.Popen([sys.executable, "-m", "bench.noting_worker", str(log)])
        try:
            until(log.exists, "the worker to start")
            yield log
        finally:
            process.terminate()
            process.wait(LONGEST_SECONDS)


def _read(log: Path) -> dict[int, tuple[float, float]]:
    lines = [line.split() for line in log.read_text().splitlines()]
    return {int(id_): (float(start), float(end)) for id_, start, end in lines}
