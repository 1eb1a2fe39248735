"""Jobs in the database: one guarded statement per transition, each inside the caller's transaction.

Whoever holds a job proves it by its epoch. Nothing here knows what a job does. What happens once a second or less
(``promote``, ``rescue``, ``purge``) is in ``upkeep``, what people do in ``operators``; both are offered here too.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from meanwhile.core import clock, failpoints
from meanwhile.core.conf import conf
from meanwhile.core.exact_json import dumps
from meanwhile.queue import wake
from meanwhile.queue.database import execute, execute_many, fetch, is_postgresql, stamp
from meanwhile.queue.jobs import Claimed, NewJob
from meanwhile.queue.operators import cancel, resume, rewrite
from meanwhile.queue.states import TERMINAL, State
from meanwhile.queue.upkeep import promote, purge, rescue

__all__ = [
    "Verdict",
    "cancel",
    "enqueue",
    "fence",
    "line_is_busy",
    "new_row",
    "promote",
    "purge",
    "release",
    "rescue",
    "resume",
    "rewrite",
    "settle",
]


class Verdict(NamedTuple):
    """What a held job becomes. ``delay_seconds`` counts for RETRYING; ``error`` is kept as it is, None clears it."""

    id: int
    epoch: int
    state: State
    payload: Any
    steps: Sequence[Any]
    at_node: str
    attempt: int
    alone: bool
    deaths: int
    error: Mapping[str, Any] | None = None
    delay_seconds: float = 0.0


_INSERT_POSTGRESQL = """
    INSERT INTO meanwhile_job (
        queue, state, line, due_at, epoch, attempt, max_attempts, backoff_seconds, alone, deaths, cancel_requested,
        created_at, submission_id, run_id, version_id, branch_node, at_node, payload, steps)
    SELECT queue, state, line, due_at, 0, 0, max_attempts, backoff_seconds, false, 0, false,
           clock_timestamp(), submission_id, run_id, version_id, branch_node, at_node, payload, steps
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::int[], %s::float8[], %s::bigint[],
                %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[]) WITH ORDINALITY
         AS new (queue, state, line, due_at, max_attempts, backoff_seconds, submission_id,
                 run_id, version_id, branch_node, at_node, payload, steps, place)
    ORDER BY place
    RETURNING id
"""
_INSERT_SQLITE = """
    INSERT INTO meanwhile_job (
        queue, state, line, due_at, epoch, attempt, max_attempts, backoff_seconds, alone, deaths, cancel_requested,
        created_at, submission_id, run_id, version_id, branch_node, at_node, payload, steps)
    VALUES (%s, %s, %s, %s, 0, 0, %s, %s, 0, 0, 0, %s, %s, %s, %s, %s, %s, %s, %s)
    RETURNING id
"""


def enqueue(new_jobs: Sequence[NewJob]) -> list[int]:
    """Write jobs; their ids, ascending in the order given. Workers are woken when the transaction commits."""
    if not new_jobs:
        return []
    rows = [new_row(job) for job in new_jobs]
    ids = _insert_together(rows) if is_postgresql() else _insert_singly(rows)
    if due := [id_ for id_, job in zip(ids, new_jobs, strict=True) if job.is_due]:
        wake.after_commit(due[0] if len(due) == 1 else None)
    return ids


def new_row(job: NewJob) -> tuple[Any, ...]:
    """A new job by the columns of the statements that insert it, from ``queue`` on."""
    return (
        job.queue,
        (State.AVAILABLE if job.is_due else State.SCHEDULED).value,
        job.line,
        job.due_at,
        conf().attempts if job.max_attempts is None else job.max_attempts,
        conf().backoff_seconds if job.backoff_seconds is None else job.backoff_seconds,
        job.submission_id,
        job.run_id,
        job.version_id,
        job.branch_node,
        job.at_node,
        dumps(job.payload),
        dumps(list(job.steps)),
    )


def _insert_together(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return sorted(id_ for (id_,) in fetch(_INSERT_POSTGRESQL, columns))


def _insert_singly(rows: Iterable[tuple[Any, ...]]) -> list[int]:
    now = stamp()
    return [int(fetch(_INSERT_SQLITE, (*row[:3], stamp(row[3]), *row[4:6], now, *row[6:]))[0][0]) for row in rows]


_FENCE_POSTGRESQL = """
    SELECT job.id, job.epoch, job.cancel_requested
    FROM meanwhile_job job JOIN unnest(%s::bigint[], %s::int[]) AS held (id, epoch) USING (id)
    WHERE job.state = 'running' AND job.epoch = held.epoch
    ORDER BY job.id
    FOR UPDATE OF job
"""
_FENCE_SQLITE = """
    SELECT id, epoch, cancel_requested FROM meanwhile_job
    WHERE id IN (SELECT value FROM json_each(%s)) AND state = 'running'
