"""Remove what is known of submissions and imports that ended long ago, with runs and jobs. Records stay."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from meanwhile.core import clock
from meanwhile.core.conf import conf
from meanwhile.engine.models import RecordImport, Submission
from meanwhile.queue import upkeep
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED

# Submissions of one transaction: its locks are held for a moment only.
_BATCH = 200


def purge(before: datetime) -> int:
    """Remove whole submissions that were sent before ``before``; how many. Commits batch by batch.

    Never one with a failed or unfinished job, and never one to which an address may still be good: one was given out
    when it was sent, by its jobs' e-mails while they ran, and at ``token_until`` less the age of a token. Imports of
    that age, with the rows that they kept, go too; they are not counted.
    """
    _purge_imports(before)
    count = 0
    while batch := list(_purgeable(before).values_list("pk", flat=True)[:_BATCH]):
        with transaction.atomic():
            upkeep.purge(batch)
            Submission.objects.filter(pk__in=batch).delete()
        count += len(batch)
    return count


def _purge_imports(before: datetime) -> None:
    """Those whose job has ended, and files that were sent and never imported."""
    keeping = Job.objects.filter(pk=OuterRef("job_id"), state__in=UNFINISHED)
    found = RecordImport.objects.filter(~Exists(keeping), created_at__lt=before).order_by("created_at")
    while batch := dict(found.values_list("pk", "job_id")[:_BATCH]):
        with transaction.atomic():
            Job.objects.filter(pk__in=[job_id for job_id in batch.values() if job_id]).delete()
            RecordImport.objects.filter(pk__in=batch).delete()


def _purgeable(before: datetime) -> QuerySet[Submission]:
    now = clock.now()
    living = now - timedelta(days=conf().token_age_days)
    jobs = Job.objects.filter(submission_id=OuterRef("pk"))
    keeping = jobs.filter(Q(state__in=UNFINISHED) | Q(finished_at__gte=living))
    return Submission.objects.filter(
        ~Exists(keeping),
        Q(token_until__isnull=True) | Q(token_until__lt=now),
        created_at__lt=min(before, living),
    ).order_by("created_at")
