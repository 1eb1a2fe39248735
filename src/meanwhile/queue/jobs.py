"""What passes between the queue and whoever performs its jobs. Plain values; nothing here touches a database.

The queue knows when a job runs and what becomes of it; the ``Performer`` knows what it does. Payload and steps are
the performer's own: the queue keeps them as exact JSON and never looks inside.

What is made for every job is a named tuple, which takes a fraction of the time that a frozen class takes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be written. ``is_due`` False: it is scheduled and promoted at ``due_at``.

    ``line`` None: it opted out of the order. ``max_attempts`` and ``backoff_seconds`` None: the site's settings.
    """

    line: str | None
    due_at: datetime
    payload: Any
    is_due: bool = True
    queue: str = "default"
    steps: Sequence[Any] = ()
    submission_id: int | None = None
    run_id: int | None = None
    version_id: int | None = None
    branch_node: str = ""
    at_node: str = ""
    max_attempts: int | None = None
    backoff_seconds: float | None = None


class Claimed(NamedTuple):
    """A job in the hands of a lease's holder. ``epoch`` is the proof: it counts up when the job is claimed and when
    it is lost.

    ``attempt`` counts the failed tries of the action at which it stands. ``alone``: it was taken over from a dead
    holder and has not made a step since.
    """

    id: int
    epoch: int
    queue: str
    line: str | None
    attempt: int
    max_attempts: int
    backoff_seconds: float
    alone: bool
    deaths: int
    cancel_requested: bool
    due_at: datetime
    submission_id: int | None
    run_id: int | None
    version_id: int | None
    branch_node: str
    at_node: str
    payload: Any
    steps: list[Any]

    @property
    def hold(self) -> tuple[int, int]:
        """Id and epoch: what is fenced, and only that."""
        return self.id, self.epoch

    @property
    def names(self) -> dict[str, Any]:
        """What a line of the log says of it."""
        return {"submission": self.submission_id, "run": self.run_id, "job": self.id, "queue": self.queue}


@dataclass(frozen=True, slots=True)
class Limit:
    """What is left of a job's own time, and what is answered to it when that is over."""

    seconds: float
    error: BaseException


class Effect(NamedTuple):
    """Something that a job does outside the database. ``perform`` runs in a thread of the pool, outside any
    transaction, after the commit of the turn that asked for it. ``timeout_seconds``, from when it begins; None: the
    site's setting. ``limit``: that of its job, which also counts while it waits for a thread."""

    job_id: int
    perform: Callable[[], Any]
    timeout_seconds: float | None = None
    limit: Limit | None = None


class Answer(NamedTuple):
    """What came of an effect: what ``perform`` returned, or what it raised (EffectTimedOut past its deadline)."""

    value: Any = None
    error: BaseException | None = None
    seconds: float = 0.0


class Ready(NamedTuple):
    """A job that can go on: newly claimed (``answer`` None), or its effect has come back."""

    job: Claimed
    answer: Answer | None = None


class Move(Enum):
    """What becomes of a job after a turn."""

    PENDING = "pending"  # its effect is performed after the commit; it stays running
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"  # tried again or failed for good; the queue decides
    RELEASED = "released"  # available again, where it stands


class Advance(NamedTuple):
    """How far a performer brought a job in one turn. Made by the class methods below.

    ``progressed``: the action at which the job stood before is behind it, so that its failed tries count no more.
    ``retry_within_seconds``: the pause before the next try is no longer than that. ``action``: what sort of action
    failed, for the log.
    """

    job_id: int
    move: Move
    payload: Any
    steps: Sequence[Any]
    at_node: str = ""
    effect: Effect | None = None
    error: BaseException | None = None
    progressed: bool = False
    retry_within_seconds: float | None = None
    action: str = ""

    @classmethod
    def pending(
        cls, job_id: int, *, payload: Any, steps: Sequence[Any], at_node: str, effect: Effect, progressed: bool
    ) -> "Advance":
        """It stands before an effect, prepared in ``payload`` or ``steps``."""
        return cls(job_id, Move.PENDING, payload, steps, at_node, effect=effect, progressed=progressed)

    @classmethod
    def done(cls, job_id: int, *, payload: Any, steps: Sequence[Any], at_node: str = "") -> "Advance":
        """Nothing is left to do."""
        return cls(job_id, Move.DONE, payload, steps, at_node, progressed=True)

    @classmethod
    def cancelled(cls, job_id: int, *, payload: Any, steps: Sequence[Any], at_node: str = "") -> "Advance":
        """It took up ``cancel_requested``."""
        return cls(job_id, Move.CANCELLED, payload, steps, at_node)

    @classmethod
    def failed(
        cls,
        job_id: int,
        *,
        payload: Any,
        steps: Sequence[Any],
        at_node: str,
        error: BaseException,
        progressed: bool,
        retry_within_seconds: float | None = None,
        action: str = "",
    ) -> "Advance":
        """The action ``at_node`` failed. ``payload`` and ``steps`` are what was reached before it. Whether it is tried
        again follows from ``error.can_heal`` (True where it has none), ``max_attempts`` and the backoff."""
        return cls(
            job_id,
            Move.FAILED,
            payload,
            steps,
            at_node,
            error=error,
            progressed=progressed,
            retry_within_seconds=retry_within_seconds,
            action=action,
        )

    @classmethod
    def released(
        cls, job_id: int, *, payload: Any, steps: Sequence[Any], at_node: str, progressed: bool = False
    ) -> "Advance":
        """The holder gives the job up where it stands; any worker goes on with it."""
        return cls(job_id, Move.RELEASED, payload, steps, at_node, progressed=progressed)


class Performer(Protocol):
    """What the queue wants of whoever knows what a job does."""

    def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
        """Bring each job to its next effect or its end: exactly one Advance per job, in any order.

        Called inside the transaction, after the fence: all jobs given are held. May be called again for the same jobs
        after a rollback, so it keeps nothing between calls. Writes records and new jobs itself. ``careful``: one job
        alone, after its batch failed; database errors are then that action's and become ``Advance.failed`` (a deadlock
        or a serialization failure excepted, which is raised on). Whatever it raises rolls the transaction back.
        """


@dataclass(frozen=True, slots=True)
class Figures:
    """The health of the queue at a glance. Counts stop at ``cap``: nothing here counts millions."""

    cap: int
    counts: Mapping[str, int] = field(default_factory=dict)
    oldest_waiting_seconds: float | None = None
    workers: int = 0
