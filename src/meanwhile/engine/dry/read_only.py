"""A transaction in which the database itself refuses every write, and which is rolled back whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from meanwhile.core.errors import PermanentError

# PostgreSQL: "read-only transaction", "too late to make it another one", and what it says to everything after a refusal
# that somebody swallowed.
_REFUSALS = {"25006", "25001", "25P02"}


class WritingRefused(PermanentError):
    """Something tried to write during a dry run, and the database did not let it."""

    def __init__(self) -> None:
        super().__init__(_("It tried to write to the database, which nothing may during a dry run."))


@contextmanager
def read_only() -> Iterator[None]:
    """A block in which the database can be read and never written. Works inside a transaction of the caller too."""
    with _without_lock(), transaction.atomic(), _refusing_writes():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def is_refusal(error: DatabaseError) -> bool:
    """Whether the database refused a write because of ``read_only``."""
    if isinstance(error, transaction.TransactionManagementError):
        return True  # Django's own, after a refusal that somebody swallowed
    cause: Any = error.__cause__
    named = str(getattr(cause, "sqlite_errorname", ""))
    return getattr(cause, "sqlstate", "") in _REFUSALS or named.startswith("SQLITE_READONLY")


@contextmanager
def _without_lock() -> Iterator[None]:
    """On SQLite our transactions take the lock of writers at their start; one that only reads must keep nobody out."""
    database: Any = connection
    mode = getattr(database, "transaction_mode", None)
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    database.transaction_mode = None
    try:
        yield
    finally:
        database.transaction_mode = mode


@contextmanager
def _refusing_writes() -> Iterator[None]:
    if connection.vendor == "postgresql":
        # Ends with the transaction, or with the savepoint of an outer one; it cannot be taken back before.
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield
        return
    _sqlite("PRAGMA query_only = ON")
    try:
        yield
    finally:
        _sqlite("PRAGMA query_only = OFF")


def _sqlite(statement: str) -> None:
    # Past Django, which lets nothing through once a transaction has failed.
    raw: Any = connection.connection
    if raw is not None:
        raw.execute(statement)
