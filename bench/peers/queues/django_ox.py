"""django-ox: queued in the record's transaction; its worker looks again after 10 ms instead of a second."""

from django.core.management import call_command
from django.db import connection
from django_ox.bulk import enqueue_many
from django_ox.models import OxTask

from bench.peers.counting import count
from bench.peers.tasks import TASKS, submit

__all__ = ["clear", "fill", "left", "prepare", "submit", "work"]

INTERVAL_SECONDS = "0.01"
CONCURRENCY = "4"


def fill(record_ids: list[int], body: str) -> None:
    enqueue_many(TASKS[body], [((record_id,), {}) for record_id in record_ids])


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {OxTask._meta.db_table} CASCADE")


def left() -> int:
    return count(f"{OxTask._meta.db_table} WHERE status <> 'SUCCESSFUL'")


def work() -> None:
    call_command("ox_worker", "--interval", INTERVAL_SECONDS, "--concurrency", CONCURRENCY, verbosity=0)


def prepare() -> None:
    return
