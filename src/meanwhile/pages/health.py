"""``/healthz``: whether the site can do its work, for whoever watches it. Tells nothing about what is in it."""

from typing import Any

from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from meanwhile.queue.health import oldest_waiting_seconds, seconds_since_worker, worker_lives
from meanwhile.queue.standing import Standing, standing

# A worker that is started again takes a few seconds until it takes jobs; that is no alarm.
PATIENCE_SECONDS = 10.0


@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where the database can be written and nobody waits in vain, else 503; a status for each part."""
    parts = {"web": {"status": "ok"}, **_database_and_queue()}
    is_well = parts["database"]["status"] == Standing.OK and parts["queue"]["status"] == "ok"
    body = {"status": "ok" if is_well else "failing", **parts}
    return JsonResponse(body, status=200 if is_well else 503, headers={"Cache-Control": "no-store"})


def _database_and_queue() -> dict[str, dict[str, Any]]:
    found = standing()
    try:
        return {"database": {"status": found}, **_worker_and_queue()}
    except Error:
        unknown = {"status": "unknown"}
        return {"database": {"status": Standing.UNAVAILABLE}, "worker": unknown, "queue": unknown}


def _worker_and_queue() -> dict[str, dict[str, Any]]:
    """Two small statements, three where no worker lives. A queue is stuck when jobs wait in it for nobody."""
    lives, waiting = worker_lives(), oldest_waiting_seconds() or 0.0
    worker: dict[str, Any] = {"status": "ok" if lives else "absent"}
    if not lives and (seen := seconds_since_worker()) is not None:
        worker["last_seen_seconds_ago"] = round(seen, 3)
    is_stuck = not lives and waiting > PATIENCE_SECONDS
    return {
        "worker": worker,
        "queue": {"status": "stuck" if is_stuck else "ok", "oldest_waiting_seconds": round(waiting, 3)},
    }
