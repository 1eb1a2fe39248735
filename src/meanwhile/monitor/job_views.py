"""The list of jobs, and one job."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from meanwhile.engine.inspect import bulk, listing, sheet, waiting, words
from meanwhile.engine.inspect.filters import JobFilter
from meanwhile.engine.inspect.paging import SIZE
from meanwhile.monitor.access import staff_only
from meanwhile.monitor.refreshing import refreshing
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED, State


@require_safe
@staff_only
def jobs(request: HttpRequest) -> HttpResponse:
    """The jobs that the address asks for, newest first."""
    asked = JobFilter(request.GET)
    rows: list[listing.JobRow] = []
    older, is_partial = "", False
    if asked.is_valid():
        rows, found = listing.list_jobs(asked, request.GET.get("after", ""))
        older = f"{request.path}?{asked.address(after=found.older)}" if found.older else ""
        is_partial = found.is_partial
    context = {
        "asked": asked,
        "is_asking": bool(asked.asked()),
        "rows": rows,
        "applications": listing.applications(),
        "older": older,
        "is_partial": is_partial,
        "is_later_page": "after" in request.GET,
        "newest": f"{request.path}?{asked.address()}",
        "actions": _for_all(asked) if rows else [],
        "page_size": SIZE,
        **refreshing(request),
    }
    return render(request, "meanwhile/monitor/jobs.html", context, status=200 if asked.is_valid() else 400)


def _for_all(asked: JobFilter) -> list[tuple[bulk.Meaning, str, str]]:
    """What can be done to all that a filter asks for: words, address, key. Without a filter: nothing."""
    if not asked.is_valid() or not asked.asked():
        return []
    state = asked.cleaned_data["state"]
    fitting = bulk.allowed(state) if state else list(bulk.Action)
    return [
        (bulk.MEANINGS[action], f"{reverse('monitor-act', args=[action])}?{asked.address()}", action)
        for action in fitting
    ]


@require_safe
@staff_only
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job: where it stands and why, what went wrong, what it did, what can be done."""
    found = Job.objects.filter(pk=job_id).first()
    if found is None:
        raise Http404
    (row,) = listing.job_rows([found])
    table = words.table_of(found.version_id, row.run.table) if row.run else None
    context = {
        "row": row,
        "job": found,
        "state_label": State(found.state).label,
        "reason": waiting.reason(found),
        "entries": list(sheet.entries_of_job(found, table)),
        "actions": [(bulk.MEANINGS[action], action) for action in _allowed(row)],
        "error_node": words.node_title(found.version_id, (found.error or {}).get("node", "")),
        "error_trace": _trace(found.error or {}),
        "payload": words.plain(found.payload),
        "is_unfinished": found.state in UNFINISHED,
        **refreshing(request, always=found.state in UNFINISHED - {State.FAILED, State.SCHEDULED}),
    }
    return render(request, "meanwhile/monitor/job.html", context)


def _allowed(row: listing.JobRow) -> list[bulk.Action]:
    return bulk.allowed(row.job.state, is_import=row.imported is not None)


def _trace(error: Mapping[str, Any]) -> str:
    """Where in the code it was raised: a text, or lines of it."""
    trace = error.get("trace") or ""
    return trace if isinstance(trace, str) else "\n".join(map(str, trace))
