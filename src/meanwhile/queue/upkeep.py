"""What keeps the queue going: jobs become due, dead holders lose theirs, old jobs are removed.

Every worker does it; each call looks first, without locking, so that it costs nothing where nothing is to be done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from meanwhile.core.conf import conf
from meanwhile.queue import wake
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import TERMINAL, State

# What is asked of a job that nobody holds any more.
_READ = ("alone", "deaths", "at_node", "cancel_requested")
# Rows of one transaction, so that a flood of due jobs does not hold locks for long.
_BATCH = 500
# The type of the error of a job that killed its workers. Where it stood is in the error; its name is not ours to know.
WORKER_DIED = "WorkerDied"


def promote() -> int:
    """Scheduled and retrying jobs that became due are available. How many; commits batch by batch."""
    return _promote(State.SCHEDULED, "due_at") + _promote(State.RETRYING, "retry_at")


def _promote(state: State, time: str) -> int:
    due = Job.objects.filter(state=state, **{f"{time}__lte": Now()}).order_by(time)
    promoted = 0
    while due.exists():
        with transaction.atomic():
            ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_BATCH])
            promoted += Job.objects.filter(pk__in=ids, state=state).update(state=State.AVAILABLE, retry_at=None)
            if ids:
                wake.after_commit()
        if len(ids) < _BATCH:
            break
    return promoted


@dataclass(frozen=True, slots=True)
class Rescued:
    """What a sweep took from dead holders: jobs that are available again, and jobs that killed once too often."""

    available: int = 0
    failed: int = 0


def rescue() -> Rescued:
    """Take the jobs of every holder whose lease ended or is gone; remove such leases. One transaction.

    A job that runs alone for that reason already has one more death to its name; at the limit it fails.
    """
    if not (_expired().exists() or _orphans().exists()):
        return Rescued()
    with transaction.atomic():
        _expired().delete()
        orphans = list(_orphans().order_by("pk").select_for_update(skip_locked=True).only(*_READ))
        deadly = [job for job in orphans if job.alone and job.deaths + 1 >= conf().deaths]
        spared = [job.pk for job in orphans if job not in deadly]
        _put_back(spared)
        for job in deadly:
            _fail(job)
        if orphans:
            wake.after_commit()
        return Rescued(len(spared), len(deadly))


def _expired() -> QuerySet[Lease]:
    return Lease.objects.filter(expires_at__lt=Now())


def _orphans() -> QuerySet[Job]:
    live = Lease.objects.filter(pk=OuterRef("lease_id"), expires_at__gte=Now())
    return Job.objects.filter(~Exists(live), lease__isnull=False, state=State.RUNNING)


def _put_back(ids: Sequence[int]) -> None:
    deaths = Case(When(Q(alone=True), then=F("deaths") + 1), default=F("deaths"), output_field=IntegerField())
    Job.objects.filter(pk__in=ids).update(
        state=State.AVAILABLE, lease=None, epoch=F("epoch") + 1, alone=True, deaths=deaths
    )


def _fail(job: Job) -> None:
    message = _("%(deaths)d workers in a row died while they ran this job.") % {"deaths": job.deaths + 1}
    error = {"message": message, "type": WORKER_DIED, "node": job.at_node, "trace": ""}
    end = {"state": State.CANCELLED, "finished_at": Now()} if job.cancel_requested else {"state": State.FAILED}
    Job.objects.filter(pk=job.pk).update(**end, lease=None, epoch=F("epoch") + 1, deaths=F("deaths") + 1, error=error)


def purge(submission_ids: Iterable[int]) -> int:
    """Remove the finished jobs of these submissions. Which may go is the caller's to say. How many went."""
    return Job.objects.filter(submission_id__in=list(submission_ids), state__in=TERMINAL).delete()[0]
