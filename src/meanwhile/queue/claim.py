"""Taking jobs: the one place where SQLite and PostgreSQL need different statements to do the same thing.

A claim takes what is due, first due first, and of each line only the first unfinished job, and that only while no other
job of the line runs. It looks at a window of the waiting jobs, never at all of them: at the head, at the next jobs of
the lines that its worker has just freed, and, where that is too little, at one more window further down, which moves on
with every claim. So its cost does not grow with the number of jobs, and a flood of one record hides nobody else's long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction

from meanwhile.core.exact_json import dumps, loads
from meanwhile.queue import claim_statements as statements
from meanwhile.queue.database import fetch, is_postgresql, moment, stamp
from meanwhile.queue.jobs import Claimed

type Place = tuple[datetime, int]

# Before every job.
START: Place = (datetime(1, 1, 1, tzinfo=UTC), 0)
# The window at the head is a little wider than what is wanted, for the jobs that wait for another one of their line.
_SPARE = 30
# Further down stand mostly such jobs, and a look at one of them costs next to nothing.
_DEEP = 1_000


@dataclass(frozen=True, slots=True)
class Look:
    """What one window gave. ``last``: where it ended, None when it reached the end of what is waiting."""

    jobs: list[Claimed]
    last: Place | None


def claim(lease_id: int, queues: Sequence[str] | None, limit: int, *, alone: bool = False) -> list[Claimed]:
    """Up to ``limit`` jobs from the first window; ``alone``: only such as were taken over from the dead.

    Inside the caller's transaction, or in one of its own. ``queues`` None: of every queue.
    """
    return look(lease_id, queues, limit, alone=alone).jobs


def claim_one(job_id: int, lease_id: int) -> Claimed | None:
    """This very job, when it is available and it is its turn; else None."""
    wanted = {"lease": lease_id, "id": job_id}
    try:
        with transaction.atomic():
            if is_postgresql():
                rows = fetch(statements.ONE_POSTGRESQL, wanted)
            else:
                rows = fetch(statements.ONE_SQLITE, wanted | {"now": stamp()})
    except IntegrityError:
        return None
    return _claimed(rows[0]) if rows else None


class Claimer:
    """One worker's claims, which remember how far down it has looked."""

    def __init__(self, lease_id: int, queues: Sequence[str] | None) -> None:
        self._lease_id = lease_id
        self._queues = queues
        self._place: Place | None = None
        self._has_explored = False
        # Whether another claim right now would find nothing more.
        self.is_through = False

    def refresh(self) -> None:
        """Something may have changed anywhere: look beyond the head again."""
        self._has_explored = False

    def claim(self, limit: int, freed: Sequence[str] = ()) -> list[Claimed]:
        """Up to ``limit`` jobs: from the head, from the lines just ``freed``, and, until the end was reached once since
        the last ``refresh``, from one window further down."""
        head = look(self._lease_id, self._queues, limit, freed=freed)
        if head.last is None:
            self._place, self._has_explored = None, True
        self.is_through = len(head.jobs) < limit and self._has_explored
        if len(head.jobs) == limit or head.last is None or self._has_explored:
            return head.jobs
        return [*head.jobs, *self._explore(limit - len(head.jobs), head.last)]

    def _explore(self, limit: int, head_end: Place) -> list[Claimed]:
        after = max(self._place or START, head_end)
        deeper = look(self._lease_id, self._queues, limit, after=after, window=_DEEP)
        if len(deeper.jobs) < limit:  # else the window may hold more
            self._place, self._has_explored = deeper.last, deeper.last is None
            self.is_through = self._has_explored
        return deeper.jobs

    def claim_alone(self) -> list[Claimed]:
        """One job that was taken over, or none."""
        return look(self._lease_id, self._queues, 1, alone=True).jobs


def has_alone(queues: Sequence[str] | None) -> bool:
    """Whether a job that was taken over waits, free, for a worker that has nothing else."""
    sql = statements.HAS_ALONE_POSTGRESQL if is_postgresql() else statements.HAS_ALONE_SQLITE
    return bool(fetch(sql, {"queues": None if queues is None else _list(queues)}))


def look(
    lease_id: int,
    queues: Sequence[str] | None,
    limit: int,
    *,
    alone: bool = False,
    freed: Sequence[str] = (),
    after: Place = START,
    window: int | None = None,
) -> Look:
    """Claim what is free in one window of the waiting jobs, and of the lines just ``freed``. A claim that breaks the
    unique index is no claim."""
    wanted = {
        "lease": lease_id,
        "queues": None if queues is None else _list(queues),
        "lines": _list(freed),
        "limit": limit,
        "window": window or limit + _SPARE,
        "due_at": after[0] if is_postgresql() else stamp(after[0]),
        "id": after[1],
    }
    try:
        with transaction.atomic():
            return _look_postgresql(wanted, alone) if is_postgresql() else _look_sqlite(wanted, alone)
    except IntegrityError:
        return Look([], after)


def _look_postgresql(wanted: dict[str, Any], alone: bool) -> Look:
    fetch(statements.PLAN_POSTGRESQL)
    rows = fetch(statements.LOOK_POSTGRESQL[alone], wanted)
    jobs = [_claimed(row[3:]) for row in rows if row[3] is not None]
    return Look(_in_order(jobs), _end(rows[0], wanted))


def _look_sqlite(wanted: dict[str, Any], alone: bool) -> Look:
    """Two statements, between which no other writer can come."""
    seen = fetch(statements.SEE_SQLITE[alone], wanted)
    free = [row[3] for row in seen if row[3] is not None]
    if not free:
        return Look([], _end(seen[0], wanted))
    rows = fetch(statements.TAKE_SQLITE, {"lease": wanted["lease"], "now": stamp(), "ids": dumps(free)})
    return Look(_in_order([_claimed(row) for row in rows]), _end(seen[0], wanted))


def _end(row: Sequence[Any], wanted: dict[str, Any]) -> Place | None:
    """Where the window ended; None when it was not full."""
    seen, due_at, id_ = row[:3]
    return (moment(due_at), int(id_)) if seen == wanted["window"] else None


def _list(values: Sequence[str]) -> Any:
    return list(values) if is_postgresql() else dumps(list(values))


def _claimed(row: Sequence[Any]) -> Claimed:
    """By the order of ``statements.COLUMNS``."""
    return Claimed(
        id=row[0],
        epoch=row[1],
        queue=row[2],
        line=row[3],
        attempt=row[4],
        max_attempts=row[5],
        backoff_seconds=row[6],
        alone=bool(row[7]),
        deaths=row[8],
        cancel_requested=bool(row[9]),
        due_at=moment(row[10]),
        submission_id=row[11],
        run_id=row[12],
        version_id=row[13],
        branch_node=row[14],
        at_node=row[15],
        payload=loads(row[16]),
        steps=loads(row[17]),
    )


def _in_order(jobs: list[Claimed]) -> list[Claimed]:
    return sorted(jobs, key=lambda job: (job.due_at, job.id))
