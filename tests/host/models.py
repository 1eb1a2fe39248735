"""Models as host projects have them: columns without NULL, defaults, a key that is no number, protected links."""

import uuid
from typing import Any

from django.db import models


class Customer(models.Model):
    class Tier(models.TextChoices):
        GOLD = "gold", "Gold customer"
        PLAIN = "plain", "Plain customer"

    name = models.CharField("full name", max_length=80)
    email = models.EmailField(unique=True)
    tier = models.CharField(max_length=10, choices=Tier, default=Tier.PLAIN)
    notes = models.TextField(blank=True, help_text="For us only.")
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    visits = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    since = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    extra = models.JSONField(default=dict)
    # There is no field type for it.
    photo = models.FileField(blank=True)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What a host's own ``save`` does has to happen for our writes too."""
        self.name = self.name.strip().title()
        super().save(*args, **kwargs)


class Place(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"visit {self.pk}"
