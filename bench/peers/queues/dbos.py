"""DBOS with its tables beside the records: each action is a step of a workflow, queued by the SQL function in the
record's transaction; its worker looks again after 10 ms instead of a second."""

import os
import signal
import threading
import time

from dbos import DBOS, DBOSConfig
from django.db import connection
from django.utils import timezone

from bench.peers import bodies
from bench.peers.counting import count
from bench.peers.models import Record

QUEUE = "bench"
INTERVAL_SECONDS = 0.01
CONCURRENCY = 4

CONFIG: DBOSConfig = {
    "name": "bench",
    "system_database_url": os.environ["DATABASE_URL"],
    "application_version": "1",
    "log_level": "ERROR",
    "enable_otlp": False,
}


@DBOS.step()
def set_b(record_id: int) -> None:
    record = Record.objects.get(pk=record_id)
    record.b = f"Checked {record.word}"
    record.save(update_fields=["b", "updated_at"])


@DBOS.step()
def set_c(record_id: int) -> None:
    Record.objects.filter(pk=record_id).update(c="Filed", updated_at=timezone.now())


@DBOS.step()
def send(record_id: int) -> None:
    bodies.send(Record.objects.get(pk=record_id))


@DBOS.step()
def set_done(record_id: int) -> None:
    Record.objects.filter(pk=record_id).update(done=True, updated_at=timezone.now())


@DBOS.step()
def everything(record_id: int) -> None:
    bodies.merged(record_id)


@DBOS.workflow(name=bodies.NATURAL)
def natural(record_id: int) -> None:
    started = time.monotonic()
    set_b(record_id)
    set_c(record_id)
    send(record_id)
    set_done(record_id)
    bodies.note(record_id, started)


@DBOS.workflow(name=bodies.MERGED)
def merged(record_id: int) -> None:
    everything(record_id)


def submit(record_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT dbos.enqueue_workflow(%s, %s, ARRAY[to_json(%s::bigint)])", [bodies.NATURAL, QUEUE, record_id]
        )


def fill(record_ids: list[int], body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT dbos.enqueue_workflow(%s, %s, ARRAY[to_json(id)]) FROM unnest(%s::bigint[]) AS id",
            [body, QUEUE, record_ids],
        )


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE dbos.workflow_status, dbos.workflow_input, dbos.operation_outputs CASCADE")


def left() -> int:
    return count("dbos.workflow_status WHERE status <> 'SUCCESS'")


def work() -> None:
    _launch()
    # Leaving in order takes DBOS longer than a minute when the database is busy, and a workflow survives its process.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Event().wait()


def prepare() -> None:
    _launch()
    DBOS.destroy()


def _launch() -> None:
    DBOS(config=CONFIG)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=CONCURRENCY, polling_interval_sec=INTERVAL_SECONDS)
