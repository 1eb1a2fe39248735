"""Which step comes next: the moves of a cursor through event trees. Pure; no Django, no clock.

A cursor is a stack of frames, innermost last; an empty cursor has come to its end. A frame stands at the node that
comes next, so a cursor that was stored can go on in any process. Whoever walks asks for the ``current`` node, decides
what it comes to, and makes one of the three moves: ``into`` its children, ``past`` it, or ``call`` a tree there.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from meanwhile.core.errors import MissingDefinition, TooDeep


class NodeLike(Protocol):
    """What the walk needs of a node; ``CompiledNode`` has it."""

    @property
    def id(self) -> str: ...
    @property
    def do(self) -> tuple["NodeLike", ...]: ...
    @property
    def otherwise(self) -> tuple["NodeLike", ...]: ...
    @property
    def parent(self) -> "NodeLike | None": ...
    @property
    def following(self) -> "NodeLike | None": ...


class TreeLike(Protocol):
    """What the walk needs of a tree."""

    @property
    def event(self) -> str: ...
    @property
    def nodes(self) -> tuple[Any, ...]: ...
    @property
    def by_id(self) -> Mapping[str, Any]: ...


Trees = Mapping[str, Any]


class Frame(NamedTuple):
    """One event being walked. (A walk makes one at every move; a tuple is made many times faster than a class.)

    ``branch``: the node whose children it walks and no further; None: the whole tree. ``at``: the node that comes
    next. ``chain``: the events that led here, this one last.
    """

    event: str
    at: str
    branch: str | None = None
    parameters: Mapping[str, Any] = MappingProxyType({})
    chain: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """For the payload of a job."""
        return {
            "event": self.event,
            "at": self.at,
            "branch": self.branch,
            "parameters": dict(self.parameters),
            "chain": list(self.chain),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Frame":
        """The inverse of ``to_plain``."""
        return cls(**{**plain, "chain": tuple(plain["chain"])})


Cursor = tuple[Frame, ...]
END: Cursor = ()
# The frame of what stands in no event.
NOWHERE = Frame("", "")


def begin(tree: TreeLike, parameters: Mapping[str, Any] | None = None, chain: tuple[str, ...] = ()) -> Cursor:
    """The cursor at the first node of ``tree``; at its end where the tree is empty. ``chain``: what led here."""
    if not tree.nodes:
        return END
    return (Frame(tree.event, tree.nodes[0].id, None, parameters or {}, (*chain, tree.event)),)


def branch_of(cursor: Cursor, node: NodeLike) -> Cursor:
    """The cursor of a job of its own that walks the children of ``node``, at which ``cursor`` stands."""
    if not node.do:
        return END
    return (cursor[-1]._replace(at=node.do[0].id, branch=node.id),)


def current(trees: Trees, cursor: Cursor) -> Any | None:
    """The node that comes next; None at the end. MissingDefinition where the version has it no more."""
    if not cursor:
        return None
    event, at = cursor[-1][:2]
    tree = trees.get(event)
    if tree is None:
        raise MissingDefinition(f'This version has no event "{event}".', event=event)
    node = tree.by_id.get(at)
    if node is None:
        raise MissingDefinition(f'Event "{event}" has no node "{at}" in this version.', node=at)
    return node


def into(cursor: Cursor, node: NodeLike, side: Literal["do", "otherwise"]) -> Cursor:
    """Enter the children of ``node``, the current one; past it where it has none on that side."""
    children = node.do if side == "do" else node.otherwise
    return _at(cursor, children[0]) if children else past(cursor, node)


def past(cursor: Cursor, node: NodeLike) -> Cursor:
    """Leave ``node``, the current one, behind: its next sibling, or its parent's, up to the end of the frame, and then
    out."""
    following = node.following
    while following is None:
        parent = node.parent
        if parent is None or parent.id == cursor[-1].branch:
            return cursor[:-1]
        node, following = parent, parent.following
    return _at(cursor, following)


def call(tree: TreeLike, cursor: Cursor, node: NodeLike, parameters: Mapping[str, Any], limit: int) -> Cursor:
    """Walk ``tree`` here, then go on past ``node``, the current one. TooDeep, with the chain, past ``limit`` events."""
    chain = deeper(cursor[-1].chain, tree.event, limit)
    return past(cursor, node) + begin(tree, parameters, chain[:-1])


def deeper(chain: tuple[str, ...], event: str, limit: int) -> tuple[str, ...]:
    """``chain`` with ``event`` at its end. TooDeep past ``limit`` events after the first."""
    longer = (*chain, event)
    if len(longer) - 1 > limit:
        raise TooDeep(
            f"Events trigger events more than {limit} deep: {' > '.join(longer)}. "
            "Break the circle, or raise MEANWHILE['event_depth'].",
            chain=longer,
        )
    return longer


def _at(cursor: Cursor, node: NodeLike) -> Cursor:
    event, _at, branch, parameters, chain = cursor[-1]
    return (*cursor[:-1], Frame(event, node.id, branch, parameters, chain))
