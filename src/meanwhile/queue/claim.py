"""Taking jobs by looking for them. ``claim_one`` takes one that is known, ``gate`` says what the rules let through.

A claim takes what is due, first due first, and of each line only the first unfinished job, and that only while no other
job of the line runs. It looks at a window of the waiting jobs, never at all of them: at the head, at the next jobs of
the lines that its worker has just freed, and, where that is too little, at one more window further down, which moves on
with every claim. So its cost does not grow with the number of jobs, and a flood of one record hides nobody else's long.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import IntegrityError

from meanwhile.core.exact_json import dumps
from meanwhile.queue import look_statements as statements
from meanwhile.queue.claim_one import claim_named
from meanwhile.queue.claim_pieces import as_list, claimed
from meanwhile.queue.database import fetch, is_postgresql, light_transaction, moment, stamp
from meanwhile.queue.gate import Gate, open_gate, waiting_alone
from meanwhile.queue.jobs import Claimed

# A queue and a share, and where in it: due time and id.
type Lane = tuple[str, str]
type Place = tuple[datetime, int]

# The windows at the heads are a little wider than what is wanted, for the jobs that wait for another one of their line.
_SPARE = 30
# Further down stand mostly such jobs, and a look at one of them costs next to nothing.
_DEEP = 1_000


class Kind(Enum):
    """Where a look goes: the names of the statements."""

    HEAD = "head"
    DEEPER = "deeper"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave. ``ends``: where the window of each lane ended that was full; there is more behind it.
    ``lanes``: how many were open.

    ``is_beaten``: another claim was faster, and nothing of this one holds. ``opens_in``: seconds until a queue opens
    that is closed by its rate.
    """

    jobs: list[Claimed]
    ends: Mapping[Lane, Place]
    lanes: int = 1
    is_beaten: bool = False
    opens_in: float | None = None


def claim(lease_id: int, queues: Sequence[str] | None, limit: int, *, alone: bool = False) -> list[Claimed]:
    """Up to ``limit`` jobs from the heads of the lanes; ``alone``: only such as were taken over from the dead.

    Inside the caller's transaction, or in one of its own. ``queues`` None: of every queue.
    """
    return look(lease_id, queues, limit, alone=alone).jobs


class Claimer:
    """One worker's claims, which remember how far down each lane it has looked."""

    def __init__(self, lease_id: int, queues: Sequence[str] | None) -> None:
        self._lease_id = lease_id
        self._queues = queues
        self._places: dict[Lane, Place] = {}
        self._explored: set[Lane] = set()
        self._lanes = 1
        # Whether another claim right now would find nothing more.
        self.is_through = False
        # Seconds after the claim before this until a queue opens that is closed by its rate.
        self.opens_in: float | None = None

    def refresh(self) -> None:
        """Something may have changed anywhere: look beyond the heads again."""
        self._explored.clear()

    def claim(self, limit: int, freed: Sequence[str] = ()) -> list[Claimed]:
        """Up to ``limit`` jobs: from the heads of the lanes, from the lines just ``freed``, and from one more window
        further down, of those lanes whose end was not reached since the last ``refresh``."""
        head = look(self._lease_id, self._queues, limit, freed=freed, one=self._lanes <= 1)
        self._lanes = head.lanes
        self.opens_in = head.opens_in
        self._places = {lane: place for lane, place in self._places.items() if lane in head.ends}
        deeper = {
            lane: max(self._places.get(lane, end), end) for lane, end in head.ends.items() if lane not in self._explored
        }
        self.is_through = len(head.jobs) < limit and not deeper and not head.is_beaten
        if len(head.jobs) == limit or not deeper:
            return head.jobs
        return [*head.jobs, *self._explore(limit - len(head.jobs), deeper)]

    def claim_named(self, job_id: int) -> Claimed | None:
        """The job that a hint named, where it can be had at once: see the function."""
        return claim_named(job_id, self._lease_id, self._queues)

    def _explore(self, limit: int, after: Mapping[Lane, Place]) -> list[Claimed]:
        deeper = look(self._lease_id, self._queues, limit, after=after, one=len(after) == 1)
        self.opens_in = deeper.opens_in
        if len(deeper.jobs) < limit:  # else the windows may hold more
            self._explored.update(after.keys() - deeper.ends.keys())
            self._places = {lane: place for lane, place in self._places.items() if lane not in after} | {**deeper.ends}
            self.is_through = not deeper.ends
        return deeper.jobs

    def claim_alone(self) -> list[Claimed]:
        """One job that was taken over, or none."""
        return look(self._lease_id, self._queues, 1, alone=True).jobs


