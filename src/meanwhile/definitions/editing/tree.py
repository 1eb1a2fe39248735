"""Changes of an event's tree: nodes are put in, moved, copied, switched off, set up and taken out.

An event is named as everywhere, ``booking.record_update`` or ``form:book``; a node by its id. A ``Spot`` is a place
between nodes. Everything here returns a new document and leaves the old one as it was.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from meanwhile.core.ids import node_id
from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.identity import tree_of, type_of
from meanwhile.definitions.nodes import Kind, kind_of
from meanwhile.plugins import registry

type Plain = dict[str, Any]
type Side = Literal["do", "otherwise"]

SIDES: tuple[Side, Side] = ("do", "otherwise")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place among the children of ``parent`` ("": of the event itself) on one side; ``index`` None: the end."""

    parent: str = ""
    side: Side = "do"
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A node with its place. ``above``: the nodes around it, outermost first; ``path``: what leads to it from the
    event's list of nodes, such as ``(0, "do", 2)``."""

    node: Plain
    spot: Spot
    siblings: tuple[Plain, ...]
    above: tuple[Plain, ...]
    path: tuple[str | int, ...]

    @property
    def index(self) -> int:
        return self.spot.index or 0


# --- looking ---------------------------------------------------------------------------------------------------------


def event_loc(event: str) -> tuple[str, str, str, str]:
    """Where an event stands in the document: ``("tables", "booking", "events", "record_update")``."""
    if event.startswith("form:"):
        return ("forms", event.removeprefix("form:"), "events", "record_update")
    table, _dot, key = event.partition(".")
    return ("tables", table, "events", key)


def roots(plain: Plain, event: str) -> list[Plain]:
    """The outermost nodes of an event; none where it does not exist yet."""
    value: Any = plain
    for key in event_loc(event):
        value = value.get(key) if isinstance(value, dict) else None
    return [node for node in tree_of(value) if isinstance(node, dict)]


def kind(node: Plain) -> Kind | None:
    """What sort of node it is; None where its type is not installed."""
    plugin = registry.nodes.get(type_or_nothing(node))
    return kind_of(plugin) if plugin else None


def type_or_nothing(node: Plain) -> str:
    """The type of a node; empty where it has none."""
    try:
        return type_of(node)
    except StopIteration:
        return ""


def walk(
    nodes: list[Plain],
    parent: str = "",
    side: Side = "do",
    above: tuple[Plain, ...] = (),
    at: tuple[str | int, ...] = (),
) -> Iterator[Found]:
    """Every node below, in the order of the walk."""
    siblings = tuple(nodes)
    for index, node in enumerate(nodes):
        yield Found(node, Spot(parent, side, index), siblings, above, (*at, index))
        for inner in SIDES:
            if children := node.get(inner):
                yield from walk(children, node.get("id", ""), inner, (*above, node), (*at, index, inner))


def find(plain: Plain, event: str, id_: str) -> Found:
    """The node ``id_``. EditRefused where the tree has none: somebody may have deleted it."""
    if found := _search(id_, roots(plain, event)):
        return found
    raise EditRefused(_("This object is not in the tree any more."))


def _search(
    id_: str,
    nodes: list[Plain],
    parent: str = "",
    side: Side = "do",
    above: tuple[Plain, ...] = (),
    at: tuple[str | int, ...] = (),
) -> Found | None:
    """The first node of ``walk`` that is ``id_``. A page asks this a dozen times, so nothing is made on the way."""
    for index, node in enumerate(nodes):
        if node.get("id") == id_:
            return Found(node, Spot(parent, side, index), tuple(nodes), above, (*at, index))
        for inner in SIDES:
            if (children := node.get(inner)) and (
                found := _search(id_, children, node.get("id", ""), inner, (*above, node), (*at, index, inner))
            ):
                return found
    return None


def spot_for(plain: Plain, event: str, selected: str) -> Spot:
    """Where a new node goes when ``selected`` is: into an object that has children, behind an action, at the end where
    nothing is selected. ``<id>:otherwise`` is the other side of a condition."""
    if not selected:
        return Spot()
    id_, _colon, side = selected.partition(":")
    found = find(plain, event, id_)
    if side == "otherwise":
        return Spot(id_, "otherwise")
    if kind(found.node) == "action" or kind(found.node) is None:
        return Spot(found.spot.parent, found.spot.side, found.index + 1)
    return Spot(id_)


# --- putting in and taking out ---------------------------------------------------------------------------------------


