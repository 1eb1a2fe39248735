"""Writes a document as YAML that a person likes to read and that loads to the same document again.

Short mappings of plain values go on one line, text of several lines becomes a block, and text that would read as
something else, here or in a reader of older YAML, is quoted.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import yaml

from meanwhile.definitions.document import Document
from meanwhile.definitions.problems import BESIDE_TYPE
from meanwhile.definitions.reader import scalar

# Wide enough for a field with its settings; a longer mapping reads better over several lines.
_ONE_LINE = 100
# The order of a node's keys: its type, what describes it, and its children last.
_AFTER_TYPE = ("name", "note", "disabled", "id", "do", "otherwise")
_TOP = ("application", "title", "description", "tables", "forms", "pages")
_TEXT = "tag:yaml.org,2002:str"


def dump_yaml(document: Document) -> str:
    """``document`` as YAML, with the ids of its nodes. ``load`` gives the same document back."""
    return dump_plain(document.plain)


def dump_plain(plain: dict[str, Any]) -> str:
    """The same for ``Document.plain``."""
    text: str = yaml.serialize(_document(plain), Dumper=_Dumper, allow_unicode=True, width=1_000_000_000)
    return _with_gaps(text)


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists stand further to the right than the key that they belong to."""
        super().increase_indent(flow, False)

    def check_simple_key(self) -> bool:
        """Every key of ours goes on one line, however long it is."""
        self.event: Any
        return isinstance(self.event, yaml.ScalarEvent) or bool(super().check_simple_key())


def _with_gaps(text: str) -> str:
    """An empty line before each section."""
    for section in ("tables", "forms", "pages"):
        text = text.replace(f"\n{section}:", f"\n\n{section}:", 1)
    return text


# --- sections ----------------------------------------------------------------------------------------------------


def _document(plain: dict[str, Any]) -> yaml.Node:
    sections: dict[str, Callable[[Any], yaml.Node]] = {"tables": _by_key(_owner), "forms": _by_key(_owner)}
    sections["pages"] = _by_key(_one_line)
    return _mapping(_ordered(plain, _TOP), sections)


def _by_key(write: Callable[[Any], yaml.Node]) -> Callable[[Any], yaml.Node]:
    def section(value: Any) -> yaml.Node:
        return _mapping(value, dict.fromkeys(value, write)) if isinstance(value, dict) else _value(value)

    return section


def _owner(value: Any) -> yaml.Node:
    """A table or a form. One without events goes on one line where it fits."""
    if not isinstance(value, dict) or not (value.get("events") or isinstance(value.get("fields"), dict)):
        return _one_line(value)
    return _mapping(value, {"fields": _fields, "events": _by_key(_event)})


def _fields(value: Any) -> yaml.Node:
    return _by_key(_one_line)(value) if isinstance(value, dict) else _value(value)


def _event(value: Any) -> yaml.Node:
    return _mapping(value, {"do": _nodes}) if isinstance(value, dict) else _nodes(value)


def _nodes(value: Any) -> yaml.Node:
    if not isinstance(value, list) or not value:
        return _value(value)
    return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(node) for node in value], flow_style=False)


def _node(node: Any) -> yaml.Node:
    if not isinstance(node, dict):  # a draft that is wrong is written as it is
        return _value(node)
    types = tuple(key for key in node if key not in BESIDE_TYPE)
    ordered = _ordered(node, (*types, *_AFTER_TYPE))
    writers: dict[str, Callable[[Any], yaml.Node]] = {"do": _nodes, "otherwise": _nodes}
    return _mapping(ordered, {**writers, **dict.fromkeys(types, _settings)})


def _settings(value: Any) -> yaml.Node:
    return _scalar(None, is_empty=True) if value is None else _value(value)


# --- values ------------------------------------------------------------------------------------------------------


def _ordered(plain: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    """``plain`` with the keys of ``order`` first, and the rest as they come."""
    return {key: plain[key] for key in (*(key for key in order if key in plain), *(k for k in plain if k not in order))}


def _mapping(value: dict[str, Any], writers: dict[str, Callable[[Any], yaml.Node]]) -> yaml.Node:
    pairs = [(_text(key, in_key=True), writers.get(key, _value)(item)) for key, item in value.items()]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not pairs)


def _value(value: Any) -> yaml.Node:
    """Any value; a mapping or list on one line where it fits."""
    return _one_line(value)


def _one_line(value: Any) -> yaml.Node:
    if not isinstance(value, (dict, list)):
        return _scalar(value)
    if _fits(value):
        return _flow(value)
    if isinstance(value, dict):
        return _mapping(value, {})
    return yaml.SequenceNode("tag:yaml.org,2002:seq", [_value(item) for item in value], flow_style=False)


def _fits(value: Any) -> bool:
    return _length(value) <= _ONE_LINE


def _length(value: Any) -> int:
    """How long ``value`` is on one line; very long where it should not be on one."""
    if isinstance(value, dict):
        return sum(len(key) + _length(item) + 4 for key, item in value.items())
    if isinstance(value, list):
        return sum(_length(item) + 2 for item in value)
    if isinstance(value, str):
        return len(value) + 2 if "\n" not in value else 1_000_000
    return len(str(value))


def _flow(value: Any) -> yaml.Node:
    if isinstance(value, dict):
        pairs = [(_text(key, in_key=True), _flow(item)) for key, item in value.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=True)
    if isinstance(value, list):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_flow(item) for item in value], flow_style=True)
    return _scalar(value, in_flow=True)


_resolve: Callable[..., str] = yaml.resolver.Resolver().resolve


def _scalar(value: Any, *, in_flow: bool = False, is_empty: bool = False) -> yaml.Node:
    if isinstance(value, str):
        return _text(value, in_flow=in_flow)
    text = _spelling(value, is_empty)
    # The tag that makes the emitter leave it plain, whatever older YAML thinks of it.
    tag = _resolve(yaml.ScalarNode, text, (True, False))
    return yaml.ScalarNode(tag, text)


def _spelling(value: Any, is_empty: bool) -> str:
    if value is None:
        return "" if is_empty else "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = str(value)
        # A decimal without point or exponent would come back as a whole number.
        return text if set(text) & set(".eE") else f"{text}."
    return str(value)


def _text(text: str, *, in_flow: bool = False, in_key: bool = False) -> yaml.Node:
    return yaml.ScalarNode(_TEXT, text, style=_style(text, in_flow or in_key, in_key))


def _style(text: str, on_one_line: bool, in_key: bool) -> str | None:
    """Plain where that is safe (None: the emitter decides, and quotes what older YAML would misread)."""
    is_simple = all(letter.isprintable() or letter == "\n" for letter in text)
    if not is_simple or ("\n" in text and on_one_line):
        return '"'
    if "\n" in text:
        return "|" if _makes_a_block(text) else '"'
    if not in_key and not _is_text(text):
        return '"'
    return '"' if "{{" in text or "'" in text else None


def _makes_a_block(text: str) -> bool:
    """Whether a block keeps ``text`` exactly: no spaces at the ends of lines, none at its start."""
    lines = text.split("\n")
    return not text.startswith((" ", "\n")) and all(line == line.rstrip() for line in lines)


def _is_text(text: str) -> bool:
    try:
        return isinstance(scalar(text), str)
    except ValueError:
        return False
