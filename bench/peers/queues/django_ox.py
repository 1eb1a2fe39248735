"""django-ox: queued in the record's transaction; its worker looks again after 10 ms instead of a second."""

from django.core.management import call_command
from django.db import connection
from django.tasks import task
from django_ox.bulk import enqueue_many
from django_ox.models import OxTask

from bench.peers import bodies
from bench.peers.counting import count

INTERVAL_SECONDS = "0.01"
CONCURRENCY = "4"


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
