"""Unix datagram sockets in one folder: how the processes of one machine wake each other where no NOTIFY exists.

A worker binds a socket of its own in the folder; whoever has work for it sends an empty datagram to every socket there.
A socket that nobody listens to any more is removed by the next sender.
"""

import os
import socket
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from meanwhile.core.conf import conf
from meanwhile.core.ids import node_id

# The longest address of a Unix socket that every system takes.
_LONGEST = 100


def folder() -> Path | None:
    """Where the sockets are, or None where there are none: not configured, or no such sockets on this system."""
    given = conf().wake_folder
    return _place(given) if given and hasattr(socket, "AF_UNIX") else None


# Every save asks for it; making a path takes as long as sending a hint.
_place = lru_cache(maxsize=8)(Path)


def bind() -> tuple[socket.socket, Path] | None:
    """A new socket of this process and its path; the folder is made when it is missing. OSError when it cannot be."""
    place = folder()
    if place is None:
        return None
    place.mkdir(parents=True, exist_ok=True)
    own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    own.setblocking(False)
    name = f"{os.getpid()}-{node_id()}.sock"
    with _Address(place) as address:
        own.bind(address.of(name))
    return own, place / name


def wake_all(hint: bytes = b"") -> None:
    """One datagram to every socket of the folder. Never raises: a hint is not worth a failed save."""
    place = folder()
    if place is None:
        return
    with (
        suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender,
        _Address(place) as address,
    ):
        sender.setblocking(False)
        for name in os.listdir(place):
            if name.endswith(".sock"):
                _send(sender, hint, address.of(name))


def _send(sender: socket.socket, hint: bytes, address: str) -> None:
    try:
        sender.sendto(hint, address)
    except ConnectionRefusedError:
        Path(address).unlink(missing_ok=True)
    except OSError:
        return  # gone meanwhile, or its buffer is full: then it is awake


class _Address:
    """Addresses of sockets in ``place``, through an open handle of the folder where its path would be too long."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._handle: int | None = None

    def __enter__(self) -> "_Address":
        if len(os.fsencode(self._place)) + 40 > _LONGEST:
            self._handle = os.open(self._place, os.O_RDONLY)
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def of(self, name: str) -> str:
        folder = self._place if self._handle is None else f"/proc/self/fd/{self._handle}"
        return f"{folder}/{name}"
