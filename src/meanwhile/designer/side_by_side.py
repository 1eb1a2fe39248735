"""Two texts side by side: stretches that differ, line by line, and stretches that do not, to be folded. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

# Unchanged lines that are shown around what differs.
AROUND = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A line on each side; None: there is none. ``how``: "same", "added", "removed" or "changed"."""

    how: str
    left_number: int | None
    left: str | None
    right_number: int | None
    right: str | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that belong together. ``is_folded``: nothing differs in them or near them."""

    rows: tuple[Row, ...]
    is_folded: bool


def stretches(before: str, after: str) -> list[Stretch]:
    """All lines of both texts, in order."""
    rows = _rows(before.splitlines(), after.splitlines())
    near = _near(rows)
    found: list[Stretch] = []
    start = 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or near[index] != near[start]:
            found.append(Stretch(tuple(rows[start:index]), is_folded=not near[start]))
            start = index
    return found


def _near(rows: Sequence[Row]) -> list[bool]:
    different = [index for index, row in enumerate(rows) if row.how != "same"]
    near = [False] * len(rows)
    for index in different:
        for place in range(max(0, index - AROUND), min(len(rows), index + AROUND + 1)):
            near[place] = True
    return near


def _rows(left: Sequence[str], right: Sequence[str]) -> list[Row]:
    found: list[Row] = []
    for _tag, i, i_end, j, j_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        how = "same" if _tag == "equal" else "changed"
        for one, other in zip_longest(range(i, i_end), range(j, j_end)):
            found.append(_row(how, left, one, right, other))
    return found


def _row(how: str, left: Sequence[str], one: int | None, right: Sequence[str], other: int | None) -> Row:
    if one is None or other is None:
        how = "added" if one is None else "removed"
    return Row(
        how,
        None if one is None else one + 1,
        None if one is None else left[one],
        None if other is None else other + 1,
        None if other is None else right[other],
    )
