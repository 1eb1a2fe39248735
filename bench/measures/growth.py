"""How fast jobs are drained in a table that grows to a million finished ones; and, left behind for the measure of
claims, as many that are due some day.

Once in a run, in a process of its own: it takes the database longer to write the rows than to be measured with them.
"""

from collections.abc import Iterator, Sequence

from bench import copies, names, work
from bench.copies import FAR, NUMBER
from bench.figures import OURS, Reading
from meanwhile.core import clock
from meanwhile.definitions.program import Program
from meanwhile.engine.performer import EnginePerformer
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from meanwhile.queue.worker import Worker

# Drains at each size, for the spread.
DRAINS = 3


def measure(program: Program, sizes: Sequence[int], jobs: int) -> Iterator[Reading]:
    """``sizes`` ascend; of the last one, there are scheduled jobs too in the end."""
    work.clear(program)
    for size in sizes:
        _finish(program, size - Job.objects.filter(state=State.COMPLETED).count())
        for _ in range(DRAINS):
            yield Reading(names.drain_among(size), OURS, _drain(program, jobs), "jobs per second")
    _schedule(program, sizes[-1])
    copies.settle()


def _drain(program: Program, jobs: int) -> float:
    """Jobs a second, of one worker."""
    work.fill(program, work.ITEM, jobs)
    copies.settle()
    started = clock.monotonic()
    _work()
    return jobs / (clock.monotonic() - started)


def _work() -> None:
    Worker(EnginePerformer()).drain()


def _finish(program: Program, count: int) -> None:
    """``count`` finished jobs more, each with a record of its own: copies of a real one."""
    work.fill(program, work.ITEM, 1)
    _work()
    item = program.tables[work.ITEM].model
    copies.copy(item, copies.newest(item), count - 1, {"word": f"'word ' || {copies.text_of_number()}"})
    copies.copy(Job, copies.newest(Job), count - 1, _of_nobody())


def _schedule(program: Program, count: int) -> None:
    """``count`` jobs that are due from tomorrow on: copies of a waiting one."""
    work.fill(program, work.ITEM, 1)
    later = {"state": f"'{State.SCHEDULED.value}'", "due_at": copies.moments_from_tomorrow()}
    copies.copy(Job, copies.newest(Job), count, _of_nobody() | later)
    _work()


def _of_nobody() -> dict[str, str]:
    far = f"{FAR} + {NUMBER}"
    return {"line": f"'mw_bench__item:' || CAST({far} AS text)", "submission_id": far, "run_id": far}
