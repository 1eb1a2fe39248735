"""The other queues that people run with Django, doing the same work on the same kind of records.

Only ``make bench`` installs them, into an environment of its own. Each works in processes of its own: one that submits
(``bench.peers.submitting``) and its workers (``bench.peers.working``), with nothing of the others loaded.
"""

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """``name`` in the tables; ``distribution``: whose version counts; ``share``: of the jobs that are planned for the
    others, so that a slow one does not take all the time."""

    name: str
    distribution: str
    share: float = 0.2
    on_redis: bool = False


# By the name of their package, and of their module under ``queues``.
PEERS = {
    "celery": Known("Celery", "celery", on_redis=True),
    "huey": Known("huey", "huey", on_redis=True),
    "procrastinate": Known("procrastinate", "procrastinate"),
    "pgqueuer": Known("pgqueuer", "pgqueuer"),
    "django_tasks_db": Known("django-tasks-db", "django-tasks-db"),
    "django_ox": Known("django-ox", "django-ox"),
    "dbos": Known("DBOS", "dbos", share=0.04),
}
# Two bodies of a job; see ``bodies``.
NATURAL, MERGED = "natural", "merged"
# What the processes are told: which queue, where Redis listens, and where a worker notes what it has done.
PEER, REDIS, LOG = "BENCH_PEER", "BENCH_REDIS", "BENCH_LOG"


def installed() -> list[str]:
    """The keys of the peers that this environment has."""
    return [key for key in PEERS if find_spec(key) and find_spec(f"bench.peers.queues.{key}")]


def queue() -> Any:
    """The module of this process's queue. See ``queues`` for what it has."""
    return import_module(f"bench.peers.queues.{os.environ[PEER]}")