def new_node(type_: str) -> Plain:
    """A node of that type, not set up yet. EditRefused where no such type is installed."""
    if type_ not in registry.nodes:
        raise EditRefused(_('There is no object of type "{type}".').format(type=type_[:80]))
    return {type_: None, "id": node_id()}


def insert(plain: Plain, event: str, spot: Spot, *nodes: Plain) -> Plain:
    """Put ``nodes`` at ``spot``. EditRefused where nothing can stand there."""
    _refuse_parent(plain, event, spot)

    def put(children: list[Plain]) -> list[Plain]:
        index = len(children) if spot.index is None else min(spot.index, len(children))
        return [*children[:index], *nodes, *children[index:]]

    return _with_children(plain, event, spot, put)


def _refuse_parent(plain: Plain, event: str, spot: Spot) -> None:
    if not spot.parent:
        return
    sort = kind(find(plain, event, spot.parent).node)
    if sort == "action":
        raise EditRefused(_("An action has no children; put it below a condition or an execution object."))
    if spot.side == "otherwise" and sort != "condition":
        raise EditRefused(_("Only a condition has another side."))


def remove(plain: Plain, event: str, id_: str) -> Plain:
    """Take a node out, with all below it."""
    spot = find(plain, event, id_).spot
    return _with_children(plain, event, spot, lambda nodes: [node for node in nodes if node.get("id") != id_])


def duplicate(plain: Plain, event: str, id_: str) -> tuple[Plain, str]:
    """A copy right behind the node, with ids of its own; the document and the copy's id."""
    found = find(plain, event, id_)
    copy = fresh(found.node)
    spot = Spot(found.spot.parent, found.spot.side, found.index + 1)
    return insert(plain, event, spot, copy), copy["id"]


def paste(plain: Plain, event: str, spot: Spot, node: Plain) -> tuple[Plain, str]:
    """Put in what was cut or copied. Ids that are taken in this document are made anew; the document and the id."""
    taken = all_ids(plain)
    made = fresh(node) if any(id_ in taken for id_ in ids_in(node)) else node
    made = made if made.get("id") else fresh(made)
    return insert(plain, event, spot, made), made["id"]


def fresh(node: Plain) -> Plain:
    """A copy of a node and all below it, with new ids."""
    copy = {**node, "id": node_id()}
    return copy | {side: [fresh(child) for child in node[side]] for side in SIDES if node.get(side)}


def ids_in(node: Plain) -> set[str]:
    """The ids of a node and of all below it."""
    return {found.node["id"] for found in walk([node]) if found.node.get("id")}


def all_ids(plain: Plain) -> set[str]:
    """The ids of all nodes of a document."""
    return {found.node["id"] for event in events(plain) for found in walk(roots(plain, event)) if found.node.get("id")}


def events(plain: Plain) -> list[str]:
    """The events of a document, of tables, then of forms."""
    tables, forms = plain.get("tables") or {}, plain.get("forms") or {}
    return [
        *(f"{key}.{event}" for key, table in tables.items() for event in (table or {}).get("events") or {}),
        *(f"form:{key}" for key, form in forms.items() for _event in (form or {}).get("events") or {}),
    ]


# --- moving ----------------------------------------------------------------------------------------------------------


def move(plain: Plain, event: str, id_: str, spot: Spot) -> Plain:
    """Move a node, with all below it, to ``spot``, which is counted before the move. EditRefused for a place inside."""
    found = find(plain, event, id_)
    if spot.parent in ids_in(found.node):
        raise EditRefused(_("An object cannot stand inside itself."))
    index = spot.index
    is_same_list = (spot.parent, spot.side) == (found.spot.parent, found.spot.side)
    if index is not None and is_same_list and found.index < index:
        index -= 1
    return insert(remove(plain, event, id_), event, Spot(spot.parent, spot.side, index), found.node)


def up(plain: Plain, event: str, id_: str) -> Plain:
    """Before the sibling above it."""
    found = find(plain, event, id_)
    if found.index == 0:
        raise EditRefused(_("It is the first one here."))
    return move(plain, event, id_, Spot(found.spot.parent, found.spot.side, found.index - 1))


def down(plain: Plain, event: str, id_: str) -> Plain:
    """Behind the sibling below it."""
    found = find(plain, event, id_)
    if found.index == len(found.siblings) - 1:
        raise EditRefused(_("It is the last one here."))
    return move(plain, event, id_, Spot(found.spot.parent, found.spot.side, found.index + 2))


