"""The physical tables as they are, with the columns that older versions left behind.

SQLite changes a column by making the whole table anew from a model. That model has to know every column that is
there, or the data of dropped fields would be gone; so it is made from the database and not from a version.
"""

import copy
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from meanwhile.tables.run_time import LABEL, registry
from meanwhile.tables.table import Table

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field


class LeftColumn(_Field):
    """A column whose field is gone: its type is what the database says."""

    def __init__(self, db_type: str = "text", **options: Any) -> None:
        self._db_type = db_type
        super().__init__(null=True, **options)

    def db_type(self, connection: Any) -> str:
        return self._db_type

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "db_type": self._db_type}


def columns(db_table: str) -> dict[str, str]:
    """The columns of a table with their types, as the database names them; empty where there is no such table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
                [connection.ops.quote_name(db_table)],
            )
        else:
            cursor.execute("SELECT name, type FROM pragma_table_info(%s)", [db_table])
        return {name: _normal(type_) for name, type_ in cursor.fetchall()}


def type_of(column: Any) -> str:
    """The type of a model field's column, as ``columns`` names it."""
    return _normal(str(column.db_type(connection)))


def _normal(type_: str) -> str:
    word = type_.lower()
    return {"timestamptz": "timestamp with time zone", "bool": "boolean"}.get(word, word)


def whole_model(table: Table, editor: Any) -> type[models.Model]:
    """A model of the physical table: the columns that ``table`` knows, and those that it does not."""
    known = {column.column: column for column in table.model._meta.concrete_fields}
    body: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": LABEL, "apps": registry(), "db_table": table.db_table}),
    }
    for name, type_ in columns(table.db_table).items():
        column = copy.deepcopy(known[name]) if name in known else LeftColumn(type_, db_column=name)
        body[known[name].name if name in known else f"left_{name}"] = column
    return type(f"whole_{table.key}", (models.Model,), body)


def column_like(column: Any, model: type[models.Model], *, plain: bool) -> Any:
    """A copy of a model field for ``model``; ``plain``: without its uniqueness."""
    twin = copy.copy(column)
    if plain:
        twin._unique = False
    twin.model = model
    return twin


def with_column(model: type[models.Model], column: Any) -> type[models.Model]:
    """``model``, in which ``column`` stands for the one of its name."""
    meta = model._meta
    meta.local_fields[:] = [column if each.column == column.column else each for each in meta.local_fields]
    meta.__dict__.pop("concrete_fields", None)
    return model
