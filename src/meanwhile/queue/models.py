"""The tables of the queue: jobs, the leases of those who hold them, and the rules of named queues."""

from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf, StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from meanwhile.core import queue_name
from meanwhile.core.exact_json import ExactDecoder, ExactEncoder
from meanwhile.queue.states import HOLDING, State

# Of a queue's priority, up and down. Enough to put a new one between any two.
PRIORITY_LIMIT = 1_000


class Lease(models.Model):
    """A process's hold on the jobs that it runs; who does not renew it in time is dead. Times: the database's clock.

    A worker renews its lease; a request that performs its own rest takes a short one and gives it back.
    """

    class Kind(models.TextChoices):
        WORKER = "worker", _("Worker")
        REQUEST = "request", _("Request")

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.WORKER)
    # host:pid, for people.
    name = models.CharField(max_length=200)
    queues = models.JSONField(default=list)
    started_at = models.DateTimeField()
    renewed_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "meanwhile_lease"

    def __str__(self) -> str:
        return self.name


class QueueRules(models.Model):
    """What people have settled for one named queue. A queue without a row has no limits; see ``queue.rules``."""

    name = models.CharField(max_length=queue_name.LONGEST, primary_key=True)
    # Nothing of it starts; what runs goes on.
    paused = models.BooleanField(default=False)
    # How many of its jobs may run at the same time, in all workers together.
    concurrency = models.PositiveIntegerField(null=True)
    # How many of its jobs may start in a minute.
    per_minute = models.PositiveIntegerField(null=True)
    # Queues with a higher number come first.
    priority = models.SmallIntegerField(default=0)
    # Where there is a rate: when the next job may start. The database's clock; moved on by every claim.
    open_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "meanwhile_queue"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="meanwhile_queue_has_name"),
            models.CheckConstraint(
                condition=Q(concurrency__isnull=True) | Q(concurrency__gte=1), name="meanwhile_queue_concurrency"
            ),
            models.CheckConstraint(
                condition=Q(per_minute__isnull=True) | Q(per_minute__gte=1), name="meanwhile_queue_per_minute"
            ),
            models.CheckConstraint(
                condition=Q(priority__range=(-PRIORITY_LIMIT, PRIORITY_LIMIT)), name="meanwhile_queue_priority"
            ),
        ]

    def __str__(self) -> str:
        return self.name


def _share() -> Coalesce:
    """What a line begins with, up to the colon: the table of its record. A job that opted out of the order shares with
    those of the same node."""
    table = Substr("line", Value(1), NullIf(StrIndex(F("line"), Value(":")), Value(0)) - Value(1))
    return Coalesce(table, F("branch_node"))


class Job(models.Model):
    """One queued branch of a run. The queue reads none of the columns that are marked as the caller's."""

    queue = models.CharField(max_length=queue_name.LONGEST, default="default")
    state = models.CharField(max_length=10, choices=State, default=State.AVAILABLE)
    # The record that it works on, such as "mw_booking__booking:17". Jobs of one line run one at a time in the order
    # (due_at, id). Null: the job opted out of the order.
    line = models.CharField(max_length=200, null=True)
    # Jobs of one share take turns with those of the others, so that a flood of one does not starve the rest.
    share = models.GeneratedField(expression=_share(), output_field=models.CharField(max_length=200), db_persist=True)
    # When it was first due. It decides the order and never changes, so that a retry does not lose its place.
    due_at = models.DateTimeField()
    # When a retrying job is due again.
    retry_at = models.DateTimeField(null=True)
    # Counts up with every claim, every turn that is written and every loss of a claim. Who writes with an old epoch
    # writes nothing; so a turn whose commit arrived without its holder learning of it cannot be done twice either.
    epoch = models.IntegerField(default=0)
    lease = models.ForeignKey(Lease, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    # Failed tries of the action at which it stands; 0 again when that action is done.
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    backoff_seconds = models.FloatField(default=15)
    # It was taken over and runs alone until it has journalled a step; deaths of workers in that state.
    alone = models.BooleanField(default=False)
    deaths = models.PositiveSmallIntegerField(default=0)
    # A person asked to stop it while it ran; taken up at the next step.
    cancel_requested = models.BooleanField(default=False)
    # Why it failed or is retried: {"message", "type", "node", "trace"}; null when nothing is wrong.
    error = models.JSONField(null=True)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # --- the caller's own columns ---
    submission_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    version_id = models.BigIntegerField(null=True)
    # The node whose children it runs, and the node at which it stands; for people and for filters.
    branch_node = models.CharField(max_length=40, blank=True)
    at_node = models.CharField(max_length=40, blank=True)
    # Where the walk stands and what travels with it.
    payload = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    # The journal of this job: a list of steps, only ever appended to or concluded.
    steps = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder, default=list)

    class Meta:
        db_table = "meanwhile_job"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(State.values)), name="meanwhile_job_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease__isnull=False)
                | (~Q(state=State.RUNNING) & Q(lease__isnull=True)),
                name="meanwhile_job_running_is_held",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RETRYING, retry_at__isnull=False)
                | (~Q(state=State.RETRYING) & Q(retry_at__isnull=True)),
                name="meanwhile_job_retrying_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["completed", "cancelled"], finished_at__isnull=False)
                | (~Q(state__in=["completed", "cancelled"]) & Q(finished_at__isnull=True)),
                name="meanwhile_job_end_has_time",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(state=State.RUNNING), name="meanwhile_job_one_running_per_line"
            ),
        ]
        indexes = [
            # The claim: which queues and shares have something waiting, and of each what is due, in order. Finished and
            # future jobs are not in it.
            models.Index(
                fields=["queue", "share", "due_at", "id"],
                condition=Q(state=State.AVAILABLE),
                name="meanwhile_job_lane",
            ),
            # All that waits, the oldest first; for people.
            models.Index(fields=["due_at", "id"], condition=Q(state=State.AVAILABLE), name="meanwhile_job_available"),
            # The same for the few that were taken over from the dead and are claimed one by one.
            models.Index(
                fields=["due_at", "id"], condition=Q(state=State.AVAILABLE, alone=True), name="meanwhile_job_alone"
            ),
            # Whether an earlier job of the line is still to be done.
            models.Index(
                fields=["line", "due_at", "id"],
                condition=Q(state__in=sorted(HOLDING)),
                name="meanwhile_job_holding",
            ),
            # The promotion of what becomes due.
            models.Index(fields=["due_at"], condition=Q(state=State.SCHEDULED), name="meanwhile_job_scheduled"),
            models.Index(fields=["retry_at"], condition=Q(state=State.RETRYING), name="meanwhile_job_retrying"),
            # What runs: the rescue of what a dead holder left, and how many of each queue and share.
            models.Index(
                fields=["lease", "queue", "share"], condition=Q(lease__isnull=False), name="meanwhile_job_held"
            ),
            models.Index(fields=["submission_id"], name="meanwhile_job_submission"),
            models.Index(fields=["run_id"], name="meanwhile_job_run"),
            # What a person has to look at.
            models.Index(fields=["id"], condition=Q(state=State.FAILED), name="meanwhile_job_failed"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"

    @property
    def names(self) -> dict[str, Any]:
        """What a line of the log says of it."""
        return {"submission": self.submission_id, "run": self.run_id, "job": self.pk, "queue": self.queue}
