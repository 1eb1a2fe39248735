"""A node of a tree in words: its plugin's summary, with the labels of what it names where the document has keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAliasType, get_args, get_origin

from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.editing import tree
from meanwhile.definitions.nodes import NodeDef, read_settings
from meanwhile.designer.settings_form import Choosing, spelled_out
from meanwhile.plugins import registry
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import Node, NodeSettings

type Plain = dict[str, Any]

# They stand around a label while a summary is made; private characters, which no document has.
_OPEN, _CLOSE = "\ue000", "\ue001"
# What has a label; functions, arguments and queues are known by their names alone.
_LABELLED = frozenset({"field", "link_field", "date_field", "boolean_field", "linked_field", "table", "event"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line; ``is_label``: the label of something of the document."""

    text: str
    is_label: bool = False


def settings_of(node: Plain) -> tuple[Node | None, NodeSettings | None]:
    """The plugin of a node, None where it is not installed, and its settings, None where they do not load."""
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    if plugin is None:
        return None, None
    if node[type_] is not None and not isinstance(node[type_], dict) and not plugin.shorthand:
        return plugin, None
    settings, findings = read_settings(plugin.Settings, spelled_out(plugin, node[type_]), ())
    return plugin, None if findings else settings


def line_of(node: Plain, choosing: Choosing, compiled: NodeDef | None = None) -> list[Piece] | None:
    """What a node does, in pieces; None where it is not set up yet. ``compiled``: the same node, where it is known."""
    plugin, settings = (compiled.plugin, compiled.settings) if compiled else settings_of(node)
    if plugin is None or settings is None:
        return None
    try:
        return list(_pieces(plugin.summary(_marked(settings, choosing))))
    except MeanwhileError:
        return [Piece(str(plugin.label))]


def title_of_node(node: Plain, choosing: Choosing) -> str:
    """The node as messages name it: its name, what it does, or its sort."""
    if node.get("name"):
        return str(node["name"])
    line = line_of(node, choosing)
    return "".join(piece.text for piece in line) if line else label_of(node)


def label_of(node: Plain) -> str:
    """The sort of a node."""
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    return str(plugin.label) if plugin else _('Unknown object "{type}"').format(type=type_)


def _marked(settings: NodeSettings, choosing: Choosing) -> NodeSettings:
    """``settings`` with marked labels instead of keys."""
    labels = {
        name: f"{_OPEN}{label}{_CLOSE}"
        for name, info in type(settings).model_fields.items()
        if (label := _label(info, getattr(settings, name), settings, choosing))
    }
    return settings.model_copy(update=labels) if labels else settings


def _label(info: FieldInfo, key: Any, settings: BaseModel, choosing: Choosing) -> str | None:
    mark = next((mark for mark in (*info.metadata, *_marks(info.annotation)) if isinstance(mark, Chooses)), None)
    if mark is None or not isinstance(key, str) or mark.what not in _LABELLED:
        return None
    return _labels(mark.what, settings, choosing).get(key)


def _labels(what: str, settings: BaseModel, choosing: Choosing) -> Mapping[str, str]:
    own = choosing.tables.get(choosing.table)
    if what == "table":
        return {key: table.label for key, table in choosing.tables.items()}
    if what == "event":
        return {key: label for key, (label, _names) in own.events.items()} if own else {}
    table = choosing.tables.get(str(getattr(settings, "table", ""))) if what == "linked_field" else own
    return {key: field.label for key, field in table.fields.items()} if table else {}


def _marks(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, TypeAliasType):
        yield from _marks(annotation.__value__)
    elif get_origin(annotation) is Annotated:
        yield from get_args(annotation)[1:]


def _pieces(text: str) -> Iterator[Piece]:
    for part in text.split(_OPEN):
        label, closed, rest = part.partition(_CLOSE)
        if closed:
            yield Piece(label, is_label=True)
        if text_only := rest if closed else label:
            yield Piece(text_only)
