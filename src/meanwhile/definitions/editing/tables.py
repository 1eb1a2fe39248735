"""Changes of tables: made, labelled and taken out; their fields, set up and put in order; their custom events.

Keys stay what they are, since forms, trees and the database name things by them; labels may change at any time.
Everything here returns a new document and leaves the old one as it was.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.keys import RECORD_UPDATE, FieldKey, Key

type Plain = dict[str, Any]

_LONGEST = 40
_KEY: TypeAdapter[str] = TypeAdapter(Key)
_FIELD_KEY: TypeAdapter[str] = TypeAdapter(FieldKey)


# --- keys ------------------------------------------------------------------------------------------------------------


def key_from(label: str, taken: Container[str] = (), *, is_field: bool = False) -> str:
    """A key made of the words of ``label`` that is a good one and not ``taken``: ``Flight booking``, flight_booking."""
    ascii_ = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", ascii_.lower()).strip("_")
    stem = words if words[:1].isalpha() else f"{'field' if is_field else 'table'}_{words}".strip("_")
    stem = stem[:_LONGEST].strip("_")
    number = 1
    while (key := _numbered(stem, number)) in taken or why_not(key, is_field=is_field):
        number += 1
    return key


def _numbered(stem: str, number: int) -> str:
    ending = f"_{number}" if number > 1 else ""
    return stem[: _LONGEST - len(ending)].rstrip("_") + ending


def why_not(key: str, *, is_field: bool = False) -> str:
    """Why ``key`` cannot be one, in a sentence; empty where it can."""
    try:
        (_FIELD_KEY if is_field else _KEY).validate_python(key)
    except ValidationError as error:
        return error.errors(include_url=False)[0]["msg"]
    return ""


# --- tables ----------------------------------------------------------------------------------------------------------


def tables(plain: Plain) -> Plain:
    """The tables of a document, by key."""
    return _mapping(plain.get("tables"))


def table(plain: Plain, key: str) -> Plain:
    """A table. EditRefused where there is none: somebody may have deleted it."""
    found = tables(plain).get(key, _NOTHING)
    if found is _NOTHING:
        raise EditRefused(_('There is no table "{key}" any more.').format(key=key[:80]))
    return _mapping(found)


def add_table(plain: Plain, key: str, label: str = "") -> Plain:
    """A new table without fields. EditRefused where the key is taken or cannot be one."""
    _refuse_key(key, tables(plain))
    return _with(plain, "tables", {**tables(plain), key: {"label": label, "fields": {}} if label else {"fields": {}}})


def label_table(plain: Plain, key: str, label: str) -> Plain:
    """What people call the table; empty: what its key says."""
    return _with_table(plain, key, lambda found: _with_first(found, "label", label))


def remove_table(plain: Plain, key: str) -> Plain:
    """Take a table out, with its fields and events. What names it stays, and is wrong then."""
    table(plain, key)
    return _with(plain, "tables", {name: value for name, value in tables(plain).items() if name != key})


# --- fields ----------------------------------------------------------------------------------------------------------


def fields(plain: Plain, table_key: str) -> Plain:
    """The fields of a table, by key, in order."""
    return _mapping(table(plain, table_key).get("fields"))


def field(plain: Plain, table_key: str, key: str) -> Plain:
    """A field. EditRefused where there is none: somebody may have deleted it."""
    found = fields(plain, table_key).get(key, _NOTHING)
    if found is _NOTHING:
        raise EditRefused(_('There is no field "{key}" any more.').format(key=key[:80]))
    return _mapping(found)


def add_field(plain: Plain, table_key: str, key: str, definition: Plain) -> Plain:
    """A new field, as the last one. EditRefused where the key is taken or cannot be one."""
    _refuse_key(key, fields(plain, table_key), is_field=True)
    return _with_fields(plain, table_key, {**fields(plain, table_key), key: definition})


def configure_field(plain: Plain, table_key: str, key: str, definition: Plain) -> Plain:
    """Give a field its type and settings, as they stand in a document."""
    field(plain, table_key, key)
    return _with_fields(plain, table_key, {**fields(plain, table_key), key: definition})


def move_field(plain: Plain, table_key: str, key: str, index: int) -> Plain:
    """Put a field at position ``index`` of the others; beyond the end is the end."""
    field(plain, table_key, key)
    others = [name for name in fields(plain, table_key) if name != key]
    index = max(0, min(index, len(others)))
    order = [*others[:index], key, *others[index:]]
    return _with_fields(plain, table_key, {name: fields(plain, table_key)[name] for name in order})


def up_field(plain: Plain, table_key: str, key: str) -> Plain:
    """Before the field above it."""
    index = _index(plain, table_key, key)
    if index == 0:
        raise EditRefused(_("It is the first one here."))
    return move_field(plain, table_key, key, index - 1)


def down_field(plain: Plain, table_key: str, key: str) -> Plain:
    """Behind the field below it."""
    index = _index(plain, table_key, key)
    if index == len(fields(plain, table_key)) - 1:
        raise EditRefused(_("It is the last one here."))
    return move_field(plain, table_key, key, index + 1)


def remove_field(plain: Plain, table_key: str, key: str, *, from_forms: bool = False) -> Plain:
    """Take a field out. ``from_forms``: of the forms that show it, too; what else names it is wrong then."""
    field(plain, table_key, key)
    kept = {name: value for name, value in fields(plain, table_key).items() if name != key}
    made = _with_fields(plain, table_key, kept)
    return _without_in_forms(made, table_key, key) if from_forms else made


def forms_with(plain: Plain, table_key: str, key: str) -> list[str]:
    """The keys of the forms that show a field."""
    return [
        name
        for name, form in _mapping(plain.get("forms")).items()
        if _mapping(form).get("table") == table_key and any(_names(item) == key for item in _items(form))
    ]


def _without_in_forms(plain: Plain, table_key: str, key: str) -> Plain:
    forms = dict(_mapping(plain.get("forms")))
    for name in forms_with(plain, table_key, key):
        forms[name] = {**forms[name], "fields": [item for item in _items(forms[name]) if _names(item) != key]}
    return _with(plain, "forms", forms) if forms else plain


def _items(form: Any) -> list[Any]:
    listed = _mapping(form).get("fields")
    return listed if isinstance(listed, list) else []


def _names(item: Any) -> Any:
    return item.get("field") if isinstance(item, dict) else item


def _index(plain: Plain, table_key: str, key: str) -> int:
    field(plain, table_key, key)
    return list(fields(plain, table_key)).index(key)


# --- events ----------------------------------------------------------------------------------------------------------


def events(plain: Plain, table_key: str) -> Plain:
    """The events of a table, by key: ``record_update`` and custom ones; as mappings, however they are written."""
    found = _mapping(table(plain, table_key).get("events"))
    return {key: {"do": value or []} if not isinstance(value, dict) else value for key, value in found.items()}


def add_event(plain: Plain, table_key: str, key: str, label: str = "", parameters: Sequence[str] = ()) -> Plain:
    """A new custom event without a tree. EditRefused where the key is taken or cannot be one."""
    _refuse_key(key, [RECORD_UPDATE, *events(plain, table_key)])
    return _with_event(plain, table_key, key, _described({"do": []}, label, parameters))


def configure_event(plain: Plain, table_key: str, key: str, label: str, parameters: Sequence[str] = ()) -> Plain:
    """What people call an event, and what whoever triggers a custom event passes along."""
    return _with_event(plain, table_key, key, _described(_event(plain, table_key, key), label, parameters))


def remove_event(plain: Plain, table_key: str, key: str) -> Plain:
    """Take an event out, with its tree. What triggers it stays, and is wrong then."""
    _event(plain, table_key, key)
    kept = {name: value for name, value in _written_events(plain, table_key).items() if name != key}
    return _with_table(plain, table_key, lambda found: _with(found, "events", kept))


def _event(plain: Plain, table_key: str, key: str) -> Plain:
    found = events(plain, table_key).get(key)
    if found is None:
        raise EditRefused(_('There is no event "{key}" any more.').format(key=key[:80]))
    return _mapping(found)


def _described(event: Plain, label: str, parameters: Sequence[str]) -> Plain:
    rest = {key: value for key, value in event.items() if key not in ("label", "parameters")}
    return {**({"label": label} if label else {}), **({"parameters": list(parameters)} if parameters else {}), **rest}


def _written_events(plain: Plain, table_key: str) -> Plain:
    return _mapping(table(plain, table_key).get("events"))


def _with_event(plain: Plain, table_key: str, key: str, event: Plain) -> Plain:
    made = {**_written_events(plain, table_key), key: event}
    return _with_table(plain, table_key, lambda found: _with(found, "events", made))


# --- how documents are rebuilt ---------------------------------------------------------------------------------------

_NOTHING = object()


def _refuse_key(key: str, taken: Iterable[str], *, is_field: bool = False) -> None:
    if reason := why_not(key, is_field=is_field):
        raise EditRefused(reason)
    if key in taken:
        raise EditRefused(_('The key "{key}" is taken already; choose another one.').format(key=key))


def _with_fields(plain: Plain, table_key: str, made: Plain) -> Plain:
    return _with_table(plain, table_key, lambda found: _with(found, "fields", made))


def _with_table(plain: Plain, key: str, put: Callable[[Plain], Plain]) -> Plain:
    made = put(table(plain, key))
    return _with(plain, "tables", {name: made if name == key else value for name, value in tables(plain).items()})


def _with(owner: Plain, key: str, value: Any) -> Plain:
    return {**owner, key: value}


def _with_first(owner: Plain, key: str, value: str) -> Plain:
    """``owner`` with ``key`` where it stands, or as the first one; without it where there is nothing to say."""
    if not value:
        return {name: kept for name, kept in owner.items() if name != key}
    return _with(owner, key, value) if key in owner else {key: value, **owner}


def _mapping(value: Any) -> Plain:
    return value if isinstance(value, dict) else {}
