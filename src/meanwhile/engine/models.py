"""What people sent and what came of it: submissions with their runs, and imports. Jobs are the queue's."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from meanwhile.core.exact_json import ExactDecoder, ExactEncoder


class Submission(models.Model):
    """One accepted save of a record, with the runs and jobs that it starts, nested and triggered ones too."""

    # The key of one opening of a form: the same key is the same submission. Null: saved by no form.
    key = models.CharField(max_length=64, null=True)
    # SHA-256 of the values sent, to tell a second press of Submit from a corrected form.
    digest = models.CharField(max_length=64, blank=True)
    version = models.ForeignKey("meanwhile.Version", on_delete=models.PROTECT, related_name="+")
    # Keys in the document; form is empty for a save by no form (import, command, API).
    form = models.CharField(max_length=60, blank=True)
    table = models.CharField(max_length=60)
    record_id = models.CharField(max_length=64)
    is_new = models.BooleanField(default=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    # The end of the last address that was given out for it; it is not purged before.
    token_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "meanwhile_submission"
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(key__isnull=False), name="meanwhile_submission_key"),
        ]
        indexes = [models.Index(fields=["created_at"], name="meanwhile_submission_created")]

    def __str__(self) -> str:
        return f"submission {self.pk}"


class Run(models.Model):
    """One walk of one event's tree for one record. ``steps`` is the journal of its synchronous part; each job of the
    run keeps its own."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey("meanwhile.Version", on_delete=models.PROTECT, related_name="+")
    # "booking.record_update", or the first of them where a form's own event runs after the table's.
    event = models.CharField(max_length=130)
    table = models.CharField(max_length=60)
    record_id = models.CharField(max_length=64)
    # How many events stand between the submission and this run: 0 for the submission's own.
    depth = models.PositiveSmallIntegerField(default=0)
    # The chain of events that led here, oldest first, for the message when it gets too deep.
    chain = models.JSONField(default=list)
    created_at = models.DateTimeField()
    steps = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder, default=list)

    class Meta:
        db_table = "meanwhile_run"
        indexes = [models.Index(fields=["table", "record_id"], name="meanwhile_run_record")]

    def __str__(self) -> str:
        return f"run {self.pk}"


class RecordImport(models.Model):
    """A file of records on its way into a table: looked at first, then saved row by row by a job of its own."""

    # The version under which the rows are saved: the one in force when the import was started.
    version = models.ForeignKey("meanwhile.Version", on_delete=models.PROTECT, related_name="+")
    # The key of the table in that version.
    table = models.CharField(max_length=60)
    # Who sent it: the saves are theirs. Null: they were deleted meanwhile.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # What the file was called, for people.
    file_name = models.CharField(max_length=200)
    # The first line of the file: what its columns are called. It heads the file of refused rows again.
    headers = models.JSONField()
    # What each column of the file is: the key of a field, "id" for the record that is changed, empty: left out.
    columns = models.JSONField()
    created_at = models.DateTimeField()
    # The job that saves the rows; null until somebody starts it. How it stands is the job's to say.
    job_id = models.BigIntegerField(null=True)
    # How many rows the file has, and how many of them were saved and refused. The others are still to be done.
    total = models.PositiveIntegerField()
    saved = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "meanwhile_import"
        indexes = [
            models.Index(fields=["job_id"], name="meanwhile_import_job"),
            models.Index(fields=["created_at"], name="meanwhile_import_created"),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportRow(models.Model):
    """A row of an import that is not saved: still to be done, or refused. A saved one is removed in the transaction
    that saves it, so that none is saved twice."""

    record_import = models.ForeignKey(RecordImport, on_delete=models.CASCADE, related_name="rows")
    # As a spreadsheet counts: the headers are row 1.
    number = models.PositiveIntegerField()
    # The text of each cell, as many as there are headers.
    cells = models.JSONField()
    # Why it was refused; empty: it is still to be done.
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "meanwhile_import_row"
        constraints = [
            models.UniqueConstraint(fields=["record_import", "number"], name="meanwhile_import_row_number"),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of import {self.record_import_id}"
