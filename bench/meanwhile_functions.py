"""The functions that jobs call: one that does by itself what a job of the peers does, save by save, and one that waits
for somebody slow."""

import time

from django.core.mail import EmailMessage

from meanwhile import function


@function
def finish(record: int) -> None:
    """``record`` is the id of one of ``work.CALL``."""
    from bench.models import Call

    found = Call.objects.get(pk=record)
    found.b = f"Checked {found.word}"
    found.save(update_fields=["b", "updated_at"])
    found.c = "Filed"
    found.save(update_fields=["c", "updated_at"])
    EmailMessage(f"Done: {found.word}", f"Dear {found.word}", None, [found.email]).send()
    found.done = True
    found.save(update_fields=["done", "updated_at"])


@function
def ask_slow_partner(seconds: float) -> None:
    """Somebody else takes his time."""
    time.sleep(seconds)
