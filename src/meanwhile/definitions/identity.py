"""Node ids: in a file without ids, a node takes over the id of its match in the version before, else gets a new one.

A match has the same parent and the same type. Among several, one with the same settings comes first, then the one at
the same position; so a node that was put in front of others leaves their ids alone.
"""

from collections.abc import Iterator
from typing import Any

from meanwhile.core.ids import node_id
from meanwhile.definitions.problems import BESIDE_TYPE

Plain = dict[str, Any]
_SIDES = ("do", "otherwise")


def with_ids(plain: Plain, before: Plain | None) -> Plain:
    """A copy of a document in which every node has an id. ``before``: the version before, with its ids."""
    taken = {node["id"] for node in _all_nodes(plain) if node.get("id")}
    naming = _Naming(taken)
    result = dict(plain)
    for section in ("tables", "forms"):
        if plain.get(section):
            result[section] = {
                key: naming.owner(owner, _get(before, section, key)) for key, owner in plain[section].items()
            }
    return result


class _Naming:
    def __init__(self, taken: set[str]) -> None:
        self._taken = taken

    def owner(self, owner: Plain, before: Plain | None) -> Plain:
        """A table or a form with ids in all of its events."""
        if not owner.get("events"):
            return owner
        events = {key: self._event(event, _get(before, "events", key)) for key, event in owner["events"].items()}
        return {**owner, "events": events}

    def _event(self, event: Any, before: Any) -> Any:
        nodes = self._nodes(tree_of(event), tree_of(before))
        return {**event, "do": nodes} if isinstance(event, dict) else nodes

    def _nodes(self, nodes: list[Plain], before: list[Plain]) -> list[Plain]:
        matches = self._match(nodes, before)
        return [self._node(node, match) for node, match in zip(nodes, matches, strict=True)]

    def _node(self, node: Plain, match: Plain | None) -> Plain:
        result = {key: value for key, value in node.items() if key not in (*_SIDES, "id")}
        result["id"] = node.get("id") or self._take(match)
        for side in _SIDES:
            if side in node:
                result[side] = self._nodes(node[side] or [], (match or {}).get(side) or [])
        return result

    def _take(self, match: Plain | None) -> str:
        if match:
            id_: str = match["id"]
            return id_
        while (made := node_id()) in self._taken:
            pass
        self._taken.add(made)
        return made

    def _match(self, nodes: list[Plain], before: list[Plain]) -> list[Plain | None]:
        """For each node its match among ``before``; each of those at most once."""
        by_id = {node.get("id"): node for node in before}
        matches: list[Plain | None] = [by_id.get(node["id"]) if node.get("id") else None for node in nodes]
        free = [node for node in before if node.get("id") and node["id"] not in self._taken]
        for is_match in (_is_same, _is_alike):
            for position, node in enumerate(nodes):
                if matches[position] is None and not node.get("id"):
                    matches[position] = self._first(free, node, is_match)
        return matches

    def _first(self, free: list[Plain], node: Plain, is_match: Any) -> Plain | None:
        found = next((candidate for candidate in free if is_match(candidate, node)), None)
        if found is not None:
            free.remove(found)
            self._taken.add(found["id"])
        return found


def tree_of(event: Any) -> list[Plain]:
    """The nodes of an event as it stands in a document: a list, or a mapping with ``do``."""
    nodes: list[Plain] = (event.get("do") if isinstance(event, dict) else event) or []
    return nodes


def type_of(node: Plain) -> str:
    """The type of a node as it stands in a document."""
    return next(key for key in node if key not in BESIDE_TYPE)


def _is_alike(first: Plain, second: Plain) -> bool:
    return type_of(first) == type_of(second)


def _is_same(first: Plain, second: Plain) -> bool:
    return _is_alike(first, second) and first[type_of(first)] == second[type_of(second)]


def _get(plain: Any, *keys: str) -> Any:
    for key in keys:
        plain = plain.get(key) if isinstance(plain, dict) else None
    return plain


def _all_nodes(plain: Plain) -> Iterator[Plain]:
    for section in ("tables", "forms"):
        for owner in (plain.get(section) or {}).values():
            for event in (owner.get("events") or {}).values():
                yield from _walk(tree_of(event))


def _walk(nodes: list[Plain]) -> Iterator[Plain]:
    for node in nodes:
        yield node
        for side in _SIDES:
            yield from _walk(node.get(side) or [])
