"""Each named queue: what stands in it and who serves it, at a price that does not grow with the number of jobs.

Of every unfinished state the first ``cap`` jobs are read, from the state's own index. Where there are more, the counts
of that state are of the first ones only, and ``Queues.capped`` says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models.functions import Now

from meanwhile.queue.health import served_queues
from meanwhile.queue.models import Job
from meanwhile.queue.rules import NO_RULES, Rules, all_rules
from meanwhile.queue.states import UNFINISHED, State

CAP = 1_000
# The order in which the index of a state has its jobs, so that reading the first ones sorts nothing.
ORDERS = {
    State.AVAILABLE: ("due_at", "id"),
    State.SCHEDULED: ("due_at",),
    State.RETRYING: ("retry_at",),
    State.RUNNING: (),
    State.FAILED: ("id",),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """``failed_tries``: of its jobs that are not finished, at the actions at which they stand. ``workers``: how many
    of the living serve it. ``rules``: what people have settled for it."""

    name: str
    counts: Mapping[State, int]
    failed_tries: int
    oldest_waiting_seconds: float | None
    workers: int
    rules: Rules = NO_RULES

    @property
    def is_unserved(self) -> bool:
        """Whether there is work for a worker, now or later, and none for this queue."""
        return not self.workers and any(self.counts.get(state) for state in _WORK)


_WORK = (State.AVAILABLE, State.SCHEDULED, State.RETRYING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Queues:
    """All queues that jobs stand in, that workers name or that have rules. ``workers``: how many live."""

    queues: list[Queue]
    capped: frozenset[State]
    workers: int

    def count(self, state: State) -> int:
        """In all queues together, up to the cap."""
        return sum(queue.counts.get(state, 0) for queue in self.queues)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One job of the first ones of its state."""

    state: State
    queue: str
    attempt: int
    seconds: float  # since it was due


def queues(cap: int = CAP) -> Queues:
    """What stands in each queue, in a handful of statements. Times are the database's."""
    seen = {state: _first_jobs(state, cap) for state in State if state in UNFINISHED}
    capped = frozenset(state for state, jobs in seen.items() if len(jobs) > cap)
    jobs = [job for jobs in seen.values() for job in jobs[:cap]]
    served, rules = served_queues(), all_rules()
    names = sorted({*(job.queue for job in jobs), *(name for queues in served for name in queues), *rules})
    return Queues([_queue(name, jobs, served, rules.get(name, NO_RULES)) for name in names], capped, len(served))


def _first_jobs(state: State, cap: int) -> list[_Seen]:
    rows = Job.objects.filter(state=state).order_by(*ORDERS[state]).annotate(at=Now())
    values = rows.values_list("queue", "attempt", "due_at", "at")[: cap + 1]
    return [_Seen(state, queue, attempt, (at - due_at).total_seconds()) for queue, attempt, due_at, at in values]


def _queue(name: str, jobs: Iterable[_Seen], served: Iterable[list[str]], rules: Rules) -> Queue:
    own = [job for job in jobs if job.queue == name]
    waits = [job.seconds for job in own if job.state == State.AVAILABLE]
    return Queue(
        name=name,
        counts=Counter(job.state for job in own),
        failed_tries=sum(job.attempt for job in own),
        oldest_waiting_seconds=max(0.0, *waits) if waits else None,
        workers=sum(1 for queues in served if not queues or name in queues),
        rules=rules,
    )
