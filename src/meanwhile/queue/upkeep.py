"""What keeps the queue going: jobs become due, dead holders lose theirs, old jobs are removed.

Every worker does it; each call looks first, without locking, so that it costs nothing where nothing is to be done.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from meanwhile.core.conf import conf
from meanwhile.queue import wake
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import TERMINAL, State

logger = logging.getLogger(__name__)

# Rows of one transaction, so that a flood of due jobs does not hold locks for long.
_BATCH = 500
# Of a job that is taken over: who had it, how it stood, and what the log says of it.
_TAKEN = ("lease_id", "alone", "deaths", "at_node", "cancel_requested", "submission_id", "run_id", "queue")
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
        holders = Lease.objects.in_bulk()  # they are few, and names are not to be had afterwards
        _expired().delete()
        orphans = list(_orphans().order_by("pk").select_for_update(skip_locked=True).only(*_TAKEN))
        deadly = [job for job in orphans if job.alone and job.deaths + 1 >= conf().deaths]
        spared = [job.pk for job in orphans if job not in deadly]
        _put_back(spared)
        errors = {job.pk: _fail(job) for job in deadly}
        if orphans:
            wake.after_commit()
    _tell(holders, orphans, errors)
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


def _fail(job: Job) -> str:
    """Why, in a sentence."""
    message = _("%(deaths)d workers in a row died while they ran this job.") % {"deaths": job.deaths + 1}
    error = {"message": message, "type": WORKER_DIED, "node": job.at_node, "trace": ""}
    end = {"state": State.CANCELLED, "finished_at": Now()} if job.cancel_requested else {"state": State.FAILED}
    Job.objects.filter(pk=job.pk).update(**end, lease=None, epoch=F("epoch") + 1, deaths=F("deaths") + 1, error=error)
    return message


def _tell(holders: Mapping[int, Lease], orphans: Sequence[Job], errors: Mapping[int, str]) -> None:
    """A line for each holder that had jobs, and one for each job that failed. After the commit."""
    for lease_id, count in Counter(job.lease_id or 0 for job in orphans).items():
        holder = holders.get(lease_id)
        extra = {"worker": holder.name} if holder and holder.kind == Lease.Kind.WORKER else {}
        logger.warning("%s; jobs taken over: %s.", _what_ended(holder), count, extra=extra)
    for job in orphans:
        if job.pk in errors:
            more = {**job.names, "node": job.at_node or None}
            level, end = _END[job.cancel_requested]
            logger.log(level, "Job %s failed: %s %s", job.pk, errors[job.pk], end, extra=more)


# By whether a person had asked to cancel it.
_END = {
    False: (logging.ERROR, "It rests until a person acts."),
    True: (logging.WARNING, "It is cancelled, as a person asked."),
}


def _what_ended(holder: Lease | None) -> str:
    if holder is None:
        return "The lease of a worker is gone"
    if holder.kind == Lease.Kind.REQUEST:
        return f"A request of the web process {holder.name} did not come to its end"
    return f"The worker {holder.name} is dead"


def purge(submission_ids: Iterable[int]) -> int:
    """Remove the finished jobs of these submissions. Which may go is the caller's to say. How many went."""
    return Job.objects.filter(submission_id__in=list(submission_ids), state__in=TERMINAL).delete()[0]
