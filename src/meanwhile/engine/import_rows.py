"""A row of a file as values for a record: the one reading for the preview and for the import itself.

An empty cell empties the field of a record that exists; a new record gets the field's default there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import InvalidValue
from meanwhile.engine.record import require
from meanwhile.tables import records
from meanwhile.tables.table import Table

# What a column can be besides a field: the id of the record that the row changes.
ID = "id"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What a row asks for. ``record_id`` None: a new record."""

    record_id: Any
    values: Mapping[str, Any]


def read_row(table: Table, columns: Sequence[str], cells: Sequence[str]) -> ReadRow:
    """The row's values, each fit for its field. InvalidValue, with a sentence that names the field, where one is not.

    Reads nothing from the database: whether a link leads somewhere and a value is unique is seen when it is saved.
    """
    given = {column: cell for column, cell in zip(columns, cells, strict=True) if column}
    id_text = given.pop(ID, "").strip()
    if id_text:
        return ReadRow(table.read_id(id_text), _cleaned(table, given))
    values = _cleaned(table, {key: cell for key, cell in given.items() if cell.strip()})
    require(table, records.new_values(table) | values)
    return ReadRow(None, values)


def _cleaned(table: Table, given: Mapping[str, str]) -> dict[str, Any]:
    values = {key: _clean(table, key, cell) for key, cell in given.items()}
    require(table, values)
    return values


def _clean(table: Table, key: str, cell: str) -> Any:
    field = table.fields.get(key)
    if field is None:
        raise InvalidValue(_('{table} has no field "{field}".').format(table=table.label, field=key), field=key)
    try:
        return field.clean(cell)
    except InvalidValue as error:
        raise InvalidValue(f"{field.label}: {error.message}", field=key) from error


def guess_columns(table: Table, headers: Sequence[str]) -> list[str]:
    """What each header means: the field of that key or label, or the id; empty where none is. No field twice."""
    names = {field.label.strip().casefold(): key for key, field in table.fields.items()}
    names |= {key.casefold(): key for key in table.fields} | ({} if ID in table.fields else {ID: ID})
    columns: list[str] = []
    for header in headers:
        found = names.get(header.strip().casefold(), "")
        columns.append("" if found in columns else found)
    return columns
