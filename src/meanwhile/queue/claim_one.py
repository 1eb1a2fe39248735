"""Claiming a job that is known by its id: the rest of a request by the request itself, and a new job by the worker that
its hint woke up. Nothing has to be looked for, so it costs one statement, and the promises are those of ``claim``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from meanwhile.queue.claim_pieces import as_list, claimed, filled
from meanwhile.queue.database import fetch, is_postgresql, stamp
from meanwhile.queue.gate import open_gate
from meanwhile.queue.jobs import Claimed
from meanwhile.queue.models import Job, QueueRules

# Where a queue has limits, the claim first has to ask them.
_IS_UNLIMITED = """
    NOT EXISTS (SELECT 1 FROM meanwhile_queue rule WHERE rule.name = job.queue
                AND (rule.paused OR rule.concurrency IS NOT NULL OR rule.per_minute IS NOT NULL))
"""
_ONE = """
    UPDATE meanwhile_job AS job SET state = 'running', lease_id = %(lease)s, epoch = job.epoch + 1,
           started_at = coalesce(job.started_at, {now})
    WHERE job.id = %(id)s AND job.state = 'available' AND {is_free} AND {is_open}
    RETURNING {columns}
"""
# What a hint names: a job that came in just now and that nobody has claimed before. Nothing has to be looked for, and
# nobody waits where another claim was faster. A clock that ran ahead makes nothing new. (A single id: with an array of
# them PostgreSQL would plan anew every time.)
_IS_NAMED = """
    job.id = %(id)s AND job.state || '' = 'available' AND job.epoch = 0 AND {age} BETWEEN {none} AND {moment}
    AND {of_queues} AND {is_free} AND {is_open}
"""
_NAMED_POSTGRESQL = filled(
    """
    WITH picked AS MATERIALIZED (SELECT job.id FROM meanwhile_job job WHERE {is_named} FOR UPDATE SKIP LOCKED)
    UPDATE meanwhile_job job SET state = 'running', lease_id = %(lease)s, epoch = 1, started_at = clock_timestamp()
    FROM picked WHERE job.id = picked.id
    RETURNING {job.columns}
    """,
    {
        "is_named": _IS_NAMED,
        "age": "clock_timestamp() - job.created_at",
        "none": "interval '0'",
        "moment": "interval '0.1 seconds'",
        "of_queues": "(%(queues)s::text[] IS NULL OR job.queue = ANY(%(queues)s::text[]))",
        "is_open": _IS_UNLIMITED,
    },
)
_NAMED_SQLITE = filled(
    """
    UPDATE meanwhile_job AS job SET state = 'running', lease_id = %(lease)s, epoch = 1, started_at = %(now)s
    WHERE {is_named}
    RETURNING {columns}
    """,
    {
        "is_named": _IS_NAMED,
        "age": "julianday(%(now)s) - julianday(job.created_at)",
        "none": "0",
        "moment": "0.1 / 86400",
        "of_queues": "(%(queues)s IS NULL OR job.queue IN (SELECT value FROM json_each(%(queues)s)))",
        "is_open": _IS_UNLIMITED,
    },
)
_HAS_ROOM = "job.queue = %(queue)s"
# By whether the limits of its queue were asked.
_ONE_POSTGRESQL = {
    False: filled(_ONE, {"now": "clock_timestamp()", "is_open": _IS_UNLIMITED}),
    True: filled(_ONE, {"now": "clock_timestamp()", "is_open": _HAS_ROOM}),
}
_ONE_SQLITE = {
    False: filled(_ONE, {"now": "%(now)s", "is_open": _IS_UNLIMITED}),
    True: filled(_ONE, {"now": "%(now)s", "is_open": _HAS_ROOM}),
}


def claim_one(job_id: int, lease_id: int) -> Claimed | None:
    """This very job, when it is its turn and its queue lets it through; else None."""
    wanted = {"lease": lease_id, "id": job_id, "now": stamp()}
    try:
        with transaction.atomic():
            rows = fetch(_one(has_asked=False), wanted) or _claim_one_of_limited(wanted)
    except IntegrityError:
        return None
    return claimed(rows[0]) if rows else None


def _claim_one_of_limited(wanted: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    found = QueueRules.objects.filter(name__in=Job.objects.filter(pk=wanted["id"]).values("queue"))
    queue = found.values_list("name", flat=True).first()
    if queue is None:
        return []
    gate = open_gate([queue])
    if gate.allowances.get(queue) == 0:
        return []
    rows = fetch(_one(has_asked=True), {**wanted, "queue": queue})
    gate.pass_through(queue for _row in rows)
    return rows


def _one(*, has_asked: bool) -> str:
    return _ONE_POSTGRESQL[has_asked] if is_postgresql() else _ONE_SQLITE[has_asked]


def claim_named(job_id: int, lease_id: int, queues: Sequence[str] | None) -> Claimed | None:
    """This very job, when it came in within the last moment, it is its turn, and its queue has no limits; else None.

    Inside the caller's transaction, which an IntegrityError takes with it. It passes over what waits already, so it is
    for a worker that has nothing to do.
    """
    wanted = {"id": job_id, "lease": lease_id, "queues": as_list(queues), "now": stamp()}
    rows = fetch(_NAMED_POSTGRESQL if is_postgresql() else _NAMED_SQLITE, wanted)
    return claimed(rows[0]) if rows else None
