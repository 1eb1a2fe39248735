"""huey on Redis: no results, nothing periodic, blocking reads, connections kept."""

import os

from django.db import transaction
from huey import RedisHuey
from redis import ConnectionPool, UnixDomainSocketConnection

from bench.peers import REDIS, bodies

THREADS = 4

_connections = ConnectionPool(connection_class=UnixDomainSocketConnection, path=os.environ[REDIS])
app = RedisHuey("bench", results=False, connection_pool=_connections)
TASKS = {
    bodies.NATURAL: app.task(name=bodies.NATURAL)(bodies.natural),
    bodies.MERGED: app.task(name=bodies.MERGED)(bodies.merged),
}


def submit(record_id: int) -> None:
    transaction.on_commit(lambda: TASKS[bodies.NATURAL](record_id))


def fill(record_ids: list[int], body: str) -> None:
    for record_id in record_ids:
        TASKS[body](record_id)


def clear() -> None:
    app.flush()


def left() -> int:
    return int(app.pending_count())


def work() -> None:
    app.create_consumer(workers=THREADS, worker_type="thread", periodic=False, initial_delay=0.01).run()


def prepare() -> None:
    return
