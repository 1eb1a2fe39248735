"""Whether the database takes what it is given, asked so cheaply that anyone may ask all the time.

Nothing is written: a statement that changes no row is refused where writing is. That a disk is full shows only when
something is really written; for SQLite, whose disk is this machine's, the free space is looked at instead.
"""

import shutil
from enum import StrEnum
from pathlib import Path

from django.db import Error

from meanwhile.queue.database import execute, fetch, is_postgresql
from meanwhile.queue.trouble import is_conflict, is_full, is_read_only

# Less is nearly nothing: the write-ahead log of one busy minute is larger.
FEWEST_FREE_BYTES = 32 * 1024 * 1024
_TOUCH = "UPDATE meanwhile_lease SET name = name WHERE id = -1"


class Standing(StrEnum):
    """What may be expected of the database."""

    OK = "ok"
    READ_ONLY = "read-only"
    FULL = "full"
    UNAVAILABLE = "unavailable"


def standing() -> Standing:
    """How the database stands. Waits for nobody; raises nothing that the database does."""
    return standing_and_error()[0]


def standing_and_error() -> tuple[Standing, Error | None]:
    """The same, with what the database said where that is why it is not well."""
    try:
        _touch()
    except Error as error:
        found = _meaning(error)
        return found, None if found == Standing.OK else error
    return Standing.FULL if _disk_is_full() else Standing.OK, None


def _touch() -> None:
    if is_postgresql():
        execute(_TOUCH)
        return
    ((milliseconds,),) = fetch("PRAGMA busy_timeout")
    fetch("PRAGMA busy_timeout = 0")
    try:
        execute(_TOUCH)
    finally:
        fetch(f"PRAGMA busy_timeout = {int(milliseconds)}")


def _meaning(error: Error) -> Standing:
    if is_conflict(error):
        return Standing.OK  # somebody else is writing just now
    if is_read_only(error):
        return Standing.READ_ONLY
    return Standing.FULL if is_full(error) else Standing.UNAVAILABLE


def _disk_is_full() -> bool:
    folder = sqlite_folder()
    return folder is not None and shutil.disk_usage(folder).free < FEWEST_FREE_BYTES


def sqlite_folder() -> Path | None:
    """Where SQLite keeps its file; None on PostgreSQL, and where the database is in memory."""
    if is_postgresql():
        return None
    file = next((path for _number, name, path in fetch("PRAGMA database_list") if name == "main"), "")
    return Path(file).parent if file else None
