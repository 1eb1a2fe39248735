"""How long jobs have been at work, by the database's clock."""

from collections.abc import Iterable

from django.db.models.functions import Now

from meanwhile.queue.models import Job


def seconds_since_start(job_ids: Iterable[int]) -> dict[int, float]:
    """By id, since they were claimed first, or first after a person put them back. Without those never claimed."""
    jobs = Job.objects.filter(pk__in=list(job_ids)).annotate(at=Now()).values_list("pk", "started_at", "at")
    return {id_: (at - since).total_seconds() for id_, since, at in jobs if since is not None}
