"""``/healthz``: whether the site can do its work, for whoever watches it. Tells nothing about what is in it."""

from typing import Any

from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse

from meanwhile.core import clock
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State


@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where the database answers and a worker lives, else 503."""
    found: dict[str, Any]
    try:
        found = {"database": True, "worker": _worker_lives(), "oldest_waiting_seconds": _oldest_waiting_seconds()}
    except DatabaseError:
        found = {"database": False, "worker": None, "oldest_waiting_seconds": None}
    return _answer(found)


def _answer(found: dict[str, Any]) -> HttpResponse:
    is_well = bool(found["database"] and found["worker"])
    body = {"status": "ok" if is_well else "failing", **found}
    return JsonResponse(body, status=200 if is_well else 503, headers={"Cache-Control": "no-store"})


def _worker_lives() -> bool:
    return Lease.objects.filter(kind=Lease.Kind.WORKER, expires_at__gt=Now()).exists()


def _oldest_waiting_seconds() -> float:
    """For how long the job that waits longest has been due; 0 where none waits."""
    waiting = Job.objects.filter(state=State.AVAILABLE).order_by("due_at", "id")
    due_at = waiting.values_list("due_at", flat=True).first()
    return round(max(0.0, (clock.now() - due_at).total_seconds()), 3) if due_at else 0.0
