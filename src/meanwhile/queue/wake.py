"""Hints that wake idle workers. A hint may get lost without harm: workers also look by themselves every second.

PostgreSQL carries them by NOTIFY; on SQLite they are datagrams between the processes of this machine.
"""

import logging
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction

from meanwhile.core import clock
from meanwhile.queue import sockets
from meanwhile.queue.database import fetch, is_postgresql

logger = logging.getLogger(__name__)

CHANNEL = "meanwhile"
# How long after one try to listen comes the next; until then polling has to do.
TRY_AGAIN_SECONDS = 1.0


def after_commit(job_id: int | None = None) -> None:
    """Wake the workers when the transaction at hand commits; at once outside one. ``job_id``: the new job that is all
    that there is to do."""
    name = "" if job_id is None else str(job_id)
    if is_postgresql():
        fetch("SELECT pg_notify(%s, %s)", (CHANNEL, name))
    elif sockets.folder() is not None:
        transaction.on_commit(partial(sockets.wake_all, name.encode()), robust=True)


class _Ear(Protocol):
    """One way to hear hints. Anything may raise; the listener then opens another one later."""

    def fileno(self) -> int: ...
    def drain(self) -> list[str]:
        """The hints that came: what each of them names, empty where it names nothing."""

    def close(self) -> None: ...


class Listener:
    """Hears hints for one worker. Never raises: where it cannot listen, the worker polls."""

    def __init__(self) -> None:
        self._ear: _Ear | None = None
        self._open_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether hints can be heard at the moment."""
        return self._ear is not None

    def fileno(self) -> int | None:
        """What to wait for; None while nothing can be heard. Opens what is closed."""
        if self._ear is None and clock.monotonic() >= self._open_at:
            self._open_at = clock.monotonic() + TRY_AGAIN_SECONDS
            self._ear = self._guarded(_open)
        return None if self._ear is None else self._guarded(self._ear.fileno)

    def drain(self) -> int | None:
        """Forget the hints that came. The job that they name, where it is all that there is to do; else None."""
        names = self._guarded(self._ear.drain) if self._ear is not None else None
        return int(names[0]) if names and len(names) == 1 and names[0].isdecimal() else None

    def close(self) -> None:
        ear, self._ear = self._ear, None
        if ear is not None:
            self._guarded(ear.close)

    def _guarded[Result](self, step: Callable[[], Result]) -> Result | None:
        try:
            return step()
        except Exception as error:
            logger.warning("Hints cannot be heard, jobs are found by polling: %s", error)
            self.close()
            return None


def _open() -> _Ear | None:
    if is_postgresql():
        return _Notifications()
    bound = sockets.bind()
    return None if bound is None else _Datagrams(*bound)


class _Notifications:
    """A connection of its own that does nothing but LISTEN."""

    def __init__(self) -> None:
        self._wrapper: Any = connection.copy()
        self._wrapper.connect()
        self._raw: Any = self._wrapper.connection
        self._raw.execute(f"LISTEN {CHANNEL}")

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def drain(self) -> list[str]:
        return [hint.payload for hint in self._raw.notifies(timeout=0)]

    def close(self) -> None:
        self._wrapper.close()


class _Datagrams:
    def __init__(self, own: socket.socket, path: Path) -> None:
        self._own = own
        self._path = path

    def fileno(self) -> int:
        if not self._path.exists():
            raise OSError(f"{self._path} was removed")
        return self._own.fileno()

    def drain(self) -> list[str]:
        names = []
        try:
            while True:
                names.append(self._own.recv(32).decode("ascii", "replace"))
        except BlockingIOError:
            return names

    def close(self) -> None:
        self._own.close()
        self._path.unlink(missing_ok=True)
