"""How often an address has used something lately. Kept in the database, so that it holds across all processes."""

from django.db import models


class Use(models.Model):
    """One address's uses of one thing within the present minute or so; it starts afresh with the next one."""

    # "form:booking.book" or "sign-in".
    name = models.CharField(max_length=130)
    # A keyed digest of the address: enough to count, of no use for finding out who it was.
    address = models.CharField(max_length=64)
    since = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "meanwhile_use"
        constraints = [models.UniqueConstraint(fields=["name", "address"], name="meanwhile_use_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.count}"
