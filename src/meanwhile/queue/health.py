"""The health of the queue at a glance, at a price that does not grow with the number of jobs."""

from django.db.models.functions import Now

from meanwhile.queue.jobs import Figures
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import UNFINISHED, State

# Workers that one answer looks at; more than any site has.
LEASES = 1_000


def figures(cap: int = 1_000) -> Figures:
    """Unfinished jobs by state, counted up to ``cap``; how long the first waiting job has been due; live workers."""
    return Figures(
        cap=cap,
        counts={state.value: _count(state, cap) for state in sorted(UNFINISHED)},
        oldest_waiting_seconds=oldest_waiting_seconds(),
        workers=Lease.objects.filter(kind=Lease.Kind.WORKER, expires_at__gte=Now()).count(),
    )


def oldest_waiting_seconds(queue: str | None = None) -> float | None:
    """For how long the first available job has been due, by the database's clock; None when nothing waits."""
    waiting = Job.objects.filter(state=State.AVAILABLE)
    if queue is not None:
        waiting = waiting.filter(queue=queue)
    row = waiting.order_by("due_at", "id").annotate(at=Now()).values_list("due_at", "at").first()
    return None if row is None else max(0.0, (row[1] - row[0]).total_seconds())


def served_queues() -> list[list[str]]:
    """The queues of each worker that has renewed its lease in time, by the database's clock; an empty list is all."""
    living = Lease.objects.filter(kind=Lease.Kind.WORKER, expires_at__gte=Now())
    return [list(queues) for queues in living.values_list("queues", flat=True)[:LEASES]]


def seconds_since_worker() -> float | None:
    """How long ago a worker was last seen; None where no trace of one is left."""
    leases = Lease.objects.filter(kind=Lease.Kind.WORKER).order_by("-renewed_at").annotate(at=Now())
    row = leases.values_list("renewed_at", "at").first()
    return None if row is None else max(0.0, (row[1] - row[0]).total_seconds())


def _count(state: State, cap: int) -> int:
    """Every unfinished state has an index of its own, which this reads no further than it counts."""
    return Job.objects.filter(state=state).values("pk")[:cap].count()
