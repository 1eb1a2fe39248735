"""A site's own view of a table of the bench: what a function that saves by itself works on."""

from django.db import models


class Call(models.Model):
    """A record of ``work.CALL``. The table belongs to the document."""

    word = models.TextField()
    email = models.EmailField()
    b = models.TextField()
    c = models.TextField()
    done = models.BooleanField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        managed = False
        app_label = "bench"
        db_table = "mw_bench__call"

    def __str__(self) -> str:
        return self.word
