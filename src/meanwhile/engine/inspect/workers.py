"""Who holds leases, whether they live, and what they run."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from meanwhile.engine.inspect.listing import HEAVY, JobRow, job_rows
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State

# Leases that one answer shows; a site with more workers sees the newest.
LEASES = 200
# Jobs that run under them; a holder has at most a batch.
RUNNING = 1_000


@dataclass(frozen=True, slots=True)
class Holder:
    """A lease, and what runs under it. ``queues`` empty: it serves all. ``is_alive`` by the database's clock."""

    id: int
    kind: str
    name: str
    queues: tuple[str, ...]
    started_at: datetime
    renewed_at: datetime
    expires_at: datetime
    is_alive: bool
    running: int

    @property
    def is_worker(self) -> bool:
        """A worker process, not a request that performs its own rest."""
        return self.kind == Lease.Kind.WORKER

    def serves(self, queue: str) -> bool:
        """Whether jobs of that queue are its work."""
        return self.is_alive and self.is_worker and (not self.queues or queue in self.queues)


def holders() -> list[Holder]:
    """All of them, the living first, newest first. Two statements."""
    alive = ExpressionWrapper(Q(expires_at__gt=Now()), output_field=BooleanField())
    rows: Any = Lease.objects.annotate(is_alive=alive).order_by("-is_alive", "-pk").values()[:LEASES]
    held = _held()
    return [Holder(**{**row, "queues": tuple(row["queues"]), "running": held[row["id"]]}) for row in rows]


def at_work() -> list[tuple[Holder, list[JobRow]]]:
    """``holders`` with the newest jobs that run under each, of ``LEASES`` jobs in all. Two to three statements more."""
    everyone = holders()
    running = Job.objects.filter(state=State.RUNNING).defer(*HEAVY).order_by("-id")[:LEASES]
    by_lease: dict[int | None, list[JobRow]] = {}
    for row in job_rows(running):
        by_lease.setdefault(row.job.lease_id, []).append(row)
    return [(holder, by_lease.get(holder.id, [])) for holder in everyone]


def _held() -> Counter[int | None]:
    running = Job.objects.filter(state=State.RUNNING).values_list("lease_id", flat=True)
    return Counter(running[:RUNNING])
