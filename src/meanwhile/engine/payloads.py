"""What a job carries: where its walk stands and what travels with it, as exact JSON, and back to a walk."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from meanwhile.core import telemetry
from meanwhile.core.conf import conf
from meanwhile.definitions.program import Program
from meanwhile.engine.gathered import Origin, Pending
from meanwhile.engine.record import RecordState
from meanwhile.engine.walk import Cursor, Frame
from meanwhile.engine.walking import Walking
from meanwhile.plugins.contracts import Branch
from meanwhile.queue.jobs import NewJob

type Payload = dict[str, Any]


def new_token() -> str:
    """The base of the keys of one job's effects; a job that is restarted gets another."""
    return secrets.token_hex(8)


def payload(
    record: RecordState, origin: Origin, cursor: Cursor, token: str, passed: int = 0, pending: Pending | None = None
) -> Payload:
    """All that a worker needs to go on. ``start``: where it began, for a restart. ``limit``, where a branch has one:
    the seconds that the job may take."""
    frames = [frame.to_plain() for frame in cursor]
    plain: Payload = {
        "table": record.table.key,
        "record": record.id,
        "user": origin.user_id,
        "is_new": origin.is_new,
        "token": token,
        "passed": passed,
        "frames": frames,
        "start": frames,
    }
    if origin.old:
        plain["old"] = dict(origin.old)
    if trace := origin.trace or telemetry.traceparent():
        plain["trace"] = trace
    if pending:
        plain["pending"] = pending.to_plain()
    return plain


def moved(before: Payload, walking: Walking) -> Payload:
    """``before`` with where the walk stands now."""
    plain = {key: value for key, value in before.items() if key != "pending"}
    plain |= {"frames": [frame.to_plain() for frame in walking.cursor], "passed": walking.passed}
    if walking.pending:
        plain["pending"] = walking.pending.to_plain()
    return plain


def restarted(before: Payload) -> Payload:
    """``before`` from its start, with new keys."""
    plain = {key: value for key, value in before.items() if key != "pending"}
    return plain | {"frames": before["start"], "passed": 0, "token": new_token()}


def cursor_of(plain: Payload) -> Cursor:
    """Where a stored walk stands."""
    return tuple(Frame.from_plain(frame) for frame in plain["frames"])


def pending_of(plain: Payload) -> Pending | None:
    """The effect that was prepared and not concluded."""
    return Pending(**plain["pending"]) if "pending" in plain else None


def origin_of(plain: Payload, submission_id: int | None, run_id: int | None) -> Origin:
    """Who started it, and how the record was before."""
    old: Mapping[str, Any] = plain.get("old", {})
    return Origin(submission_id, run_id, plain["user"], plain["is_new"], old, plain.get("trace"))


def job(
    program: Program,
    record: RecordState,
    origin: Origin,
    cursor: Cursor,
    *,
    due_at: datetime,
    is_due: bool,
    branch: Branch | None = None,
    node_id: str = "",
) -> NewJob:
    """A job that walks ``cursor``. Without a ``branch`` it has the default queue, order and retries."""
    branch = branch or Branch()
    limit = {} if branch.limit_seconds is None else {"limit": branch.limit_seconds}
    return NewJob(
        line=record.table.line(record.id) if branch.ordered else None,
        due_at=due_at,
        is_due=is_due,
        payload=payload(record, origin, cursor, new_token()) | limit,
        queue=branch.queue,
        submission_id=origin.submission_id,
        run_id=origin.run_id,
        version_id=program.version_id,
        branch_node=node_id,
        at_node=cursor[-1].at if cursor else "",
        max_attempts=branch.attempts or conf().attempts,
        backoff_seconds=branch.backoff_seconds if branch.backoff_seconds is not None else conf().backoff_seconds,
    )
