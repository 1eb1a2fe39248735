"""What people do to jobs: to one, or to all that a filter asks for, in batches that commit one by one.

The engine's ``operate`` does each; here is which jobs, how many, and when to stop for a breath.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from meanwhile.core import clock
from meanwhile.engine import operate
from meanwhile.engine.inspect.filters import JobFilter
from meanwhile.engine.inspect.paging import page
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED, State

# Jobs of one batch: its locks are held for a moment only.
BATCH = 200
# A confirmation counts no further than this.
COUNT = 10_000
# Stretches of the table that one count looks through where no index serves the filter.
_STRETCHES = 5


class Action(StrEnum):
    """What a person can do to a job."""

    RESUME = "resume"
    SKIP = "skip"
    RESTART = "restart"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Meaning:
    """An action in words, the words of the button that confirms it, and the states of jobs that it is for."""

    label: Any
    yes: Any
    explains: Any
    states: frozenset[State]


MEANINGS = {
    Action.RESUME: Meaning(
        _("Resume"),
        _("Yes, resume"),
        _("It goes on now, at the action that failed. What was done before is not repeated."),
        frozenset({State.FAILED, State.RETRYING}),
    ),
    Action.SKIP: Meaning(
        _("Skip this action"),
        _("Yes, skip it"),
        _("It goes on after the action that failed. That action is not done; the journal says so."),
        frozenset({State.FAILED}),
    ),
    Action.RESTART: Meaning(
        _("Restart"),
        _("Yes, restart"),
        _(
            "Its branch runs again from its first action. What was done is done again: e-mails and calls have new keys,"
            " so that their receivers take them for new ones."
        ),
        frozenset({State.FAILED}),
    ),
    Action.CANCEL: Meaning(
        _("Cancel"),
        _("Yes, end it"),
        _("It ends here; one that runs ends at its next step. What was done stays. This cannot be undone."),
        frozenset(UNFINISHED),
    ),
}


def allowed(state: str, *, is_import: bool = False) -> list[Action]:
    """The actions for a job in ``state``, the usual one first. An import has no actions to skip or to start again."""
    fitting = [action for action, meaning in MEANINGS.items() if state in meaning.states]
    return [action for action in fitting if not is_import or action in (Action.RESUME, Action.CANCEL)]


@dataclass(frozen=True, slots=True)
class Amount:
    """How many jobs a filter asks for. ``is_exact`` False: at least so many."""

    number: int
    is_exact: bool

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do for sure."""
        return self.is_exact and not self.number

    def __str__(self) -> str:
        return f"{self.number:,}" if self.is_exact else f"{self.number:,}+"


def count(action: Action, asked: JobFilter) -> Amount:
    """How many of the jobs that ``asked`` asks for ``action`` is for, counted to ``COUNT`` and not through millions."""
    found = 0
    for number, (jobs, is_last) in enumerate(_pages(asked, COUNT), start=1):
        found += sum(job.state in MEANINGS[action].states for job in jobs)
        if is_last:
            return Amount(found, is_exact=True)
        if found >= COUNT or number == _STRETCHES:
            break
    return Amount(min(found, COUNT), is_exact=False)


@dataclass(frozen=True, slots=True)
class Done:
    """``changed``: jobs for which it was done. ``is_all``: no more are left; else go on from ``cursor``."""

    changed: int
    is_all: bool
    cursor: str = ""


def do_one(action: Action, job_id: int, user: Any) -> int:
    """Do ``action`` to one job. 1, or 0 where the job has moved on meanwhile. Commits."""
    return _perform(action, [job_id], user)


def do_all(
    action: Action, asked: JobFilter, user: Any, *, up_to: int | None = None, cursor: str = "", seconds: float = 10.0
) -> Done:
    """Do ``action`` to all jobs that ``asked`` asks for and that it is for, newest first; each batch commits.

    ``up_to``: jobs with a higher id came after the person decided, and are left alone. After ``seconds`` it stops
    between two batches.
    """
    changed, deadline = 0, clock.monotonic() + seconds
    while True:
        found = page(
            asked.base().only("id", "state", *asked.order.names()),
            asked.rest(),
            order=asked.order,
            cursor=cursor,
            size=BATCH,
        )
        is_for = [job.pk for job in found.rows if job.state in MEANINGS[action].states]
        changed += _perform(action, [id_ for id_ in is_for if up_to is None or id_ <= up_to], user)
        if found.older is None:
            return Done(changed, is_all=True)
        cursor = found.older
        if clock.monotonic() > deadline:
            return Done(changed, is_all=False, cursor=cursor)


def last_id() -> int:
    """The id of the newest job; what comes later has a higher one."""
    return Job.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _perform(action: Action, job_ids: list[int], user: Any) -> int:
    does = {
        Action.RESUME: operate.resume,
        Action.SKIP: operate.skip,
        Action.RESTART: operate.restart,
        Action.CANCEL: operate.cancel,
    }
    return does[action](job_ids, user) if job_ids else 0


def _pages(asked: JobFilter, size: int) -> Iterator[tuple[list[Job], bool]]:
    cursor = ""
    while True:
        query = asked.base().only("id", "state", *asked.order.names())
        found = page(query, asked.rest(), order=asked.order, cursor=cursor, size=size)
        yield found.rows, found.older is None
        if found.older is None:
            return
        cursor = found.older
