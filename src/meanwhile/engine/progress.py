"""How the background work of a submission stands; what a wait page says. Follows from the database alone.

Counted are the jobs of the submission that are due. A Delay that still waits is not, nor one that was cancelled before
its time; nor is a job that ended because another one runs its branch anew.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, F, Q

from meanwhile.core import clock
from meanwhile.definitions.document import PageDef
from meanwhile.definitions.program import Program
from meanwhile.engine.models import Run, Submission
from meanwhile.engine.steps import Outcome, Step
from meanwhile.queue.models import Job
from meanwhile.queue.states import HOLDING, State
from meanwhile.tables import records

type StateOfWork = Literal["waiting", "done", "failed", "nothing"]


@dataclass(frozen=True, slots=True)
class Progress:
    """``counted`` jobs are due or were, ``completed`` of them are. ``too_long``: longer than the page allows for."""

    state: StateOfWork
    counted: int = 0
    completed: int = 0
    too_long: bool = False


def progress(submission_id: int | None, program: Program, page: PageDef, record_id: Any) -> Progress:
    """How a submission stands for ``page``, a wait page of the record.

    Done: its flag is true and this submission wrote it, or it is true and no counted job is unfinished; without a
    flag, every counted job is completed. Failed: no counted job is unfinished and it is not done.
    """
    counts = _counts(submission_id)
    counted = sum(counts.values())
    completed = counts.get(State.COMPLETED, 0)
    state = verdict(
        counted,
        completed,
        is_busy=any(counts.get(state) for state in HOLDING),
        flag_is_true=_flag_is_true(program, page, record_id) if page.flag else None,
        wrote_flag=lambda: _wrote_flag(submission_id, page.table, record_id, page.flag),
    )
    if state == "nothing":
        return Progress(state)
    return Progress(state, counted, completed, state == "waiting" and _is_too_long(submission_id, page))


def verdict(
    counted: int, completed: int, *, is_busy: bool, flag_is_true: bool | None, wrote_flag: Callable[[], bool]
) -> StateOfWork:
    """What a wait page makes of the work. ``flag_is_true`` None: it names no flag. ``wrote_flag``: whether this
    submission set it; asked only where it matters."""
    if flag_is_true is None:
        is_done = counted > 0 and completed == counted
    else:
        is_done = flag_is_true and (not is_busy or wrote_flag())
    if is_done:
        return "done"
    if counted == 0:
        return "nothing"
    return "waiting" if is_busy else "failed"


def _counts(submission_id: int | None) -> dict[str, int]:
    if submission_id is None:
        return {}
    never_due = Q(state=State.SCHEDULED) | Q(state=State.CANCELLED, due_at__gt=F("finished_at"))
    jobs = Job.objects.filter(submission_id=submission_id).exclude(never_due)
    counts = dict(jobs.values_list("state").annotate(Count("id")).order_by())
    if counts.get(State.CANCELLED):
        counts[State.CANCELLED] -= _restarted(submission_id)
    return counts


def _restarted(submission_id: int) -> int:
    ended = Job.objects.filter(submission_id=submission_id, state=State.CANCELLED).values_list("steps", flat=True)
    return sum(1 for steps in ended if steps and steps[-1]["outcome"] == Outcome.RESTARTED)


def _flag_is_true(program: Program, page: PageDef, record_id: Any) -> bool:
    values = records.read(program.tables[page.table], [record_id]).get(record_id)
    return bool(values and page.flag and values.get(page.flag))


def _wrote_flag(submission_id: int | None, table: str, record_id: Any, flag: str) -> bool:
    """Whether a step of this submission set the flag of this record."""
    if submission_id is None:
        return False
    runs = Run.objects.filter(submission_id=submission_id, table=table, record_id=str(record_id))
    for run_id, steps in runs.values_list("pk", "steps"):
        if _sets(steps, flag):
            return True
        if any(_sets(steps, flag) for steps in Job.objects.filter(run_id=run_id).values_list("steps", flat=True)):
            return True
    return False


def _sets(steps: Iterable[Step], flag: str) -> bool:
    return any(flag in step.get("changes", {}) and step["changes"][flag][1] is True for step in steps)


def _is_too_long(submission_id: int | None, page: PageDef) -> bool:
    rows = Submission.objects.filter(pk__in=[submission_id]).values_list("created_at", flat=True)
    submitted_at: datetime | None = rows.first()
    return submitted_at is not None and clock.now() - submitted_at > page.too_long
