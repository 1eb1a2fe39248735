"""procrastinate through its Django application: queued in the record's transaction, woken by NOTIFY, jobs deleted when
done."""

from django.db import connection
from procrastinate.contrib.django import app

from bench.peers import bodies
from bench.peers.counting import count

CONCURRENCY = 4

TASKS = {
    bodies.NATURAL: app.task(name=bodies.NATURAL)(bodies.natural),
    bodies.MERGED: app.task(name=bodies.MERGED)(bodies.merged),
}


def submit(record_id: int) -> None:
    TASKS[bodies.NATURAL].defer(record_id=record_id)


def fill(record_ids: list[int], body: str) -> None:
    TASKS[body].batch_defer(*({"record_id": record_id} for record_id in record_ids))


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers")


def left() -> int:
    return count("procrastinate_jobs")


def work() -> None:
    with app.replace_connector(app.connector.get_worker_connector()), app.open():
        app.run_worker(concurrency=CONCURRENCY, delete_jobs="always")


def prepare() -> None:
    return
