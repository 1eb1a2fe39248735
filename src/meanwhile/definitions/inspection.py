"""A draft looked at as far as it can be: everything that is wrong with it, also where it does not load as a whole.

A node whose settings are still empty must not hide what is wrong elsewhere. So what does not load is put aside, by
something harmless of the same shape at the same place, and the rest is checked as always.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from meanwhile.definitions.check import check
from meanwhile.definitions.document import Document
from meanwhile.definitions.loading import load_plain
from meanwhile.definitions.problems import BESIDE_TYPE, DocumentErrors, Loc, Located
from meanwhile.plugins import registry
from meanwhile.plugins.contracts import Action

type Plain = dict[str, Any]

# Each round mends every place that is wrong; what is wrong within a mended place shows up in the next.
_ROUNDS = 6


@dataclass(frozen=True)
class Inspection:
    """What is known of a draft. ``document``: as far as it loads, with what does not put aside; None where nothing
    loads. ``problems``: errors and warnings, those of loading first. ``is_whole``: it loads as it stands."""

    plain: Plain
    document: Document | None
    problems: tuple[Located, ...]
    is_whole: bool

    @property
    def errors(self) -> tuple[Located, ...]:
        """What keeps it from being published."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Located, ...]:
        """What a designer would rather know."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    def at(self, loc: Loc) -> tuple[Located, ...]:
        """The problems at ``loc`` and below it."""
        return tuple(problem for problem in self.problems if problem.loc[: len(loc)] == loc)


def inspect(plain: Plain) -> Inspection:
    """Everything that is wrong with ``plain``. Reads the registries, saves nothing."""
    aside: list[Loc] = []
    broken: list[Located] = []
    rest = plain
    for _round in range(_ROUNDS):
        try:
            document = load_plain(rest)
        except DocumentErrors as errors:
            fresh = [problem for problem in errors.problems if not _covered(problem.loc, aside)]
            broken += fresh
            rest = _set_aside(rest, [problem.loc for problem in errors.problems], aside)
        else:
            found = [problem for problem in check(document) if not _covered(problem.loc, aside)]
            return Inspection(plain, document, (*broken, *found), is_whole=not aside)
    return Inspection(plain, None, tuple(broken), is_whole=False)


def _covered(loc: Loc, aside: Iterable[Loc]) -> bool:
    """Whether ``loc`` is what was put aside, or one of its own settings; its children are their own places."""
    return any(
        loc[: len(place)] == place and not any(part in ("do", "otherwise") for part in loc[len(place) :])
        for place in aside
    )


def _set_aside(plain: Plain, locs: Iterable[Loc], aside: list[Loc]) -> Plain:
    for loc in locs:
        place = _place(plain, loc)
        if place not in aside:
            aside.append(place)
        plain = _replaced(plain, place, _harmless)
    return plain


def _place(plain: Plain, loc: Loc) -> Loc:
    """The node, field, form, page, event or table around ``loc`` that is put aside."""
    sides = [index for index, part in enumerate(loc[:-1]) if part in ("do", "otherwise") and "events" in loc[:index]]
    for index in reversed(sides):
        if isinstance(loc[index + 1], int):
            return loc[: index + 2]
    if loc[:1] == ("tables",) and len(loc) >= 4 and loc[2] in ("fields", "events"):
        return _with_list(plain, loc, 4)
    return loc[:2] if loc[:1] in (("tables",), ("forms",), ("pages",)) and len(loc) > 1 else loc[:1]


def _with_list(plain: Plain, loc: Loc, length: int) -> Loc:
    """An event that is written as a list has its nodes right below it."""
    if loc[2] == "events" and len(loc) > length and isinstance(loc[length], int):
        return loc[: length + 1]
    return loc[:length]


def _replaced(value: Any, loc: Loc, replace: Any) -> Any:
    """A copy of ``value`` with what is at ``loc`` replaced; unchanged where there is nothing."""
    if not loc:
        return replace(value)
    part, rest = loc[0], loc[1:]
    if isinstance(value, dict) and part in value:
        made = _replaced(value[part], rest, replace)
        return {key: made if key == part else item for key, item in value.items() if key != part or made is not _GONE}
    if isinstance(value, list) and part == "do":  # an event in its short form
        return _replaced(value, rest, replace)
    if isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
        made = _replaced(value[part], rest, replace)
        return [*value[:part], _PASSED_OVER if made is _GONE else made, *value[part + 1 :]]
    return value


_GONE = object()
_PASSED_OVER = {"if": "true", "disabled": True}


def _harmless(value: Any) -> Any:
    """Something of the same shape that loads: a node that is passed over, a text field, nothing."""
    if isinstance(value, dict) and "type" in value:
        return {"type": "text"} if value != {"type": "text"} else _GONE
    if not isinstance(value, dict) or not _is_node(value):
        return _GONE
    children = {side: value[side] for side in ("do", "otherwise") if isinstance(value.get(side), list)}
    type_ = next((key for key in value if key not in BESIDE_TYPE), "")
    plugin = registry.nodes.get(type_)
    if plugin is None or isinstance(plugin, Action) or not children:
        return _PASSED_OVER if isinstance(plugin, Action) else {**_PASSED_OVER, **children}
    return {"if": "true", **children} if "otherwise" in children else {"background": None, **children}


def _is_node(value: Plain) -> bool:
    return bool(value) and "fields" not in value and "table" not in value and "kind" not in value
