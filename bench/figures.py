"""What was measured: readings of single rounds, and the figures over all rounds."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

# Who is measured.
OURS, LIMIT = "Meanwhile", "driver alone"


def against(other: str) -> str:
    """The contender of a figure that is ours divided by another one's."""
    return ratio(OURS, other)


def ratio(one: str, other: str) -> str:
    """The contender of a figure that is one divided by the other."""
    return f"{one} / {other}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one round."""

    name: str
    contender: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Figure:
    """The values of one thing over all rounds, in their order."""

    database: str
    name: str
    contender: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def to_plain(self) -> dict[str, Any]:
        """For ``latest.json``."""
        return {
            "name": self.name,
            "database": self.database,
            "contender": self.contender,
            "median": rounded(self.median),
            "lowest": rounded(min(self.values)),
            "highest": rounded(max(self.values)),
            "unit": self.unit,
            "rounds": len(self.values),
        }


def gather(rounds: Iterable[tuple[str, Sequence[Reading]]]) -> list[Figure]:
    """The figures of all ``rounds``, each given with the name of its database; in the order of the first readings."""
    values: dict[tuple[str, str, str, str], list[float]] = {}
    for database, readings in rounds:
        for each in readings:
            values.setdefault((database, each.name, each.contender, each.unit), []).append(each.value)
    return [Figure(*key, tuple(found)) for key, found in values.items()]


def ratios(figures: Sequence[Figure], one: str, other: str) -> list[Figure]:
    """``one`` divided by ``other``, round by round, wherever both were measured: what a busy machine spoils least."""
    others = {(each.database, each.name): each for each in figures if each.contender == other}
    return [
        Figure(
            each.database,
            each.name,
            ratio(one, other),
            "x",
            tuple(
                mine / theirs for mine, theirs in zip(each.values, others[each.database, each.name].values, strict=True)
            ),
        )
        for each in figures
        if each.contender == one and (each.database, each.name) in others
    ]


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that ``percent`` of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * percent / 100) - 1)]


def rounded(value: float) -> float:
    """Three digits that mean something."""
    return 0.0 if value == 0 else round(value, max(0, 2 - math.floor(math.log10(abs(value)))))
