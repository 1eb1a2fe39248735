"""Whether the values that a column holds are values of a field."""

from collections.abc import Iterable
from typing import Any

from meanwhile.core.errors import InvalidValue
from meanwhile.core.zone import site_zone
from meanwhile.tables.statements import statements
from meanwhile.tables.table import Field, Table


def misfits(table: Table, field: Field) -> int:
    """How many different values of the column, read as ``table`` reads it, ``field`` would not keep as they are."""
    return sum(not _fits(value, field) for value in _distinct(table, field))


def _fits(value: Any, field: Field) -> bool:
    try:
        return bool(field.clean(value) == value)
    except InvalidValue:
        return False


def _distinct(table: Table, field: Field) -> Iterable[Any]:
    return () if field.target else statements(table).distinct(field.key)


def shown(field: Field, value: Any) -> str:
    """A value of ``field`` for people."""
    return field.display(value, site_zone())
