"""Applications with their published, immutable versions, and the drafts that become the next ones."""

from django.conf import settings
from django.db import models

from meanwhile.core.exact_json import ExactDecoder, ExactEncoder
from meanwhile.definitions.stored import DocumentField


class Application(models.Model):
    """One document's name and the version of it that is in force."""

    key = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    current = models.ForeignKey("Version", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "meanwhile_application"

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """A published document. Never changed: jobs pin it and caches rely on it."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    # The document in full, with the ids of its nodes.
    document = DocumentField(encoder=ExactEncoder, decoder=ExactDecoder)
    note = models.TextField(blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "meanwhile_version"
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="meanwhile_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.number}"


class Draft(models.Model):
    """An application as designers have it before they publish. It may be wrong in any way: what keeps it from being
    published is told, not refused."""

    key = models.CharField(max_length=40, unique=True)
    # Counts up with every change, undo and redo: who saves says which one they saw.
    revision = models.PositiveIntegerField(default=0)
    # The number of the DraftChange that it shows now; undo goes back, redo forth.
    position = models.PositiveIntegerField(default=0)
    # The version that it was made from; None for an application that was never published.
    base = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "meanwhile_draft"
        permissions = [("design", "Can design applications")]

    def __str__(self) -> str:
        return self.key


class DraftChange(models.Model):
    """The draft as one change left it, with what was done in words. Number 0 is the draft as it was opened."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    # Of the draft, when the change was made: what a later save compares itself with.
    revision = models.PositiveIntegerField()
    label = models.CharField(max_length=300)
    document = DocumentField(encoder=ExactEncoder, decoder=ExactDecoder)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "meanwhile_draft_change"
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="meanwhile_draft_change_number")]

    def __str__(self) -> str:
        return f"{self.draft} {self.number}"
