"""What a job of a peer does, twice: as its users would write it, and with one save for everything.

Each notes when it began and when the record's last commit was there, as ``bench.noting_worker`` does: ``record start
end`` a line.
"""

import os
import time
from functools import cache

from django.core.mail import EmailMessage

from bench.peers import LOG, MERGED, NATURAL
from bench.peers.models import Record

__all__ = ["MERGED", "NATURAL", "merged", "natural", "note", "send"]


def natural(record_id: int) -> None:
    """One save for each field that an action sets."""
    started = time.monotonic()
    record = Record.objects.get(pk=record_id)
    record.b = f"Checked {record.word}"
    record.save(update_fields=["b", "updated_at"])
    record.c = "Filed"
    record.save(update_fields=["c", "updated_at"])
    send(record)
    record.done = True
    record.save(update_fields=["done", "updated_at"])
    note(record_id, started)


def merged(record_id: int) -> None:
    """One save a job."""
    started = time.monotonic()
    record = Record.objects.get(pk=record_id)
    record.b, record.c, record.done = f"Checked {record.word}", "Filed", True
    send(record)
    record.save(update_fields=["b", "c", "done", "updated_at"])
    note(record_id, started)


def send(record: Record) -> None:
    """An e-mail to the dummy backend."""
    EmailMessage(f"Done: {record.word}", f"Dear {record.word}", None, [record.email]).send()


def note(record_id: int, started: float) -> None:
    """The job is done."""
    os.write(_log(os.getpid()), f"{record_id} {started:.6f} {time.monotonic():.6f}\n".encode())


@cache
def _log(_process: int) -> int:
    return os.open(os.environ[LOG], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