def indent(plain: Plain, event: str, id_: str) -> Plain:
    """Below the sibling above it, as its last child."""
    found = find(plain, event, id_)
    if found.index == 0:
        raise EditRefused(_("Nothing stands above it that it could go below."))
    above = found.siblings[found.index - 1]
    if kind(above) not in ("condition", "execution"):
        raise EditRefused(_("What stands above it is an action, which has no children."))
    return move(plain, event, id_, Spot(above["id"]))


def outdent(plain: Plain, event: str, id_: str) -> Plain:
    """Out of its parent, right behind it."""
    found = find(plain, event, id_)
    if not found.spot.parent:
        raise EditRefused(_("It stands at the left already."))
    parent = find(plain, event, found.spot.parent)
    return move(plain, event, id_, Spot(parent.spot.parent, parent.spot.side, parent.index + 1))


def wrap(plain: Plain, event: str, id_: str, type_: str, *, following: bool = False) -> tuple[Plain, str]:
    """Put a node below a new object of ``type_`` at its place; ``following``: with the siblings behind it. The document
    and the new object's id."""
    found = find(plain, event, id_)
    inside = list(found.siblings[found.index :]) if following else [found.node]
    around = {**new_node(type_), "do": inside}
    ids = {node["id"] for node in inside}

    def put(nodes: list[Plain]) -> list[Plain]:
        kept = [node for node in nodes if node.get("id") not in ids]
        return [*kept[: found.index], around, *kept[found.index :]]

    return _with_children(plain, event, found.spot, put), around["id"]


# --- one node --------------------------------------------------------------------------------------------------------


def set_disabled(plain: Plain, event: str, id_: str, disabled: bool) -> Plain:
    """Pass a node over, or walk it again."""
    return _with_node(plain, event, id_, lambda node: _with_key(node, "disabled", disabled))


def configure(plain: Plain, event: str, id_: str, settings: Any, *, name: str = "", note: str = "") -> Plain:
    """Give a node its settings, as they stand under its type in a document, its name and its note."""

    def put(node: Plain) -> Plain:
        made = {key: settings if key == type_or_nothing(node) else value for key, value in node.items()}
        return _with_key(_with_key(made, "name", name), "note", note)

    return _with_node(plain, event, id_, put)


def _with_key(node: Plain, key: str, value: Any) -> Plain:
    """``node`` with ``key`` set; without it where there is nothing to say."""
    rest = {name: kept for name, kept in node.items() if name != key}
    return {**rest, key: value} if value else rest


# --- how documents are rebuilt ---------------------------------------------------------------------------------------


def _with_node(plain: Plain, event: str, id_: str, put: Callable[[Plain], Plain]) -> Plain:
    spot = find(plain, event, id_).spot
    return _with_children(
        plain, event, spot, lambda nodes: [put(node) if node.get("id") == id_ else node for node in nodes]
    )


def _with_children(plain: Plain, event: str, spot: Spot, put: Callable[[list[Plain]], list[Plain]]) -> Plain:
    """The document with the children at ``spot`` as ``put`` makes them of those that are there."""
    nodes = roots(plain, event)
    made = put(nodes) if not spot.parent else _below(nodes, spot, put)
    document: Plain = _with_tree(plain, event_loc(event), made)
    return document


def _below(nodes: list[Plain], spot: Spot, put: Callable[[list[Plain]], list[Plain]]) -> list[Plain]:
    return [_child(node, spot, put) for node in nodes]


def _child(node: Plain, spot: Spot, put: Callable[[list[Plain]], list[Plain]]) -> Plain:
    if node.get("id") == spot.parent:
        return _with_side(node, spot.side, put(node.get(spot.side) or []))
    made = node
    for side in SIDES:
        if node.get(side):
            children = _below(node[side], spot, put)
            if any(new is not old for new, old in zip(children, node[side], strict=True)):
                made = _with_side(made, side, children)
    return made


def _with_side(node: Plain, side: Side, children: list[Plain]) -> Plain:
    """Children stand last in a node, those of ``do`` first."""
    sides = {**{key: node[key] for key in SIDES if node.get(key)}, side: children}
    rest = {key: value for key, value in node.items() if key not in SIDES}
    return rest | {key: sides[key] for key in SIDES if sides.get(key)}


def _with_tree(plain: Any, loc: tuple[str, ...], nodes: list[Plain]) -> Any:
    if not loc:
        return {**plain, "do": nodes} if isinstance(plain, dict) else nodes
    owner = plain if isinstance(plain, dict) else {}
    return {**owner, loc[0]: _with_tree(owner.get(loc[0]), loc[1:], nodes)}
