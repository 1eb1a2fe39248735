"""An event's tree as rows: items, the lists around them, and the line where the person goes on.

Everything stands in one flat list, in the order of the page; ``tree_markup`` writes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.definitions.document import title_of
from meanwhile.definitions.editing import tree
from meanwhile.definitions.inspection import Inspection
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.definitions.nodes import NodeDef
from meanwhile.definitions.problems import Located
from meanwhile.designer.settings_form import Choosing
from meanwhile.designer.tree_words import Piece, label_of, line_of

type Plain = dict[str, Any]
type Place = tuple[str | int, ...]

OTHERWISE = ":otherwise"


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of the page. ``sort``: what is written; the rest is for items and lists.

    ``id``: the selection that it stands for, "" for the event. ``lane``: it runs in the background.
    ``owns``: what an item has below it, as the page names it.
    ``has_chip``: a label says that what is below it runs in the background.
    """

    sort: Literal["li", "/li", "item", "ul", "/ul", "marker"]
    id: str = ""
    kind: str = ""
    level: int = 1
    owns: str = ""
    side: str = "do"
    name: str = ""
    label: str = ""
    line: Sequence[Piece] | None = ()
    is_selected: bool = False
    is_parent: bool = False
    is_disabled: bool = False
    lane: bool = False
    has_chip: bool = False
    errors: str = ""
    warnings: str = ""


def event_title(plain: Plain, event: str) -> str:
    """An event in words: ``When a booking is saved``."""
    if event.startswith("form:"):
        key = event.removeprefix("form:")
        form = (plain.get("forms") or {}).get(key) or {}
        return _("When “{form}” is submitted").format(form=title_of(str(form.get("title") or ""), key))
    table_key, _dot, key = event.partition(".")
    table = (plain.get("tables") or {}).get(table_key) or {}
    label = title_of(str(table.get("label") or ""), table_key)
    if key == RECORD_UPDATE:
        return _("When a record of “{table}” is saved").format(table=label)
    given = (table.get("events") or {}).get(key)
    own = title_of(str((given.get("label") if isinstance(given, dict) else "") or ""), key)
    return _("When “{event}” of “{table}” is triggered").format(event=own, table=label)


def is_saved_by_people(event: str) -> bool:
    """Whether somebody waits for its synchronous part."""
    return event.startswith("form:") or event.endswith(f".{RECORD_UPDATE}")


def problems_by_place(inspection: Inspection, event: str) -> Mapping[Place, list[Located]]:
    """The problems of an event, by the place of the node that they are about: ``(0, "do", 2)``; those of the event
    itself at ``()``."""
    at = tree.event_loc(event)
    found: dict[Place, list[Located]] = {}
    for problem in inspection.at(at):
        rest = problem.loc[len(at) :]
        found.setdefault(_node_place(rest[1:] if rest[:1] == ("do",) else rest), []).append(problem)
    return found


def _node_place(rest: Place) -> Place:
    """The part of a place that leads to a node."""
    if not rest or not isinstance(rest[0], int):
        return ()
    place = rest[:1]
    while len(rest) > len(place) + 1 and rest[len(place)] in tree.SIDES and isinstance(rest[len(place) + 1], int):
        place = rest[: len(place) + 2]
    return place


