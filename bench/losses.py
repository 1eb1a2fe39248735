"""Where a run shows us losing, in sentences: promises that are not kept, and contenders who were faster."""

from collections.abc import Iterator, Sequence

from bench import names
from bench.figures import LIMIT, OURS, Figure, rounded
from bench.goals import Goal

# No contenders: nobody can do what is promised with less.
_NO_CONTENDERS = (OURS, LIMIT, names.OWN_SUBMISSIONS)


def missed(goals: Sequence[Goal]) -> Iterator[str]:
    """One sentence per promise that is not kept."""
    for goal in goals:
        if not goal.holds:
            yield (
                f"{goal.name} on {goal.database}: {rounded(goal.value):g}, wanted {goal.goal};"
                f" missed by {goal.missing_percent:.0f}%."
            )


def beaten(figures: Sequence[Figure]) -> Iterator[str]:
    """One sentence per figure in which somebody else is better than ourselves on the same database."""
    for theirs, mine in _pairs(figures):
        if (factor := _factor(theirs, mine)) > 1:
            yield (
                f"{theirs.contender}, {theirs.name} on {theirs.database}: {rounded(theirs.median):g} {theirs.unit}"
                f" against {rounded(mine.median):g}, {factor:.2f} times as good."
            )


def has_others(figures: Sequence[Figure]) -> bool:
    """Whether anybody took part who could beat us."""
    return any(True for _ in _pairs(figures))


def _pairs(figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Figures of others, each with ours."""
    ours = {(each.database, each.name): each for each in figures if each.contender == OURS}
    for each in figures:
        mine = ours.get((each.database, each.name))
        if mine is not None and each.contender not in _NO_CONTENDERS and each.unit != "x":
            yield each, mine


def _factor(theirs: Figure, mine: Figure) -> float:
    """How much better they are. Of rates the higher is the better one, of times and sizes the lower one."""
    is_rate = mine.unit.endswith("per second")
    better, worse = (theirs.median, mine.median) if is_rate else (mine.median, theirs.median)
    return better / worse if worse else 1.0
