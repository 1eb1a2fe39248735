"""Taking jobs: the one place where SQLite and PostgreSQL need different statements to do the same thing.

A claim takes what is due, first due first, and of each line only the first unfinished job, and that only while no other
job of the line runs. It looks at a window of the waiting jobs, never at all of them: first at the head, and where that
holds too little that is free, at one more window further down, which moves on with every claim. So its cost does not
grow with the number of jobs, and a flood of jobs of one record hides nobody else's for long.
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
# A window is a little wider than what is wanted, for the jobs that wait for another one of their line.
_SPARE = 30


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
        # Whether the last claims together have looked at everything that waits, and found nothing more to take.
        self.is_through = False

    def claim(self, limit: int) -> list[Claimed]:
        """Up to ``limit`` jobs, from the head and from one window further down."""
        head = look(self._lease_id, self._queues, limit)
        if head.last is None or len(head.jobs) == limit:
            self._place, self.is_through = None, len(head.jobs) < limit
            return head.jobs
        after = max(self._place or START, head.last)
        deeper = look(self._lease_id, self._queues, limit - len(head.jobs), after=after)
        self._place, self.is_through = deeper.last, deeper.last is None
        return [*head.jobs, *deeper.jobs]

    def claim_alone(self) -> list[Claimed]:
        """One job that was taken over, or none."""
        return look(self._lease_id, self._queues, 1, alone=True).jobs


def has_alone(queues: Sequence[str] | None) -> bool:
    """Whether a job that was taken over waits, free, for a worker that has nothing else."""
    sql = statements.HAS_ALONE_POSTGRESQL if is_postgresql() else statements.HAS_ALONE_SQLITE
    return bool(fetch(sql, {"queues": _queues(queues)}))


def look(lease_id: int, queues: Sequence[str] | None, limit: int, *, alone: bool = False, after: Place = START) -> Look:
    """Claim what is free in one window of the waiting jobs. A claim that breaks the unique index is no claim."""
    take = _look_postgresql if is_postgresql() else _look_sqlite
    wanted = {"lease": lease_id, "queues": _queues(queues), "limit": limit, "window": limit + _SPARE}
    try:
        with transaction.atomic():
            return take(wanted, alone, after)
    except IntegrityError:
        return Look([], after)


def _look_postgresql(wanted: dict[str, Any], alone: bool, after: Place) -> Look:
    rows = fetch(statements.LOOK_POSTGRESQL[alone], wanted | {"due_at": after[0], "id": after[1]})
    seen, due_at, id_ = rows[0][:3]
    jobs = [_claimed(row[3:]) for row in rows if row[3] is not None]
    return Look(_in_order(jobs), (moment(due_at), id_) if seen == wanted["window"] else None)


def _look_sqlite(wanted: dict[str, Any], alone: bool, after: Place) -> Look:
    """Two statements, between which no other writer can come."""
    seen = fetch(statements.SEE_SQLITE[alone], wanted | {"due_at": stamp(after[0]), "id": after[1]})
    free = [id_ for id_, _, is_free in seen if is_free][: wanted["limit"]]
    last = (moment(seen[-1][1]), int(seen[-1][0])) if len(seen) == wanted["window"] else None
    if not free:
        return Look([], last)
    rows = fetch(statements.TAKE_SQLITE, {"lease": wanted["lease"], "now": stamp(), "ids": dumps(free)})
    return Look(_in_order([_claimed(row) for row in rows]), last)


def _queues(queues: Sequence[str] | None) -> Any:
    if queues is None:
        return None
    return list(queues) if is_postgresql() else dumps(list(queues))


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
