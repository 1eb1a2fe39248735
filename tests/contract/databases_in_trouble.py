"""Makes the real database of a test refuse: only readable, or out of reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def read_only() -> Iterator[None]:
    """The database answers questions and takes nothing. Outside any transaction."""
    if connection.vendor == "postgresql":
        _execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        try:
            yield
        finally:
            _execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
        return
    path = connection.settings_dict["NAME"]
    options = {**connection.settings_dict["OPTIONS"], "uri": True, "init_command": ""}
    with _changed(NAME=f"file:{path}?mode=ro", OPTIONS=options):
        yield


@contextmanager
def out_of_reach() -> Iterator[None]:
    """Nobody answers where the database should be."""
    if connection.vendor == "postgresql":
        with _changed(HOST="127.0.0.1", PORT="1"):
            yield
        return
    with _changed(NAME="/nowhere/at/all.sqlite3"):
        yield


@contextmanager
def _changed(**settings: Any) -> Iterator[None]:
    """Other settings of the connection, which is opened anew for them and after them."""
    before = {name: connection.settings_dict[name] for name in settings}
    connection.close()
    connection.settings_dict.update(settings)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
