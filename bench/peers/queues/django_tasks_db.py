"""django-tasks-db: queued in the record's transaction; its worker looks again after 10 ms instead of a second."""

from django.core.management import call_command
from django.db import connection, transaction

from bench.peers.counting import count
from bench.peers.tasks import TASKS, submit

__all__ = ["clear", "fill", "left", "prepare", "submit", "work"]

INTERVAL_SECONDS = "0.01"


def fill(record_ids: list[int], body: str) -> None:
    with transaction.atomic():
        for record_id in record_ids:
            TASKS[body].enqueue(record_id)


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_tasks_database_dbtaskresult")


def left() -> int:
    return count("django_tasks_database_dbtaskresult WHERE status <> 'SUCCESSFUL'")


def work() -> None:
    words = ["--interval", INTERVAL_SECONDS, "--no-startup-delay", "--no-reload"]
    call_command("db_worker", *words, verbosity=0)


def prepare() -> None:
    return