class Rows:
    """Makes the rows of one event."""

    def __init__(self, inspection: Inspection, event: str, selected: str, choosing: Choosing) -> None:
        self.problems = problems_by_place(inspection, event)
        self._plain = inspection.plain
        self._event = event
        self._selected = selected
        self._choosing = choosing
        self._compiled = dict(_compiled(inspection, event))

    def all(self) -> Iterator[Row]:
        """The whole tree: the event with everything below it."""
        nodes = tree.roots(self._plain, self._event)
        yield Row("li", lane=False)
        yield self._event_item(nodes)
        yield Row("ul", side="do")
        yield from self._nodes(nodes, (), 2, False, self._next_page_after(nodes))
        yield Row("/ul")
        yield Row("/li")

    def _event_item(self, nodes: Sequence[Plain]) -> Row:
        return Row(
            "item",
            kind="event",
            owns="-do",
            line=[Piece(event_title(self._plain, self._event))],
            is_selected=not self._selected,
            is_parent=bool(nodes),
            **_counts(self.problems.get((), ())),
        )

    def _next_page_after(self, nodes: Sequence[Plain]) -> int | None:
        """Behind which of the outermost nodes, counted from 1, the person goes on; None where nobody waits."""
        if not nodes or not is_saved_by_people(self._event):
            return None
        return max((index for index, node in enumerate(nodes, 1) if _keeps_waiting(node)), default=0)

    def _nodes(
        self, nodes: Sequence[Plain], at: Place, level: int, lane: bool, marker: int | None = None
    ) -> Iterator[Row]:
        if marker == 0:
            yield Row("marker")
        for index, node in enumerate(nodes):
            yield from self._node(node, (*at, index), level, lane)
            if marker == index + 1:
                yield Row("marker")

    def _node(self, node: Plain, place: Place, level: int, lane: bool) -> Iterator[Row]:
        id_, kind = str(node.get("id", "")), tree.kind(node)
        inner = lane or kind == "execution"
        yield Row("li", id_, kind or "", lane=inner, is_disabled=bool(node.get("disabled")))
        yield self._item(node, place, level, inner)
        if kind in ("condition", "execution") or node.get("do"):
            yield from self._list(node, "do", place, level, inner)
        if kind == "condition" or node.get("otherwise"):
            yield self._otherwise(node, level, inner)
            yield from self._list(node, "otherwise", place, level, inner)
        yield Row("/li")

    def _list(self, node: Plain, side: str, place: Place, level: int, lane: bool) -> Iterator[Row]:
        yield Row("ul", str(node.get("id", "")), side=side)
        yield from self._nodes(node.get(side) or (), (*place, side), level + 1, lane)
        yield Row("/ul")

    def _item(self, node: Plain, place: Place, level: int, lane: bool) -> Row:
        name, label, line = (
            str(node.get("name") or ""),
            label_of(node),
            line_of(node, self._choosing, self._sound(place)),
        )
        has_chip = tree.kind(node) == "execution"
        if has_chip and line and line[0].text.casefold() == _("in the background").casefold():
            line = [] if name else [Piece(label)]  # the chip says it
        return Row(
            "item",
            str(node.get("id", "")),
            tree.kind(node) or "unknown",
            level,
            f"{node.get('id', '')}-do",
            name=name,
            label=label,
            line=line,
            is_selected=self._selected == node.get("id"),
            is_parent=bool(node.get("do")),
            is_disabled=bool(node.get("disabled")),
            lane=lane,
            has_chip=has_chip,
            **_counts(self.problems.get(place, ())),
        )

    def _sound(self, place: Place) -> NodeDef | None:
        """The node at ``place`` as it was read; None where something is wrong with it, and another may stand there."""
        is_wrong = any(problem.severity == "error" for problem in self.problems.get(place, ()))
        return None if is_wrong else self._compiled.get(place)

    def _otherwise(self, node: Plain, level: int, lane: bool) -> Row:
        id_ = f"{node.get('id', '')}{OTHERWISE}"
        return Row(
            "item",
            id_,
            "otherwise",
            level,
            f"{node.get('id', '')}-otherwise",
            line=[Piece(_("Otherwise"))],
            is_selected=self._selected == id_,
            is_parent=bool(node.get("otherwise")),
            lane=lane,
        )


def _compiled(inspection: Inspection, event: str) -> Iterator[tuple[Place, NodeDef]]:
    """The nodes of an event as they were read, by place."""
    skipped = len(tree.event_loc(event)) + 1
    for definition in inspection.document.trees() if inspection.document else ():
        if definition.event == event:
            yield from ((loc[skipped:], node) for loc, node in definition.nodes())


def _keeps_waiting(node: Plain) -> bool:
    """Whether something of it is done before the next page: an action that stands under no execution object."""
    if node.get("disabled") or tree.kind(node) == "execution":
        return False
    return tree.kind(node) == "action" or any(
        _keeps_waiting(child) for side in tree.SIDES for child in node.get(side) or ()
    )


def _counts(problems: Sequence[Located]) -> dict[str, Any]:
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    return {
        "errors": ngettext("{n} error", "{n} errors", errors).format(n=errors) if errors else "",
        "warnings": ngettext("{n} warning", "{n} warnings", warnings).format(n=warnings) if warnings else "",
    }
