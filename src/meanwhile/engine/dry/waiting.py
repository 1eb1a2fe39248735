"""Jobs that a dry run would have queued, in the order in which they would run.

The engine's own: by the moment at which a job is first due, then by the order of queueing, one at a time per record.
One after the other keeps to that.
"""

import heapq
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.conf import conf
from meanwhile.definitions.program import CompiledNode
from meanwhile.engine import walk
from meanwhile.engine.dry.lines import described
from meanwhile.engine.dry.told import PartKind
from meanwhile.engine.dry.walking import DryWalking
from meanwhile.engine.gathered import Fired, NewBranch, Origin
from meanwhile.engine.inspect import words
from meanwhile.engine.record import RecordState
from meanwhile.engine.walk import Cursor

# The submission that a dry run would make has no number; no real one has this.
SUBMISSION = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job. ``node``: the Background or Delay whose children it walks; None for an event that was fired."""

    kind: PartKind
    title: str
    due_at: datetime
    cursor: Cursor
    record: RecordState
    origin: Origin
    node: CompiledNode | None = None
    attempts: int = field(default_factory=lambda: conf().attempts)
    backoff_seconds: float = field(default_factory=lambda: conf().backoff_seconds)


def branch_job(walking: DryWalking, new: NewBranch) -> Waiting:
    """The job of a Background or Delay that ``walking`` has met."""
    frame, branch = new.cursor[-1], new.branch
    node = walking.program.trees[frame.event].by_id[new.node_id]
    due_at = branch.due_at if branch.due_at is not None and branch.due_at > walking.now else None
    job = Waiting(
        kind="background" if due_at is None else "delay",
        title=node.title,
        due_at=due_at or walking.moment,
        cursor=new.cursor,
        record=walking.record,
        origin=walking.origin,
        node=node,
    )
    given: dict[str, Any] = {"attempts": branch.attempts, "backoff_seconds": branch.backoff_seconds}
    return replace(job, **{name: value for name, value in given.items() if value is not None})


def fired_job(walking: DryWalking, fired: Fired) -> Waiting:
    """The job of an event that ``walking`` has fired."""
    event = fired.chain[-1]
    title = _("{event} of {record}").format(event=words.event_label(event), record=described(fired.record))
    return Waiting(
        kind="event",
        title=title,
        due_at=walking.moment,
        cursor=walk.begin(walking.program.trees[event], None, fired.chain[:-1]),
        record=fired.record,
        origin=Origin(SUBMISSION, None, walking.origin.user_id, fired.is_new, fired.old),
    )


@dataclass
class Queue:
    """The jobs that wait."""

    _jobs: list[tuple[datetime, int, Waiting]] = field(default_factory=list)
    _number: int = 0

    def add(self, job: Waiting) -> None:
        """Queue ``job`` behind those that are due at the same moment."""
        self._number += 1
        heapq.heappush(self._jobs, (job.due_at, self._number, job))

    def next(self) -> Waiting:
        """Take the job whose turn it is."""
        return heapq.heappop(self._jobs)[2]

    def due_by(self, moment: datetime) -> int:
        """How many are due by then."""
        return sum(due_at <= moment for due_at, _number, _job in self._jobs)

    def __len__(self) -> int:
        return len(self._jobs)
