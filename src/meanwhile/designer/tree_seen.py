"""An object of a tree as a designer saw it, carried along in the form of its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meanwhile.core import exact_json
from meanwhile.definitions.editing import tree
from meanwhile.designer.settings_form import spelled_out
from meanwhile.plugins import registry

type Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """The settings of an object, spelled out, and what stands beside them."""

    settings: Plain
    name: str
    note: str


def of_node(node: Plain) -> Seen:
    """An object as it stands in the document."""
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    settings = spelled_out(plugin, node[type_]) if plugin else {}
    return Seen(settings, str(node.get("name") or ""), str(node.get("note") or ""))


def seen_of(node: Plain) -> str:
    """An object as text for a form."""
    seen = of_node(node)
    return exact_json.dumps([seen.settings, seen.name, seen.note])


def read_seen(text: str, otherwise: Plain) -> Seen:
    """What ``seen_of`` wrote; the object ``otherwise`` as it is now where a form says nothing that can be read."""
    try:
        settings, name, note = exact_json.loads(text)
        return Seen(dict(settings), str(name), str(note))
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return of_node(otherwise)


def merged(seen: Mapping[str, Any], sent: Mapping[str, Any], now: Mapping[str, Any]) -> Plain:
    """``now`` with what was really changed: what was ``sent`` and was not ``seen`` like that."""
    mine = {key: value for key, value in sent.items() if key not in seen or seen[key] != value}
    gone = {key for key in seen if key not in sent}
    return {key: value for key, value in {**now, **mine}.items() if key not in gone}
