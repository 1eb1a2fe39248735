"""Rows by the million, made by the database itself from one that is there."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models
from django.db.models import Model

# The number of each copy, from 1, in the statement below.
NUMBER = "copy.number"
# Ids that no real row has.
FAR = 1_000_000_000


def copy(model: type[Model], pk: Any, count: int, changed: Mapping[str, str]) -> None:
    """``count`` copies of the row ``pk``. ``changed``: by column, an SQL expression, which may use ``NUMBER``."""
    fields = model._meta.concrete_fields
    columns = [field.column for field in fields if not (field.primary_key or field.generated)]
    values = [changed.get(str(column), f't."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    table, (source, parameters) = model._meta.db_table, _numbers(count)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} t, {source} WHERE t.id = %s",
            [*parameters, pk],
        )


def _numbers(count: int) -> tuple[str, list[int]]:
    if connection.vendor == "postgresql":
        return "generate_series(1, %s) AS copy (number)", [count]
    return (
        "(WITH RECURSIVE upward (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM upward WHERE number < %s)"
        " SELECT number FROM upward) AS copy",
        [count],
    )


def text_of_number() -> str:
    """The number as text, in SQL."""
    return f"CAST({NUMBER} AS text)"


def moments_from_tomorrow() -> str:
    """A moment for each copy, a second apart, in SQL."""
    if connection.vendor == "postgresql":
        return f"now() + interval '1 day' + {NUMBER} * interval '1 second'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+1 day', {NUMBER} || ' seconds')"


def settle() -> None:
    """Let the database come to rest: with what it knows of its tables, and everything on the disk."""
    statements = {"postgresql": ("ANALYZE", "CHECKPOINT"), "sqlite": ("ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)")}
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)


def shrink() -> None:
    """Give back the room of rows that are gone."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    settle()


def newest(model: type[models.Model]) -> Any:
    """The id of the row that was written last."""
    return model._base_manager.order_by("-pk").values_list("pk", flat=True)[0]
