"""The queue's way to the database: its own statements, and the two dialects that they are written in.

Everything goes over Django's connection of the calling thread, inside whatever transaction is open there. Statements
that run for every job are plain SQL: on PostgreSQL they are prepared once per connection, which Django's own cursor
does not do; on SQLite the driver keeps them. What runs once a second or less goes through the ORM.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from meanwhile.core import clock

type Parameters = Sequence[Any] | Mapping[str, Any]

# Statements are prepared at their second use on a connection, so that a short-lived one pays nothing.
_PREPARE_AFTER = 1


@cache
def is_postgresql() -> bool:
    """Whether the site's database is PostgreSQL; else it is SQLite. A process never changes it."""
    return connection.vendor == "postgresql"


def fetch(sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """All rows of one statement. Raises Django's database errors."""
    if is_postgresql():
        return _fetch_prepared(sql, parameters)
    with _plain_cursor() as cursor:
        return list(cursor.execute(_in_sqlite_style(sql), parameters).fetchall())


def execute(sql: str, parameters: Parameters = ()) -> int:
    """How many rows one statement touched."""
    if is_postgresql():
        with _prepared_cursor() as cursor:
            return int(cursor.execute(sql, parameters).rowcount)
    with _plain_cursor() as cursor:
        return int(cursor.execute(_in_sqlite_style(sql), parameters).rowcount)


def execute_many(sql: str, rows: Sequence[Parameters]) -> int:
    """One statement for many rows; how many it touched."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)
            return int(cursor.rowcount)
    with _plain_cursor() as cursor:
        return int(cursor.executemany(_in_sqlite_style(sql), rows).rowcount)


def _fetch_prepared(sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    with _prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@contextmanager
def _plain_cursor() -> Iterator[Any]:
    """A cursor of sqlite3 itself on Django's connection. Django's own rewrites the text of a statement every time."""
    wrapper = _usable()
    with wrapper.wrap_database_errors:
        cursor = wrapper.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def _usable() -> Any:
    """This thread's connection, open and in no broken transaction. Asking Django for it costs; it is asked once."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    return wrapper


# Placeholders as sqlite3 wants them; the same texts come again and again.
_PLACEHOLDER = re.compile(r"%(?:s|\((\w+)\)s|%)")


@lru_cache(maxsize=1024)
def _in_sqlite_style(sql: str) -> str:
    return _PLACEHOLDER.sub(_placeholder, sql)


def _placeholder(found: re.Match[str]) -> str:
    if name := found[1]:
        return f":{name}"
    return "%" if found[0] == "%%" else "?"


@contextmanager
def _prepared_cursor() -> Iterator[Any]:
    """A cursor of psycopg itself on Django's connection. ``prepare_threshold`` in the site's OPTIONS has the last
    word, for the sake of poolers that cannot prepare."""
    import psycopg

    wrapper = _usable()
    raw = wrapper.connection
    if raw.prepare_threshold is None and "prepare_threshold" not in wrapper.settings_dict["OPTIONS"]:
        raw.prepare_threshold = _PREPARE_AFTER
    with wrapper.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        yield cursor


def limit_idle_transactions(seconds: float) -> None:
    """A transaction of this thread's connection that stands idle for longer is ended by the server (PostgreSQL)."""
    if is_postgresql():
        milliseconds = str(int(seconds * 1000))
        fetch("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", (milliseconds,))


def stamp(moment: datetime | None = None) -> str:
    """``moment`` (now, when there is none) as SQLite keeps it; its clock is this machine's."""
    return str(connection.ops.adapt_datetimefield_value(moment or clock.now()))


def moment(value: datetime | str) -> datetime:
    """What a raw statement returned for a time, as aware UTC."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def text_of(message: str) -> str:
    """``message`` as both databases take it: without NUL and without halves of characters."""
    return message.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
