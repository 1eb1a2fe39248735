"""The state of things at a glance: what needs a person, how much waits, who works.

Counts stop at ``CAP``. Each comes from the partial index of its state; finished jobs are not counted, only what became
of the newest few.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from meanwhile.engine.inspect.workers import Holder, holders
from meanwhile.queue.models import Job
from meanwhile.queue.states import TERMINAL, UNFINISHED, State

CAP = 1_000
# The newest jobs, whose outcomes stand for how things went lately.
LATELY = 1_000


@dataclass(frozen=True, slots=True)
class Capped:
    """A count that stops at ``CAP``."""

    number: int

    @property
    def is_capped(self) -> bool:
        """Whether there are more."""
        return self.number > CAP

    def __str__(self) -> str:
        return f"{CAP:,}+" if self.is_capped else f"{self.number:,}"

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One named queue. ``oldest_due_at``: of its oldest waiting job. ``workers``: the living that serve it."""

    name: str
    waiting: Capped
    running: int
    oldest_due_at: datetime | None
    workers: tuple[Holder, ...]

    @property
    def is_unserved(self) -> bool:
        """Whether jobs wait in it and nobody comes for them."""
        return bool(self.waiting) and not self.workers


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page of the monitor says. ``lately``: how many of the newest ``LATELY`` jobs ended how."""

    counts: dict[State, Capped]
    lately: dict[State, int]
    oldest_due_at: datetime | None
    queues: list[QueueFigures]
    holders: list[Holder]
    is_empty: bool

    @property
    def workers(self) -> list[Holder]:
        """The workers that live."""
        return [holder for holder in self.holders if holder.is_worker and holder.is_alive]

    @property
    def unserved(self) -> list[QueueFigures]:
        """Queues in which jobs wait for nobody."""
        return [queue for queue in self.queues if queue.is_unserved]

    @property
    def last_seen_at(self) -> datetime | None:
        """When any worker last renewed its lease; None: no trace of one is left."""
        return max((holder.renewed_at for holder in self.holders if holder.is_worker), default=None)


def overview() -> Overview:
    """All of it, in a dozen small statements whose price does not grow with the table."""
    waiting, everyone = _waiting(), holders()
    return Overview(
        counts={state: count_in_state(state) for state in State if state in UNFINISHED},
        lately=_lately(),
        oldest_due_at=waiting[0][1] if waiting else None,
        queues=_queues(waiting, everyone),
        holders=everyone,
        is_empty=not Job.objects.exists(),
    )


def count_in_state(state: State) -> Capped:
    """How many jobs are in an unfinished state, up to the cap."""
    return Capped(Job.objects.filter(state=state)[: CAP + 1].count())


def _lately() -> dict[State, int]:
    counted = Counter(Job.objects.order_by("-id").values_list("state", flat=True)[:LATELY])
    return {state: counted[state] for state in State if state in TERMINAL}


def _waiting() -> list[tuple[str, datetime]]:
    """Queue and due time of the oldest waiting jobs, oldest first."""
    rows = Job.objects.filter(state=State.AVAILABLE).order_by("due_at", "id")
    return list(rows.values_list("queue", "due_at")[: CAP + 1])


def _queues(waiting: list[tuple[str, datetime]], everyone: list[Holder]) -> list[QueueFigures]:
    """The queues that jobs stand in or that workers name, busiest first."""
    counts, running = Counter(queue for queue, _ in waiting), _running()
    oldest = dict(reversed(waiting))
    named = {queue for holder in everyone if holder.is_alive for queue in holder.queues}
    # A full sample says nothing about how many more of each queue there are.
    more = CAP if len(waiting) > CAP else 0
    figures = [
        QueueFigures(
            name=name,
            waiting=Capped(counts[name] + more if counts[name] else 0),
            running=running[name],
            oldest_due_at=oldest.get(name),
            workers=tuple(holder for holder in everyone if holder.serves(name)),
        )
        for name in {*counts, *running, *named}
    ]
    return sorted(figures, key=lambda one: (not one.is_unserved, -one.waiting.number, one.name))


def _running() -> Counter[str]:
    return Counter(Job.objects.filter(state=State.RUNNING).values_list("queue", flat=True)[:CAP])
