"""The records that the peers work on: the columns of ``work.ITEM``'s table, as a plain Django model."""

from django.db import models


class Record(models.Model):
    """``a`` and ``d`` are set while the person waits, ``b``, ``c`` and ``done`` by the job."""

    word = models.TextField(default="")
    email = models.EmailField(default="")
    a = models.TextField(default="")
    b = models.TextField(default="")
    c = models.TextField(default="")
    d = models.TextField(default="")
    done = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.word
