"""pgqueuer on asyncpg and uvloop, jobs taken in batches; queued on Django's own connection, in the record's
transaction. Its handlers are coroutines: the Django code runs in a thread, as its documentation says."""

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import asyncpg
import uvloop
from django.db import connection
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, SyncPsycopgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries, SyncQueries

from bench.peers import bodies
from bench.peers.counting import count

BATCH = 50
THREADS = 4


@cache
def _queries() -> SyncQueries:
    # The driver wants to be made outside a transaction, and then joins whatever transaction Django has begun.
    connection.ensure_connection()
    return SyncQueries(SyncPsycopgDriver(connection.connection))


def submit(record_id: int) -> None:
    _queries().enqueue(bodies.NATURAL, str(record_id).encode())


def fill(record_ids: list[int], body: str) -> None:
    payloads = [str(record_id).encode() for record_id in record_ids]
    _queries().enqueue([body] * len(payloads), payloads, [0] * len(payloads))


def clear() -> None:
    _queries()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pgqueuer, pgqueuer_log, pgqueuer_statistics")


def left() -> int:
    return count("pgqueuer")


def work() -> None:
    uvloop.run(_work())


async def _work() -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS))
    queuer = PgQueuer(AsyncpgDriver(await asyncpg.connect(os.environ["DATABASE_URL"])))
    loop.add_signal_handler(signal.SIGTERM, queuer.shutdown.set)

    @queuer.entrypoint(bodies.NATURAL)
    async def natural(job: Job) -> None:
        await asyncio.to_thread(bodies.natural, int(job.payload or b""))

    @queuer.entrypoint(bodies.MERGED)
    async def merged(job: Job) -> None:
        await asyncio.to_thread(bodies.merged, int(job.payload or b""))

    await queuer.run(batch_size=BATCH)


def prepare() -> None:
    asyncio.run(_install())


async def _install() -> None:
    await Queries(AsyncpgDriver(await asyncpg.connect(os.environ["DATABASE_URL"]))).install()
