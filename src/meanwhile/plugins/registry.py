"""What is installed: one mapping per extension point, filled while Django starts, read-only afterwards."""

from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from meanwhile.core.errors import MissingDefinition
from meanwhile.plugins.contracts import FieldType, Node

_nodes: dict[str, Node] = {}
_field_types: dict[str, FieldType] = {}

nodes = MappingProxyType(_nodes)
field_types = MappingProxyType(_field_types)


def register[P: type[Node] | type[FieldType]](plugin: P) -> P:
    """Class decorator: make a condition, an execution object, an action or a field type known by its ``type``."""
    instance: Any = plugin()
    shelf: dict[str, Any] = _field_types if isinstance(instance, FieldType) else _nodes
    if (other := shelf.get(plugin.type)) and type(other) is not plugin:
        raise RuntimeError(f"{plugin!r} and {type(other)!r} both want the word {plugin.type!r}")
    shelf[plugin.type] = instance
    return plugin


def node(type_: str) -> Node:
    """The condition, execution object or action of that word. MissingDefinition where none is installed."""
    if found := _nodes.get(type_):
        return found
    raise MissingDefinition(f'Unknown node type "{type_}".{_hint(type_, _nodes)}', type=type_)


def field_type(type_: str) -> FieldType:
    """The field type of that word. MissingDefinition where none is installed."""
    if found := _field_types.get(type_):
        return found
    raise MissingDefinition(f'Unknown field type "{type_}".{_hint(type_, _field_types)}', type=type_)


def _hint(word: str, known: dict[str, Any]) -> str:
    near = get_close_matches(word, known, 1)
    return f' Did you mean "{near[0]}"?' if near else f" Known are: {', '.join(sorted(known))}."
