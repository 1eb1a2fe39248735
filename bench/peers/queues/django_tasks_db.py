"""django-tasks-db: queued in the record's transaction; its worker looks again after 10 ms instead of a second."""

from django.core.management import call_command
from django.db import connection, transaction
from django.tasks import task

from bench.peers import bodies
from bench.peers.counting import count

INTERVAL_SECONDS = "0.01"


@task()
def natural(record_id: int) -> None:
    bodies.natural(record_id)


@task()
def merged(record_id: int) -> None:
    bodies.merged(record_id)


TASKS = {bodies.NATURAL: natural, bodies.MERGED: merged}


def submit(record_id: int) -> None:
    natural.enqueue(record_id)


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