def has_alone(queues: Sequence[str] | None) -> bool:
    """Whether a job that was taken over can be claimed by a worker that has nothing else."""
    return bool(waiting_alone(queues))


def look(
    lease_id: int,
    queues: Sequence[str] | None,
    limit: int,
    *,
    alone: bool = False,
    freed: Sequence[str] = (),
    after: Mapping[Lane, Place] | None = None,
    one: bool = True,
) -> Look:
    """Claim what is free in one window of each lane, and of the lines just ``freed``. ``after``: only in these lanes,
    and further down. ``one``: it is likely that a single lane is open. A claim that breaks the unique index is no
    claim."""
    try:
        with light_transaction():
            gate = open_gate(queues, alone=alone)
            wanted = _wanted(lease_id, queues, limit, freed, gate, after)
            kind = Kind.ALONE if alone else Kind.HEAD if after is None else Kind.DEEPER
            taken = _take(wanted, kind, one=one and not any(gate.allowances.values()))
            gate.pass_through(job.queue for job in taken.jobs)
    except IntegrityError:
        return Look([], after or {}, is_beaten=True)
    ends = {lane: place for lane, place in taken.ends.items() if gate.allowances.get(lane[0]) != 0}
    return Look(taken.jobs, ends, lanes=taken.lanes, opens_in=gate.opens_in)


def _wanted(
    lease_id: int,
    queues: Sequence[str] | None,
    limit: int,
    freed: Sequence[str],
    gate: Gate,
    after: Mapping[Lane, Place] | None,
) -> dict[str, Any]:
    """What the statements want to know."""
    window = limit + _SPARE if after is None else _DEEP
    return {
        "lease": lease_id,
        "queues": as_list(queues),
        "lines": as_list(freed),
        "limit": limit,
        "window": window,
        "spread": 2 * window if after is None else window,
        **_rules(gate),
        **_places(after or {}),
    }


def _rules(gate: Gate) -> dict[str, Any]:
    names = [*gate.priorities]
    priorities, allowances = [*gate.priorities.values()], [gate.allowances.get(name) for name in names]
    if is_postgresql():
        return {"names": names, "priorities": priorities, "allowances": allowances}
    return {"rules": dumps([*zip(names, priorities, allowances, strict=True)])}


def _places(after: Mapping[Lane, Place]) -> dict[str, Any]:
    if is_postgresql():
        return {
            "of_queue": [queue for queue, _share in after],
            "of_share": [share for _queue, share in after],
            "after_due_at": [due_at for due_at, _id in after.values()],
            "after_id": [id_ for _due_at, id_ in after.values()],
        }
    return {"lanes": dumps([[*lane, stamp(due_at), id_] for lane, (due_at, id_) in after.items()])}


@dataclass(frozen=True, slots=True)
class _Taken:
    """``lanes``: how many were open."""

    jobs: list[Claimed]
    ends: Mapping[Lane, Place]
    lanes: int


def _take(wanted: dict[str, Any], kind: Kind, *, one: bool) -> _Taken:
    """``one``: it is likely that only a single lane is open; where it is not, the claim is made anew."""
    take = _take_postgresql if is_postgresql() else _take_sqlite
    if one and kind is not Kind.ALONE:
        taken = take(wanted, f"one_{kind.value}")
        if taken.lanes <= 1:
            return taken
    return take(wanted, kind.value)


def _take_postgresql(wanted: dict[str, Any], name: str) -> _Taken:
    rows = fetch(getattr(statements.POSTGRESQL, name), wanted)
    taken = [(row[2], claimed(row[3:])) for row in rows if row[2] is not None]
    taken.sort(key=lambda pair: (pair[0], pair[1].due_at, pair[1].id))
    return _Taken([job for _rank, job in taken], _ends(rows[0][1]), rows[0][0])


def _take_sqlite(wanted: dict[str, Any], name: str) -> _Taken:
    """Two statements, between which no other writer can come."""
    seen = fetch(getattr(statements.SQLITE, name), wanted)
    ids = [row[2] for row in seen if row[2] is not None]
    jobs: dict[int, Claimed] = {}
    if ids:
        rows = fetch(statements.TAKE_SQLITE, {"lease": wanted["lease"], "now": stamp(), "ids": dumps(ids)})
        jobs = {job.id: job for job in map(claimed, rows)}
    return _Taken([jobs[id_] for id_ in ids], _ends(seen[0][1]), seen[0][0])


def _ends(text: str | None) -> dict[Lane, Place]:
    rows = json.loads(text) if text else []
    return {(queue, share): (moment(due_at), id_) for queue, share, due_at, id_ in rows}
