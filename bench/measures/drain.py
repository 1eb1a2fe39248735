"""How fast one worker does the jobs that wait."""

from collections.abc import Iterator, Sequence

from bench import work
from bench.contenders import Contender
from bench.figures import Reading
from meanwhile.core import clock
from meanwhile.definitions.program import Program

BODIES = {work.ITEM: "drain, three fields a job", work.LETTER: "drain, three fields and an e-mail a job"}


def measure(program: Program, contenders: Sequence[Contender], count: int) -> Iterator[Reading]:
    """Jobs a second from the first claim to the last commit, for each kind of job."""
    for table, name in BODIES.items():
        for contender in contenders:
            work.fill(program, table, count)
            started = clock.monotonic()
            contender.drain(table)
            seconds = clock.monotonic() - started
            work.require_done(program, table, count)
            yield Reading(name, contender.name, count / seconds, "jobs per second")
