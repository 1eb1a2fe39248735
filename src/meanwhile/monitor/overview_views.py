"""The first page of the monitor, and the workers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meanwhile.core.conf import conf
from meanwhile.engine.inspect import figures, listing
from meanwhile.engine.inspect.filters import JobFilter
from meanwhile.engine.inspect.workers import at_work
from meanwhile.monitor.access import staff_only
from meanwhile.monitor.refreshing import refreshing
from meanwhile.queue.states import State

# Failed jobs and runs that the first page names; the lists have all.
_FEW = 5


@require_safe
@staff_only
def overview(request: HttpRequest) -> HttpResponse:
    """What needs a person first, then how much waits and who works."""
    now = figures.overview()
    failed, _ = listing.list_jobs(_valid(JobFilter({"state": State.FAILED})), size=_FEW)
    context = {
        "now": now,
        "counts": [(state, state.label, count) for state, count in now.counts.items()],
        "lately": [(state, state.label, count) for state, count in now.lately.items()],
        "latest_number": figures.LATELY,
        "failed": failed,
        "failed_count": now.counts[State.FAILED],
        "has_mail_folder": bool(conf().mail_folder),
        **refreshing(request),
    }
    return render(request, "meanwhile/monitor/overview.html", context)


@require_safe
@staff_only
def workers(request: HttpRequest) -> HttpResponse:
    """The leases, and what runs under each."""
    context = {"holders": at_work(), **refreshing(request)}
    return render(request, "meanwhile/monitor/workers.html", context)


def _valid(asked: JobFilter) -> JobFilter:
    asked.is_valid()
    return asked
