"""The columns of a table of ours: their statements' names and types, and the way of one value in and out.

A ``Column`` is made once per table and key and kept; what needs no conversion gets none, since this runs for every
value of every record.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.models.expressions import Col

from meanwhile.queue.database import moment, stamp
from meanwhile.tables.run_time import SYSTEM_COLUMNS
from meanwhile.tables.table import Table

type Convert = Callable[[Any], Any]

# What these hold in memory is what the driver takes.
_AS_IT_IS = frozenset({models.TextField, models.BooleanField, models.BigIntegerField, models.BigAutoField})
# Types of which PostgreSQL makes arrays that ``unnest`` takes apart again.
_PLAIN_TYPES = frozenset(
    {"text", "bigint", "integer", "smallint", "numeric", "boolean", "date", "timestamp with time zone", "jsonb", "uuid"}
)
# How SQLite is asked for them, and what makes a value in memory of its answer. A cast goes past Django's converters,
# which are called for every value of every record.
_CAST_ON_SQLITE: Mapping[Any, tuple[str, Convert]] = {
    models.BooleanField: ("INTEGER", bool),
    models.DateTimeField: ("TEXT", moment),
}


class Column:
    """One column. ``name`` is quoted; ``selected`` is how a query reads it; ``array_type`` None: of no known type."""

    __slots__ = ("array_type", "model_field", "name", "selected", "to_database", "to_memory")

    def __init__(self, table: Table, model_field: Any) -> None:
        stored = model_field.target_field if model_field.is_relation else model_field
        self.model_field = model_field
        self.name = connection.ops.quote_name(model_field.column)
        self.array_type = _array_type(model_field)
        self.to_database = _writer(stored)
        self.selected, self.to_memory = _reading(table, stored, self.name)


def columns(table: Table) -> Mapping[str, Column]:
    """The columns by key: the id, the fields, the system columns."""
    found: Mapping[str, Column] | None = table.__dict__.get("_columns")
    if found is None:
        meta = table.model._meta
        keys = ["id", *table.fields, *SYSTEM_COLUMNS]
        found = {key: Column(table, meta.get_field(key)) for key in keys}
        table.__dict__["_columns"] = found
    return found


def _writer(stored: Any) -> Convert | None:
    if type(stored) in _AS_IT_IS:
        return None
    if type(stored) is models.DateTimeField:
        # In memory moments are aware, all of them; then this is what Django's own way comes to.
        return None if connection.vendor == "postgresql" else stamp

    def write(value: Any) -> Any:
        return stored.get_db_prep_save(value, connection=connection)

    return write


def _reading(table: Table, stored: Any, name: str) -> tuple[str, Convert | None]:
    """How a query reads it, and what makes a value in memory of that."""
    is_postgresql = connection.vendor == "postgresql"
    if type(stored) is models.BigIntegerField:
        # It may have become a decimal in a later version. A prepared query has to go on all the same, so the type of
        # its answer never changes.
        return f"{name}::numeric" if is_postgresql else name, _whole
    if type(stored) in _CAST_ON_SQLITE and not is_postgresql:
        type_, read = _CAST_ON_SQLITE[type(stored)]
        return f"CAST({name} AS {type_})", read
    return name, _reader(table, stored)


def _reader(table: Table, stored: Any) -> Convert | None:
    expression = Col(table.db_table, stored)
    converters = [*connection.ops.get_db_converters(expression), *stored.get_db_converters(connection)]
    if not converters:
        return None

    def read(value: Any) -> Any:
        for convert in converters:
            value = convert(value, expression, connection)
        return value

    return read


def _whole(value: Any) -> Any:
    """An int, as long as it is whole: a later version may keep decimals here."""
    if value is None or type(value) is int:
        return value
    number = Decimal(str(value))
    return int(number) if number == number.to_integral_value() else number


def _array_type(model_field: Any) -> str | None:
    if model_field.primary_key or model_field.is_relation:
        stored = model_field.target_field if model_field.is_relation else model_field
        type_ = str(stored.rel_db_type(connection))
    else:
        type_ = str(model_field.db_type(connection))
    plain = "text" if type_.startswith(("varchar", "char")) else type_.partition("(")[0].strip()
    return f"{plain}[]" if plain in _PLAIN_TYPES else None
