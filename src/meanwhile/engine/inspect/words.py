"""Runs, jobs and their steps in the words of the version that they are pinned to.

A version may name plugins or fields that are no longer installed; what cannot be explained is shown as it is stored.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core import exact_json
from meanwhile.core.errors import MeanwhileError, MissingDefinition
from meanwhile.core.zone import site_zone
from meanwhile.definitions.program import CompiledNode, Program, program
from meanwhile.queue.upkeep import WORKER_DIED
from meanwhile.tables.table import Table

# Versions that what is installed cannot read. They never change, so one try per process is enough.
_unreadable: set[int] = set()


def program_or_none(version_id: int | None) -> Program | None:
    """The version's program; None where there is none, or where what is installed no longer reads it."""
    if version_id is None or version_id in _unreadable:
        return None
    try:
        return program(version_id)
    except MissingDefinition:
        return None
    except MeanwhileError:
        _unreadable.add(version_id)
        return None


def forget() -> None:
    """Try unreadable versions again; for tests, whose versions come and go with their databases."""
    _unreadable.clear()


def node_title(version_id: int | None, node_id: str) -> str:
    """What a node does, in words: its name, or its plugin's summary. Its id where the version does not say."""
    if not node_id:
        return ""
    if node := find_node(version_id, node_id):
        return _title(node)
    return node_id


def error_message(version_id: int | None, error: Mapping[str, Any] | None) -> str:
    """Why a job failed or is tried again, in a sentence; empty where nothing is wrong."""
    message, node_id = str((error or {}).get("message", "")), str((error or {}).get("node", ""))
    if not error or error.get("type") != WORKER_DIED or not node_id:
        return message
    node = find_node(version_id, node_id)
    place = f'"{_title(node)}" ({node_id})' if node else node_id
    return _("{message} The last one died at {place}.").format(message=message, place=place)


def find_node(version_id: int | None, node_id: str) -> CompiledNode | None:
    """The compiled node of that id; ids are unique within a document."""
    found = program_or_none(version_id)
    return _nodes(found).get(node_id) if found else None


@lru_cache(maxsize=64)
def _nodes(of: Program) -> Mapping[str, CompiledNode]:
    try:
        return {id_: node for tree in of.trees.values() for id_, node in tree.by_id.items()}
    except MeanwhileError:
        return {}


def _title(node: CompiledNode) -> str:
    try:
        return node.title
    except (MeanwhileError, ValueError):
        return node.name or node.type


def table_of(version_id: int | None, key: str) -> Table | None:
    """The table of that key in the version."""
    found = program_or_none(version_id)
    try:
        return found.tables.get(key) if found else None
    except MeanwhileError:
        return None


def table_label(version_id: int | None, key: str) -> str:
    """What people call the table; its key where the version does not say."""
    table = table_of(version_id, key)
    return str(table.label) if table else key


def event_label(event: str) -> str:
    """An event in words: the two that every table and form has are named after what starts them."""
    if event.startswith("form:"):
        return _("Form {form} sent").format(form=event.removeprefix("form:"))
    name = event.rpartition(".")[2]
    return _("Record update") if name == "record_update" else name


def field_label(table: Table | None, key: str) -> str:
    """What people call the field; its key where the version does not say."""
    field = table.fields.get(key) if table else None
    return str(field.label) if field else key


def shown(table: Table | None, key: str, value: Any) -> str:
    """A value of a field for people; empty for none."""
    field = table.fields.get(key) if table else None
    if field is not None:
        try:
            return str(field.field_type.display(value, field.settings, site_zone()))
        except (MeanwhileError, TypeError, ValueError, AttributeError):
            pass  # the field has another type by now; the stored value says enough
    return plain(value)


def plain(value: Any) -> str:
    """Any stored value as text: JSON, readable, for what has parts."""
    if value is None:
        return ""
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(_bare(value), ensure_ascii=False, indent=2)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def _bare(value: Any) -> Any:
    """``value`` in JSON's own types, without the marks that keep it exact: this is for reading."""
    if isinstance(value, Mapping):
        return {str(key): _bare(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_bare(item) for item in value]
    is_json = value is None or isinstance(value, (str, int, float, bool))
    return value if is_json else str(value)


def portable(value: Any) -> Any:
    """``value`` for ``--json``: what JSON has, exact where JSON is not."""
    return exact_json.to_plain(value)
