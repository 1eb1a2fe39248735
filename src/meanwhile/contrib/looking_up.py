"""Tables, fields, events and functions by their keys: while designing, and while running."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import InvalidValue, MeanwhileError, MissingDefinition
from meanwhile.expressions import is_literal, nearest, value_of
from meanwhile.plugins.contracts import FieldView, Problem, TableView

# Kept by Meanwhile itself: readable in expressions, never written by a document.
SYSTEM_COLUMNS = frozenset({"id", "created_at", "updated_at", "created_by", "updated_by"})

type Path = tuple[str | int, ...]


def field_of(table: TableView, key: str) -> FieldView:
    """The field of that key. MissingDefinition where this version of the table has none."""
    if found := table.fields.get(key):
        return found
    raise MissingDefinition(
        _('Table "%(table)s" has no field "%(field)s" in this version.') % {"table": table.key, "field": key},
        field=key,
        table=table.key,
    )


def table_of(tables: Mapping[str, TableView], key: str) -> TableView:
    """The table of that key. MissingDefinition where this version of the application has none."""
    if found := tables.get(key):
        return found
    raise MissingDefinition(_('There is no table "%s" in this version.') % key, table=key)


def cleaned(table: TableView, key: str, value: Any) -> Any:
    """``value`` as the field keeps it. InvalidValue, which names the field, where it does not fit."""
    field = field_of(table, key)
    try:
        return field.clean(value)
    except InvalidValue as error:
        raise InvalidValue(
            _('"%(field)s": %(reason)s') % {"field": field.label, "reason": error.message},
            **{**error.data, "field": key},
        ) from error


def unknown(sentence: str, key: str, known: Iterable[str], path: Path) -> Problem:
    """The problem of a key that does not exist, with the nearest that does. ``sentence`` has ``%(key)s``."""
    hint = nearest(key, known)
    ending = " " + _('Did you mean "%s"?') % hint if hint else ""
    return Problem(sentence % {"key": key} + ending, path, suggestion=hint)


def writing_problems(table: TableView, key: str, path: Path) -> Iterator[Problem]:
    """Why a node cannot write the field of that key."""
    if key in table.fields:
        return
    if key in SYSTEM_COLUMNS:
        yield Problem(_('"%s" is kept by Meanwhile itself and cannot be written.') % key, path)
        return
    sentence = _('Table "%(table)s" has no field "%(key)s".') % {"table": table.key, "key": "%(key)s"}
    yield unknown(sentence, key, table.fields, path)


def value_problems(table: TableView, key: str, setting: Any, path: Path) -> Iterator[Problem]:
    """Why a value that stands in the document does not fit its field."""
    if key in table.fields and is_literal(setting):
        try:
            cleaned(table, key, value_of(setting, {}))
        except MeanwhileError as error:
            yield Problem(error.message, path)
