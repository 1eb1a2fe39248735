"""Hints that wake idle workers. A hint may get lost without harm: workers also look by themselves every second."""

from django.db import transaction

from meanwhile.queue import sockets
from meanwhile.queue.database import fetch, is_postgresql

CHANNEL = "meanwhile"


def after_commit() -> None:
    """Wake the workers when the transaction at hand commits; at once outside one."""
    if is_postgresql():
        fetch("SELECT pg_notify(%s, '')", (CHANNEL,))
    elif sockets.folder() is not None:
        transaction.on_commit(sockets.wake_all, robust=True)
