"""After a test only what it wrote is deleted.

Django empties every table, and then makes its content types and permissions anew, which takes longer than most tests
do. Here, what the migrations left stays for as long as tests leave it as it was; otherwise Django's way is gone.
"""

from typing import Any

from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase

# A table of so many rows goes whole, with the statistics and the room that PostgreSQL would keep; for fewer, that takes
# ten times as long as deleting them.
MANY = 500

_empty_all = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
# Of each table that is not empty when the migrations are done, its rows.
_left_by_migrations: dict[str, list[tuple[Any, ...]]] = {}


def begin() -> None:
    """Call this when the database of the tests has just been made."""
    _remember()
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _remember() -> None:
    _left_by_migrations.clear()
    _left_by_migrations.update({table: _rows(table) for table in _filled()})


def _empty(test: TransactionTestCase) -> None:
    try:
        with transaction.atomic():
            is_done = _delete_what_was_written()
    except DatabaseError:  # a table is not as it was
        is_done = False
    if not is_done:
        _empty_all(test)
        _remember()


def _delete_what_was_written() -> bool:
    """False where what the migrations left is not as it was."""
    filled = _filled()
    if any(_rows(table) != rows for table, rows in _left_by_migrations.items()):
        return False
    with connection.cursor() as cursor:
        for table in filled:
            if table not in _left_by_migrations:
                cursor.execute(f"DELETE FROM {_quoted(table)}")
                if cursor.rowcount > MANY and connection.vendor == "postgresql":
                    cursor.execute(f"TRUNCATE {_quoted(table)} CASCADE")
    return True


def _filled() -> list[str]:
    """The tables with any row."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    parts = [f"SELECT {n} WHERE EXISTS (SELECT 1 FROM {_quoted(table)})" for n, table in enumerate(tables)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [tables[n] for (n,) in cursor.fetchall()]


def _rows(table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {_quoted(table)} ORDER BY 1")
        return list(cursor.fetchall())


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
