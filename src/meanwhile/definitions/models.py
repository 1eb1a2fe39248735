"""Applications and their published, immutable versions."""

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
