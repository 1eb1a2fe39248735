"""Functions that run in processes of their own, loaded as a file beside a document is."""

import os

from django.db import connection

from meanwhile import function
from meanwhile.core.errors import PermanentError
from tests.hanging import hang_for_good


@function(own_process=True, timeout_seconds=1)
def hang(note: str) -> None:
    """Writes down its process and does not come back; no exception ends it."""
    hang_for_good(note)


@function(own_process=True, timeout_seconds=30)
def die() -> None:
    os._exit(3)


@function(own_process=True, timeout_seconds=30)
def refuse(word: str) -> None:
    raise PermanentError(f"{word} is refused.", word=word)


@function(own_process=True, timeout_seconds=30)
def raise_something_local() -> None:
    class LocalError(Exception):
        pass

    raise LocalError("cannot be pickled")


@function(own_process=True, timeout_seconds=30)
def ask_the_database() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return [os.getpid(), cursor.fetchone()[0]]
