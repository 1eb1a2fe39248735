"""What people do to jobs: resume, cancel, rewrite. Guarded by state; a job that moved on meanwhile is left alone."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from meanwhile.queue import wake
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED, State

# What a job is like after a person put it back.
_AFRESH: dict[str, Any] = {
    "state": State.AVAILABLE,
    "retry_at": None,
    "attempt": 0,
    "alone": False,
    "deaths": 0,
    "error": None,
    "cancel_requested": False,
    "started_at": None,
}


def name_of(user: Any) -> str:
    """Who acts, for the journal and the log. ``user`` None: somebody at the command line."""
    return "the command line" if user is None else str(user.get_username())


def resume(job_ids: Iterable[int]) -> int:
    """Failed jobs, and those between two tries, go on now at the action at which they stand. How many did."""
    with transaction.atomic():
        states = _locked(job_ids).values_list("pk", "state")
        return _put_back([id_ for id_, state in states if state in (State.FAILED, State.RETRYING)])


def _put_back(ids: Sequence[int]) -> int:
    if not ids:
        return 0
    wake.after_commit()
    return Job.objects.filter(pk__in=ids).update(**_AFRESH, epoch=F("epoch") + 1)


def cancel(job_ids: Iterable[int], journal: Sequence[Any] = ()) -> list[int]:
    """Jobs that are not finished end; one that runs does so at its next step. The ids of those that were told.

    ``journal``: steps that are added to those of each job that ends here; one that runs writes its own end.
    """
    with transaction.atomic():
        jobs = [job for job in _locked(job_ids).only("state", "steps") if job.state in UNFINISHED]
        running = [job.pk for job in jobs if job.state == State.RUNNING]
        resting = [job for job in jobs if job.state != State.RUNNING]
        if running:
            Job.objects.filter(pk__in=running).update(cancel_requested=True)
        if resting:
            _end(resting, journal)
        return [job.pk for job in jobs]


def _end(jobs: Sequence[Job], journal: Sequence[Any]) -> None:
    if journal:
        for job in jobs:
            job.steps = [*job.steps, *journal]
        Job.objects.bulk_update(jobs, ["steps"])
    ids = [job.pk for job in jobs]
    Job.objects.filter(pk__in=ids).update(state=State.CANCELLED, retry_at=None, finished_at=Now(), epoch=F("epoch") + 1)
    wake.after_commit()  # later jobs of their lines may go on


def rewrite(
    job_id: int,
    *,
    payload: Any,
    steps: Sequence[Any],
    at_node: str = "",
    epoch: int | None = None,
    from_state: State = State.FAILED,
    to: State = State.AVAILABLE,
) -> bool:
    """Put a resting job elsewhere in its walk. False when it is no longer in ``from_state``, or not at ``epoch``."""
    if to not in (State.AVAILABLE, State.CANCELLED, from_state) or from_state == State.RUNNING:
        raise ValueError(f"No job is rewritten from {from_state} to {to}.")
    changes = {**_AFRESH, "state": to, "payload": payload, "steps": list(steps), "at_node": at_node}
    if to == State.CANCELLED:
        del changes["started_at"]
        changes |= {"finished_at": Now()}
    with transaction.atomic():
        guarded = Job.objects.filter(pk=job_id, state=from_state)
        if epoch is not None:
            guarded = guarded.filter(epoch=epoch)
        wake.after_commit()
        return bool(guarded.update(**changes, epoch=F("epoch") + 1))


def _locked(job_ids: Iterable[int]) -> QuerySet[Job]:
    """The jobs, locked in the order in which workers lock them."""
    return Job.objects.filter(pk__in=list(job_ids)).order_by("pk").select_for_update()
