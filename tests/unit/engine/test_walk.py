"""The walk visits any tree in the order of a simple recursive interpreter, in one go or resumed at any point."""

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core import exact_json
from meanwhile.core.errors import MissingDefinition, TooDeep
from meanwhile.engine import walk
from meanwhile.engine.walk import END, Cursor, Frame

LIMIT = 4


@dataclass
class Node:
    """A node without plugins: ``kind`` says what walking it comes to."""

    kind: str  # action, condition, background, call
    holds: bool = True
    calls: str = ""
    children: list["Node"] = field(default_factory=list)
    others: list["Node"] = field(default_factory=list)
    id: str = ""
    parent: "Node | None" = None
    branch: str = "do"
    following: "Node | None" = None

    @property
    def do(self) -> tuple["Node", ...]:
        return tuple(self.children)

    @property
    def otherwise(self) -> tuple["Node", ...]:
        return tuple(self.others)


@dataclass
class Tree:
    event: str
    nodes: tuple[Node, ...]
    by_id: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._place(list(self.nodes), None)

    def _place(self, nodes: list[Node], parent: Node | None) -> None:
        for node, following in zip_longest(nodes, nodes[1:]):
            node.id = f"{self.event}-{len(self.by_id)}"
            node.parent, node.following = parent, following
            self.by_id[node.id] = node
            self._place(node.children, node)
            self._place(node.others, node)


def nodes(depth: int, events: list[str]) -> st.SearchStrategy[list[Node]]:
    leaf = st.builds(Node, st.just("action"))
    calls = st.builds(Node, st.just("call"), calls=st.sampled_from(events)) if events else leaf
    if depth == 0:
        return st.lists(leaf | calls, max_size=3)
    inner = nodes(depth - 1, events)
    condition = st.builds(Node, st.just("condition"), st.booleans(), children=inner, others=inner)
    background = st.builds(Node, st.just("background"), children=inner)
    return st.lists(leaf | calls | condition | background, max_size=4)


@st.composite
def forests(draw: st.DrawFn) -> dict[str, Tree]:
    """Three trees; one calls only later ones, so that no circle can form."""
    names = ["a", "b", "c"]
    return {name: Tree(name, tuple(draw(nodes(3, names[at + 1 :])))) for at, name in enumerate(names)}


class Reference:
    """The simplest interpreter there can be: recursion."""

    def __init__(self, trees: dict[str, Tree]) -> None:
        self.trees = trees
        self.visited: list[str] = []
        self.jobs: list[tuple[Node, str]] = []

    def run(self, those: tuple[Node, ...], event: str) -> None:
        for node in those:
            self.visited.append(node.id)
            if node.kind == "condition":
                self.run(node.do if node.holds else node.otherwise, event)
            elif node.kind == "background":
                self.jobs.append((node, event))
            elif node.kind == "call":
                self.run(self.trees[node.calls].nodes, node.calls)


def walk_all(trees: dict[str, Tree], cursor: Cursor, stops: Any) -> tuple[list[str], list[Cursor]]:
    """Walk to the end. At each node that ``stops`` says, the cursor is stored and read again."""
    visited, jobs = [], []
    while (node := walk.current(trees, cursor)) is not None:
        if stops(len(visited)):
            stored = exact_json.dumps([frame.to_plain() for frame in cursor])
            cursor = tuple(Frame.from_plain(frame) for frame in exact_json.loads(stored))
        visited.append(node.id)
        if node.kind == "condition":
            cursor = walk.into(cursor, node, "do" if node.holds else "otherwise")
        elif node.kind == "call":
            cursor = walk.call(trees[node.calls], cursor, node, {}, LIMIT)
        else:
            if node.kind == "background":
                jobs.append(walk.branch_of(cursor, node))
            cursor = walk.past(cursor, node)
    return visited, jobs


@given(forests(), st.sets(st.integers(0, 60)))
def test_any_tree_is_walked_in_the_order_of_the_reference_wherever_it_is_resumed(
    trees: dict[str, Tree], stops: set[int]
) -> None:
    reference = Reference(trees)
    reference.run(trees["a"].nodes, "a")
    visited, jobs = walk_all(trees, walk.begin(trees["a"]), stops.__contains__)
    assert visited == reference.visited
    assert len(jobs) == len(reference.jobs)


@given(forests())
def test_a_branch_walks_the_children_of_its_node_and_no_further(trees: dict[str, Tree]) -> None:
    reference = Reference(trees)
    reference.run(trees["a"].nodes, "a")
    _, jobs = walk_all(trees, walk.begin(trees["a"]), lambda _: False)
    for cursor, (node, event) in zip(jobs, reference.jobs, strict=True):
        branch = Reference(trees)
        branch.run(node.do, event)
        assert walk_all(trees, cursor, lambda _: True)[0] == branch.visited


def test_an_event_that_triggers_itself_fails_with_the_chain_in_its_message() -> None:
    trees = {"a": Tree("a", (Node("call", calls="b"),)), "b": Tree("b", (Node("call", calls="b"),))}
    with pytest.raises(TooDeep, match="a > b > b > b > b > b"):
        walk_all(trees, walk.begin(trees["a"]), lambda _: False)


def test_a_circle_is_found_although_each_call_is_the_last_node_of_its_tree() -> None:
    trees = {"a": Tree("a", (Node("action"), Node("call", calls="a")))}
    with pytest.raises(TooDeep):
        walk_all(trees, walk.begin(trees["a"]), lambda _: True)


def test_an_empty_tree_is_at_its_end() -> None:
    assert walk.begin(Tree("a", ())) == END
    assert walk.current({}, END) is None


def test_a_node_that_the_version_has_no_more_is_named() -> None:
    trees = {"a": Tree("a", (Node("action"),))}
    with pytest.raises(MissingDefinition, match='"gone"'):
        walk.current(trees, (Frame("a", "gone"),))
    with pytest.raises(MissingDefinition, match='"z"'):
        walk.current(trees, (Frame("z", "gone"),))
