"""``/healthz``: whether the site can do its work, for whoever watches it. Tells nothing about what is in it."""

from collections.abc import Callable
from typing import Any

from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from meanwhile.queue import trouble
from meanwhile.queue.health import oldest_waiting_seconds, seconds_since_worker, served_queues
from meanwhile.queue.standing import Standing, standing_and_error
from meanwhile.queue.unserved import waits_in_vain

# A worker that is started again takes a few seconds until it takes jobs; that is no alarm.
PATIENCE_SECONDS = 10.0


class HealthMiddleware:
    """Answers ``/healthz`` under whatever name it is asked for: a load balancer asks by an address.

    That is safe because the answer holds no link and depends on no cookie. It has to stand before whatever refuses
    hosts that are not the site's, such as Django's CommonMiddleware, or SecurityMiddleware where it redirects to https.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Every request comes by; nearly all are known by how they end.
        if request.path.endswith("/healthz") and request.path == reverse("healthz"):
            return healthz(request)
        return self._get_response(request)


@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where the database can be written and nobody waits in vain, else 503; a status for each part."""
    parts = {"web": {"status": "ok"}, **_database_and_queue()}
    is_well = parts["database"]["status"] == Standing.OK and parts["queue"]["status"] == "ok"
    body = {"status": "ok" if is_well else "failing", **parts}
    return JsonResponse(body, status=200 if is_well else 503, headers={"Cache-Control": "no-store"})


def _database_and_queue() -> dict[str, dict[str, Any]]:
    found, error = standing_and_error()
    try:
        parts = {"database": {"status": found}, **_worker_and_queue()}
    except Error as refused:
        error, unknown = error or refused, {"status": "unknown"}
        parts = {"database": {"status": Standing.UNAVAILABLE}, "worker": unknown, "queue": unknown}
    if error is not None:
        trouble.tell(error)
    return parts


def _worker_and_queue() -> dict[str, dict[str, Any]]:
    """A small statement each for the workers, the first waiting job, and jobs that wait for no worker; one more where
    none lives. Which queue it is that nobody serves is nothing for everybody."""
    served, waiting = served_queues(), oldest_waiting_seconds() or 0.0
    worker: dict[str, Any] = {"status": "ok" if served else "absent"}
    if not served and (seen := seconds_since_worker()) is not None:
        worker["last_seen_seconds_ago"] = round(seen, 3)
    status = "ok"
    if waiting > PATIENCE_SECONDS and waits_in_vain(served, PATIENCE_SECONDS):
        status = "unserved" if served else "stuck"
    return {"worker": worker, "queue": {"status": status, "oldest_waiting_seconds": round(waiting, 3)}}
