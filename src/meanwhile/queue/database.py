"""The queue's way to the database: its own statements, and the two dialects that they are written in.

Everything goes over Django's connection of the calling thread, inside whatever transaction is open there. Statements
that run for every job are plain SQL: on PostgreSQL they are prepared once per connection, which Django's own cursor
does not do; on SQLite the driver keeps them. What runs once a second or less goes through the ORM.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from meanwhile.core import clock

type Parameters = Sequence[Any] | Mapping[str, Any]

# Statements are prepared at their second use on a connection, so that a short-lived one pays nothing.
_PREPARE_AFTER = 1
# Of SQLite's ``synchronous``: with a log, a commit does not wait for the disk.
_NORMAL = 1


@cache
def is_postgresql() -> bool:
    """Whether the site's database is PostgreSQL; else it is SQLite. A process never changes it."""
    return connection.vendor == "postgresql"


def fetch(sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """All rows of one statement. Raises Django's database errors."""
    wrapper = _usable()
    with wrapper.wrap_database_errors:
        rows: list[tuple[Any, ...]] = _run(wrapper, sql, parameters).fetchall()
        return rows


def execute(sql: str, parameters: Parameters = ()) -> int:
    """How many rows one statement touched."""
    wrapper = _usable()
    with wrapper.wrap_database_errors:
        return int(_run(wrapper, sql, parameters).rowcount)


def execute_many(sql: str, rows: Sequence[Parameters]) -> int:
    """One statement for many rows; how many it touched."""
    wrapper = _usable()
    with wrapper.wrap_database_errors:
        if is_postgresql():
            cursor = _prepared_cursor(wrapper)
            cursor.executemany(sql, rows)
        else:
            cursor = wrapper.connection.executemany(_in_sqlite_style(sql), rows)
        return int(cursor.rowcount)


def _usable() -> Any:
    """This thread's connection, open and in no broken transaction. Asking Django for it costs; it is asked once."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    return wrapper


def _run(wrapper: Any, sql: str, parameters: Parameters) -> Any:
    """The cursor of the statement. It is the driver's own: on SQLite, Django's rewrites the text every time."""
    if is_postgresql():
        return _prepared_cursor(wrapper).execute(sql, parameters)
    return wrapper.connection.execute(_in_sqlite_style(sql), parameters)


class _Kept(threading.local):
    """The psycopg cursor of this thread's connection. Every statement is read to its end before the next one, so one
    serves them all; making one takes as long as a small statement."""

    cursor: Any = None


_kept = _Kept()


def _prepared_cursor(wrapper: Any) -> Any:
    """A cursor of psycopg itself on Django's connection. ``prepare_threshold`` in the site's OPTIONS has the last
    word, for the sake of poolers that cannot prepare."""
    raw, cursor = wrapper.connection, _kept.cursor
    if cursor is None or cursor.connection is not raw:
        import psycopg

        if raw.prepare_threshold is None and "prepare_threshold" not in wrapper.settings_dict["OPTIONS"]:
            raw.prepare_threshold = _PREPARE_AFTER
        cursor = _kept.cursor = psycopg.Cursor(raw)
    return cursor


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
def light_transaction() -> Iterator[None]:
    """A transaction that may be lost, as if it had not been, when the machine goes down right afterwards: on SQLite its
    commit does not wait for the disk, and whoever knows of it goes down too. A server may go down alone, and so
    PostgreSQL's always waits. Inside another transaction it is a savepoint, and that one's commit counts."""
    is_light = not (is_postgresql() or connection.in_atomic_block)
    with _waiting_less() if is_light else nullcontext(), transaction.atomic():
        yield


@contextmanager
def _waiting_less() -> Iterator[None]:
    """SQLite keeps to this from the next transaction on; within one it cannot be changed."""
    ((before,),) = fetch("PRAGMA synchronous")
    fetch(f"PRAGMA synchronous = {min(before, _NORMAL)}")
    try:
        yield
    finally:
        fetch(f"PRAGMA synchronous = {before}")


def limit_idle_transactions(seconds: float) -> None:
    """A transaction of this thread's connection that stands idle for longer is ended by the server (PostgreSQL)."""
    if is_postgresql():
        milliseconds = str(int(seconds * 1000))
        fetch("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", (milliseconds,))


def stamp(moment: datetime | None = None) -> str:
    """``moment`` (now, when there is none) as SQLite keeps it; its clock is this machine's."""
    return str(connection.ops.adapt_datetimefield_value(moment or clock.now()))


def moment(value: datetime | str) -> datetime:
    """What a raw statement returned for a time, as aware UTC; SQLite's say no zone and are UTC."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def text_of(message: str) -> str:
    """``message`` as both databases take it: without NUL and without halves of characters."""
    return message.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
