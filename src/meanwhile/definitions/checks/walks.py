"""Trees as checks walk them: every node that may be visited, in order, with the lane and the conditions around it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.checked import Checked
from meanwhile.definitions.document import NodeDef, TreeDef
from meanwhile.definitions.problems import Loc
from meanwhile.expressions import expressions_in
from meanwhile.plugins.contracts import Action, Condition


@dataclass(frozen=True, slots=True)
class Side:
    """A side of the condition at ``loc``: ``do`` or ``otherwise``. ``is_for_new``: only new records come there."""

    loc: Loc
    name: str
    is_for_new: bool


@dataclass(frozen=True)
class Visit:
    """A node in the order of the walk. ``lane``: the places of the execution objects around it, so that an empty one
    is the synchronous part. ``sides``: the conditions around it, each with the side that it stands on."""

    loc: Loc
    node: NodeDef
    lane: tuple[Loc, ...]
    sides: tuple[Side, ...]

    @cached_property
    def writes(self) -> frozenset[str]:
        plugin = self.node.plugin
        return _safely(lambda: plugin.writes(self.node.settings)) if isinstance(plugin, Action) else frozenset()

    @cached_property
    def reads(self) -> frozenset[str]:
        named = {
            path[1]
            for _path, formula in expressions_in(self.node.settings)
            for path in formula.paths
            if path[0] == "record" and len(path) > 1
        }
        return _safely(lambda: self.node.plugin.reads(self.node.settings)) | named

    def triggers(self, table: str) -> frozenset[str]:
        """The events that it starts, as ``booking.record_update``."""
        plugin = self.node.plugin
        return (
            _safely(lambda: plugin.triggers(self.node.settings, table)) if isinstance(plugin, Action) else frozenset()
        )

    @cached_property
    def has_effect(self) -> bool:
        plugin = self.node.plugin
        if not isinstance(plugin, Action):
            return False
        try:
            return plugin.has_effect(self.node.settings)
        except MeanwhileError:
            return False

    @property
    def title(self) -> str:
        """What people call it: its name, or what it does."""
        return self.node.name or self.node.plugin.summary(self.node.settings)

    @property
    def at(self) -> Loc:
        """The place of its type, where warnings about it stand."""
        return (*self.loc, self.node.type)

    @property
    def resets(self) -> bool:
        """Whether it writes false or nothing, so that a flag is made ready for new work."""
        return getattr(self.node.settings, "value", True) in (False, None)

    def excludes(self, other: "Visit") -> bool:
        """Whether only one of the two is ever walked: they stand on two sides of one condition."""
        sides = {side.loc: side.name for side in self.sides}
        return any(sides.get(side.loc, side.name) != side.name for side in other.sides)

    @property
    def is_only_for_new(self) -> bool:
        """Whether it is passed over when a record is changed."""
        return any(side.is_for_new for side in self.sides)


def _safely(ask: Callable[[], Iterable[str]]) -> frozenset[str]:
    """What a plugin says; nothing where its settings are wrong in a way that another check reports."""
    try:
        return frozenset(ask())
    except MeanwhileError:
        return frozenset()


class Walk:
    """A tree as its visits, without what is disabled."""

    def __init__(self, tree: TreeDef) -> None:
        self.tree = tree
        self.visits = list(_visits(tree.definition.do, tree.loc, (), ()))

    def in_background(self) -> frozenset[str]:
        """The fields that are written in the background."""
        return _written(visit for visit in self.visits if visit.lane)

    def in_time(self) -> frozenset[str]:
        """The fields that are written before the next page; all of a custom event's, which may be anywhere."""
        return _written(visit for visit in self.visits if not visit.lane or self.tree.is_custom)


def _written(visits: Iterable[Visit]) -> frozenset[str]:
    return frozenset(field for visit in visits for field in visit.writes)


def _visits(nodes: tuple[NodeDef, ...], at: Loc, lane: tuple[Loc, ...], sides: tuple[Side, ...]) -> Iterator[Visit]:
    for position, node in enumerate(nodes):
        if node.disabled:
            continue
        loc = (*at, position)
        yield Visit(loc, node, lane, sides)
        inner = (*lane, loc) if node.kind == "execution" else lane
        for side in ("do", "otherwise"):
            beside = (*sides, _side(loc, node, side)) if node.kind == "condition" else sides
            yield from _visits(getattr(node, side), (*loc, side), inner, beside)


def _side(loc: Loc, node: NodeDef, name: str) -> Side:
    plugin = node.plugin
    of_new = plugin.side_of_new(node.settings) if isinstance(plugin, Condition) else None
    return Side(loc, name, is_for_new=of_new == name)


def walks_of(checked: Checked) -> list[Walk]:
    """Every tree of the document."""
    return [Walk(tree) for tree in checked.document.trees()]
