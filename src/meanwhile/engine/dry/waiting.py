"""Jobs that a dry run would have queued, in the order in which they would run.

The engine's own: by the moment at which a job is first due, then by the order of queueing, one at a time per record.
One after the other keeps to that.
"""

import heapq
from dataclasses import dataclass, field
from datetime import datetime

from meanwhile.core.conf import conf
from meanwhile.definitions.program import CompiledNode
from meanwhile.engine.dry.told import PartKind
from meanwhile.engine.gathered import Origin
from meanwhile.engine.record import RecordState
from meanwhile.engine.walk import Cursor


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
