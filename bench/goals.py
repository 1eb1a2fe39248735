"""What is promised of the figures, and whether a run keeps it. One line of ``GOALS`` per promise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench import names
from bench.comparing import BEST
from bench.figures import LIMIT, OURS, Figure, against, ratio, rounded
from bench.plan import FULL, NODES


@dataclass(frozen=True, slots=True)
class Bound:
    """``word`` is one of "at least", "at most" and "under"."""

    word: str
    limit: float
    unit: str

    def __str__(self) -> str:
        gap = "" if self.unit.startswith("%") else " "
        return f"{self.word} {self.limit:g}{gap}{self.unit}"

    def holds(self, value: float) -> bool:
        if self.word == "at least":
            return value >= self.limit
        return value < self.limit or (value == self.limit and self.word == "at most")

    def missing_percent(self, value: float) -> float:
        """How far ``value`` is beyond the bound, in percent of the bound."""
        return 100 * abs(value - self.limit) / self.limit


@dataclass(frozen=True, slots=True)
class Promise:
    """The median of a figure of ``contender`` keeps to ``bound`` on every database on which it is measured."""

    figure: str
    contender: str
    bound: Bound


@dataclass(frozen=True, slots=True)
class Goal:
    """A promise on one database, and what came out."""

    promise: Promise
    database: str
    value: float

    @property
    def name(self) -> str:
        return f"{self.promise.figure} ({self.promise.contender})"

    @property
    def goal(self) -> str:
        return str(self.promise.bound)

    @property
    def holds(self) -> bool:
        return self.promise.bound.holds(self.value)

    @property
    def missing_percent(self) -> float:
        """How far it is missed, in percent of what is promised; 0 when it is kept."""
        return 0.0 if self.holds else self.promise.bound.missing_percent(self.value)

    def to_plain(self) -> dict[str, Any]:
        """For ``latest.json``."""
        return {
            "name": self.name,
            "database": self.database,
            "goal": self.goal,
            "value": rounded(self.value),
            "holds": self.holds,
        }


def at_least(limit: float, unit: str = "x") -> Bound:
    return Bound("at least", limit, unit)


def at_most(limit: float, unit: str = "x") -> Bound:
    return Bound("at most", limit, unit)


def under(limit: float, unit: str) -> Bound:
    return Bound("under", limit, unit)


# Who is divided by whom, round by round.
PAIRS = (
    (OURS, LIMIT),
    (OURS, names.OWN_SUBMISSIONS),
    (names.BESIDE_SLOW, names.WITHOUT_SLOW),
    (names.IN_FULL_TABLE, names.IN_EMPTY_TABLE),
)
GOALS: tuple[Promise, ...] = (
    Promise("submit, p50", against(LIMIT), at_most(1.5)),
    Promise("drain, three fields a job", against(LIMIT), at_least(0.6)),
    Promise("drain, three fields and an e-mail a job", against(LIMIT), at_least(0.6)),
    Promise("submit, p50", against(BEST), under(1, "x")),
    Promise(names.drain(names.EMAIL), against("Celery"), at_least(20)),
    Promise(names.drain(names.EMAIL), against(BEST), at_least(15)),
    Promise(names.drain(names.FUNCTION), against(BEST), at_least(1)),
    Promise(f"{names.DONE}{names.WITH_EMAIL}, p50", against("huey"), under(1, "x")),
    Promise("submit to start, p50", OURS, under(50, "ms")),
    Promise("submit to done, p50", OURS, under(2.5, "ms")),
    Promise("submit to done, p99", OURS, under(8, "ms")),
    Promise(f"designer, {NODES} nodes: open, p50", OURS, under(200, "ms")),
    Promise(f"designer, {NODES} nodes: one edit, p50", OURS, under(200, "ms")),
    Promise("idle, web and worker: CPU", OURS, under(1, "% of a core")),
    Promise("idle, web and worker: memory", OURS, under(150, "MB")),
    Promise(names.FORMS, against(names.OWN_SUBMISSIONS), at_least(0.75)),
    Promise(names.CLAIM, ratio(names.IN_FULL_TABLE, names.IN_EMPTY_TABLE), at_most(1.1)),
    # No more than latencies differ from one minute to the next anyway.
    Promise(f"{names.LETTERS}, p50", ratio(names.BESIDE_SLOW, names.WITHOUT_SLOW), at_most(1.2)),
    # A shorter soak tells how large things become, not whether they stay so.
    Promise(names.soak(FULL.soak_seconds, names.MEMORY_GROWTH), OURS, under(5, "%")),
    Promise(names.soak(FULL.soak_seconds, names.DATABASE_GROWTH), OURS, under(5, "%")),
)


def judge(figures: Sequence[Figure], promises: Iterable[Promise] = GOALS) -> list[Goal]:
    """Hold the figures against the promises, in the order of these. What was not measured is not judged."""
    return [
        Goal(promise, each.database, each.median)
        for promise in promises
        for each in figures
        if (each.name, each.contender) == (promise.figure, promise.contender)
    ]