"""


def fence(claims: Sequence[Claimed]) -> dict[tuple[int, int], bool]:
    """The holds that are still good, locked until the transaction ends, each with whether a person asked to cancel."""
    failpoints.hit("store.fence")
    if failpoints.is_armed("store.fence"):
        return {job.hold: job.cancel_requested for job in claims}
    holds = {job.hold for job in claims}
    if is_postgresql():
        rows = fetch(_FENCE_POSTGRESQL, ([id_ for id_, _ in holds], [epoch for _, epoch in holds]))
    else:
        rows = fetch(_FENCE_SQLITE, (dumps([id_ for id_, _ in holds]),))
    return {(id_, epoch): bool(wanted) for id_, epoch, wanted in rows if (id_, epoch) in holds}


# The epoch counts up, so that a holder that could not learn whether its commit arrived cannot do the turn twice.
_SETTLE_POSTGRESQL = """
    UPDATE meanwhile_job job SET
        state = to_be.state,
        epoch = job.epoch + 1,
        lease_id = CASE WHEN to_be.state = 'running' THEN job.lease_id END,
        retry_at = CASE WHEN to_be.state = 'retrying'
                   THEN clock_timestamp() + to_be.delay_seconds * interval '1 second' END,
        finished_at = CASE WHEN to_be.state IN ('completed', 'cancelled') THEN clock_timestamp() END,
        attempt = to_be.attempt, alone = to_be.alone, deaths = to_be.deaths, at_node = to_be.at_node,
        payload = coalesce(to_be.payload, job.payload), steps = to_be.steps, error = to_be.error
    FROM jsonb_to_recordset(%s::jsonb) AS to_be (
        id bigint, epoch int, state text, delay_seconds float8, attempt int, alone bool, deaths int, at_node text,
        payload jsonb, steps jsonb, error jsonb)
    WHERE job.id = to_be.id AND job.epoch = to_be.epoch AND job.state = 'running'
"""
_SETTLE_SQLITE = """
    UPDATE meanwhile_job SET
        state = %(state)s,
        epoch = epoch + 1,
        lease_id = CASE WHEN %(state)s = 'running' THEN lease_id END,
        retry_at = CASE WHEN %(state)s = 'retrying'
                   THEN strftime('%%Y-%%m-%%d %%H:%%M:%%f', %(now)s, %(delay_seconds)s || ' seconds') END,
        finished_at = CASE WHEN %(state)s IN ('completed', 'cancelled') THEN %(now)s END,
        attempt = %(attempt)s, alone = %(alone)s, deaths = %(deaths)s, at_node = %(at_node)s,
        payload = coalesce(%(payload)s, payload), steps = %(steps)s, error = %(error)s
    WHERE id = %(id)s AND epoch = %(epoch)s AND state = 'running'
"""


def settle(verdicts: Sequence[Verdict]) -> None:
    """Write what became of held jobs. Those that are no longer held at their epoch are left alone."""
    if not verdicts:
        return
    if is_postgresql():
        # One JSON text: payloads and journals are JSON already, and arrays of them would be written letter by letter.
        execute(_SETTLE_POSTGRESQL, [f"[{','.join(map(_settled_json, verdicts))}]"])
        return
    now = stamp(clock.now())
    execute_many(_SETTLE_SQLITE, [_settled_row(verdict) | {"now": now} for verdict in verdicts])


def _settled_row(verdict: Verdict) -> dict[str, Any]:
    """By the names of the columns of the statement."""
    return {
        "id": verdict.id,
        "epoch": verdict.epoch,
        "state": verdict.state.value,
        "delay_seconds": verdict.delay_seconds,
        "attempt": verdict.attempt,
        "alone": verdict.alone,
        "deaths": verdict.deaths,
        "at_node": verdict.at_node,
        "payload": _kept_payload(verdict),
        "steps": dumps(verdict.steps),
        "error": None if verdict.error is None else dumps(verdict.error),
    }


def _settled_json(verdict: Verdict) -> str:
    alone = "true" if verdict.alone else "false"
    error = "null" if verdict.error is None else dumps(verdict.error)
    return (
        f'{{"id":{verdict.id},"epoch":{verdict.epoch},"state":"{verdict.state.value}",'
        f'"delay_seconds":{verdict.delay_seconds},"attempt":{verdict.attempt},"alone":{alone},'
        f'"deaths":{verdict.deaths},"at_node":{dumps(verdict.at_node)},"payload":{_kept_payload(verdict) or "null"},'
        f'"steps":{dumps(verdict.steps)},"error":{error}}}'
    )


def _kept_payload(verdict: Verdict) -> str | None:
    """None: the payload stays as it is. Nobody goes on with a job that has ended, so where it stood is not written."""
    return None if verdict.state in TERMINAL else dumps(verdict.payload)


_RELEASE_POSTGRESQL = """
    UPDATE meanwhile_job job SET state = 'available', lease_id = NULL, epoch = job.epoch + 1
    FROM unnest(%s::bigint[], %s::int[]) AS held (id, epoch)
    WHERE job.id = held.id AND job.epoch = held.epoch AND job.state = 'running'
"""
_RELEASE_SQLITE = """
    UPDATE meanwhile_job SET state = 'available', lease_id = NULL, epoch = epoch + 1
    WHERE id = %s AND epoch = %s AND state = 'running'
"""


def release(claims: Sequence[Claimed]) -> None:
    """Give claims up where the jobs stand; any worker goes on with them, and is woken at the commit."""
    if not claims:
        return
    if is_postgresql():
        execute(_RELEASE_POSTGRESQL, ([job.id for job in claims], [job.epoch for job in claims]))
    else:
        execute_many(_RELEASE_SQLITE, [(job.id, job.epoch) for job in claims])
    wake.after_commit()


def line_is_busy(line: str) -> bool:
    """Whether any job of the line holds back later ones: it is waiting, running or between two tries."""
    sql = """
        SELECT 1 FROM meanwhile_job WHERE line = %s AND state IN ('available', 'retrying', 'running') LIMIT 1
    """
    return bool(fetch(sql, (line,)))
