"""How long a job waits: from the call of submit to its first step and to its commit, in a worker process of its own."""

from collections.abc import Iterator

from bench import names, work
from bench.contenders import Contender
from bench.contenders.engine import Engine
from bench.crew import Crew
from bench.figures import Reading, percentile
from bench.pace import Submitted

WARM_UP = 10


def measure(contender: Contender, crew: Crew, count: int, per_second: float) -> Iterator[Reading]:
    """Submissions at a steady pace, so that no job waits for another one.

    Jobs of three fields for ourselves alone, and those with an e-mail for ourselves and the peers.
    """
    if isinstance(contender, Engine):
        yield from _measure(contender, crew, count, per_second, "")
        yield from _measure(_Letters(contender), crew, count, per_second, names.WITH_EMAIL)
    else:
        yield from _measure(contender, crew, count, per_second, names.WITH_EMAIL)


def _measure(contender: "Contender | _Letters", crew: Crew, count: int, rate: float, kind: str) -> Iterator[Reading]:
    contender.clear()
    crew.forget()
    submitted = contender.submit(WARM_UP + count, rate)[WARM_UP:]
    done = crew.wait_for(WARM_UP + count)
    contender.settle()
    starts = _waits(submitted, {id_: start for id_, (start, _) in done.items()})
    ends = _waits(submitted, {id_: end for id_, (_, end) in done.items()})
    yield Reading(f"{names.START}{kind}, p50", contender.name, percentile(starts, 50) * 1000, "ms")
    yield Reading(f"{names.DONE}{kind}, p50", contender.name, percentile(ends, 50) * 1000, "ms")
    yield Reading(f"{names.DONE}{kind}, p99", contender.name, percentile(ends, 99) * 1000, "ms")


def _waits(submitted: list[Submitted], moments: dict[int, float]) -> list[float]:
    return [moments[id_] - started for id_, started, _ in submitted]


class _Letters:
    """The engine, submitting letters."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.clear, self.settle = engine.clear, engine.settle
        self._engine = engine

    def submit(self, count: int, per_second: float) -> list[Submitted]:
        return self._engine.submit(count, per_second, work.LETTER)
