"""Tells apart what a database error means: somebody was in the way, the database is in trouble, or a job is wrong.

Only the last one is a job's own fault; for the others no attempt of a job is counted.
"""

import logging

from django.db import Error, InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

# PostgreSQL: serialization failure, deadlock, lock not available.
_CONFLICTS = frozenset({"40001", "40P01", "55P03"})
# PostgreSQL: connection, resources (disk, memory, too many connections), operator (shutdown, crash, cut off), system;
# 25006 read-only, 25P03 idle in transaction for too long. 57014 (cancelled by a time-out) is the statement's own.
_TROUBLES = ("08", "53", "57P", "58", "25006", "25P03")
# SQLite's primary result codes: BUSY and LOCKED; then PERM, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
_BUSY = frozenset({5, 6})
_SQLITE_TROUBLES = frozenset({3, 7, 8, 10, 11, 13, 14, 26})


def is_conflict(error: BaseException) -> bool:
    """Whether running the same transaction again can help: deadlock, serialization failure, busy."""
    return _sqlstate(error) in _CONFLICTS or _sqlite_code(error) in _BUSY


def is_trouble(error: BaseException) -> bool:
    """Whether the database could not be reached or could not work; it is no job's fault."""
    if not isinstance(error, Error):
        return False
    if isinstance(error, InterfaceError) or is_conflict(error):
        return True
    if _sqlstate(error).startswith(_TROUBLES) or _sqlite_code(error) in _SQLITE_TROUBLES:
        return True
    return isinstance(error, OperationalError) and (_is_of_the_library(error) or _is_cut_off())


def tell(error: BaseException, then: str = "") -> None:
    """Log in one line what the database said, for whoever would otherwise learn only that something did not work.
    ``then``: what follows from it."""
    logger.warning("The database cannot be used%s: %s", then, " ".join(str(error).split()) or type(error).__name__)


def is_read_only(error: BaseException) -> bool:
    """Whether the database answers questions and takes nothing."""
    return _sqlstate(error) == "25006" or _sqlite_code(error) == 8


def is_full(error: BaseException) -> bool:
    """Whether there is no room left where the database writes."""
    return _sqlstate(error) == "53100" or _sqlite_code(error) == 13


def _is_of_the_library(error: BaseException) -> bool:
    """Whether PostgreSQL's own library raised it: what the server says has a code. By now Django may have connected
    anew, as it does at the end of a transaction, so the connection at hand tells nothing."""
    return getattr(error.__cause__, "sqlstate", "") is None


def _is_cut_off() -> bool:
    raw = connection.connection
    return raw is None or bool(getattr(raw, "closed", False))


def _sqlstate(error: BaseException) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or getattr(error, "sqlstate", None) or "")


def _sqlite_code(error: BaseException) -> int:
    """The primary result code; extended ones carry it in their lowest byte."""
    return (getattr(error.__cause__, "sqlite_errorcode", 0) or 0) & 0xFF
