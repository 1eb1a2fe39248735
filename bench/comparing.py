"""How we compare with the peers, round by round: with the best of them in each figure, and with two by name.

The best is looked for among the bodies that a user of each peer would write; those with one save for everything stand
in the table beside them.
"""

from collections.abc import Sequence
from dataclasses import replace

from bench import names
from bench.figures import OURS, Figure, ratios
from bench.peers import PEERS

BEST = "best peer"
# In which figure we are compared with a peer by name.
BY_NAME = {
    "Celery": (names.drain(names.EMAIL), names.drain(names.EMAIL, 2)),
    "huey": (f"{names.DONE}{names.WITH_EMAIL}, p50",),
}


def compared(figures: Sequence[Figure]) -> list[Figure]:
    """The best peer in each figure, and what ours are divided by it and by those in ``BY_NAME``."""
    best = _best(figures)
    found = [*best, *ratios([*figures, *best], OURS, BEST)]
    for peer, wanted in BY_NAME.items():
        found += ratios([each for each in figures if each.name in wanted], OURS, peer)
    return found


def _best(figures: Sequence[Figure]) -> list[Figure]:
    peers = {each.name for each in PEERS.values()}
    groups: dict[tuple[str, str], list[Figure]] = {}
    for each in figures:
        if each.contender in peers and not each.name.startswith("idle"):
            groups.setdefault((each.database, each.name), []).append(each)
    best = [_best_of(each) for each in groups.values()]
    return best + [same for each in best for same in _as_function(each)]


def _best_of(group: Sequence[Figure]) -> Figure:
    better = min if group[0].unit == "ms" else max
    values = tuple(better(values) for values in zip(*(each.values for each in group), strict=True))
    return replace(group[0], contender=BEST, values=values)


def _as_function(best: Figure) -> list[Figure]:
    """A peer's job is a Python function that saves by itself: the measure for ours that call one."""
    return [
        replace(best, name=names.drain(names.FUNCTION, workers))
        for workers in (1, 2)
        if best.name == names.drain(names.EMAIL, workers)
    ]
