"""Celery on Redis: the JSON task only, no results, no events, acknowledged when taken, connections kept."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from redis import Redis

from bench.peers import REDIS, bodies

app = Celery(
    "bench",
    broker=f"redis+socket://{os.environ[REDIS]}",
    set_as_current=True,
)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=32,
    worker_disable_rate_limits=True,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_pool_limit=4,
    broker_connection_retry_on_startup=True,
    # Without it Celery closes the database connection after every task.
    CELERY_DB_REUSE_MAX=1_000_000_000,
)
_redis = Redis(unix_socket_path=os.environ[REDIS])
TASKS = {
    bodies.NATURAL: app.task(bodies.natural, name=bodies.NATURAL),
    bodies.MERGED: app.task(bodies.merged, name=bodies.MERGED),
}


def submit(record_id: int) -> None:
    TASKS[bodies.NATURAL].delay_on_commit(record_id)


def fill(record_ids: list[int], body: str) -> None:
    for record_id in record_ids:
        TASKS[body].delay(record_id)


def clear() -> None:
    _redis.delete("celery", "unacked", "unacked_index")


def left() -> int:
    return int(_redis.llen("celery")) + int(_redis.hlen("unacked"))


def work() -> None:
    warnings.simplefilter("ignore", SecurityWarning)  # in a container everybody is root
    words = ["worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "error"]
    app.worker_main([*words, "--without-gossip", "--without-mingle", "--without-heartbeat", "-O", "fair"])


def prepare() -> None:
    return
