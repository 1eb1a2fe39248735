"""The list of runs, and one run."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meanwhile.core import clock
from meanwhile.engine.inspect import listing
from meanwhile.engine.inspect.filters import RunFilter
from meanwhile.engine.inspect.sheet import Sheet, sheet
from meanwhile.engine.inspect.timeline import WIDTH, timeline
from meanwhile.engine.models import Run
from meanwhile.monitor.access import staff_only
from meanwhile.monitor.refreshing import refreshing


@require_safe
@staff_only
def runs(request: HttpRequest) -> HttpResponse:
    """The runs that the address asks for, newest first."""
    asked = RunFilter(request.GET)
    rows: list[listing.RunRow] = []
    older, is_partial = "", False
    if asked.is_valid():
        rows, found = listing.list_runs(asked, request.GET.get("after", ""))
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
        **refreshing(request),
    }
    return render(request, "meanwhile/monitor/runs.html", context, status=200 if asked.is_valid() else 400)


@require_safe
@staff_only
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: its lanes, when each ran, and what else is known of the record and the submission."""
    found = Run.objects.select_related("version__application", "submission__user").filter(pk=run_id).first()
    if found is None:
        raise Http404
    told = sheet(found)
    (row,) = listing.run_rows([found])
    drawing = timeline(told, clock.now())
    before, after = _around_the_return(told)
    context = {
        "sheet": told,
        "run": found,
        "row": row,
        "timeline": drawing,
        "width": WIDTH,
        "before": [lane for lane in drawing.rows if lane.lane in before],
        "after": [lane for lane in drawing.rows if lane.lane in after],
        "same_record": listing.run_rows(told.same_record),
        "same_submission": listing.run_rows(told.same_submission),
        **refreshing(request, always=told.is_live),
    }
    return render(request, "meanwhile/monitor/run.html", context)


def _around_the_return(told: Sheet) -> tuple[list[object], list[object]]:
    """The lanes that the person waited for, and those in the background."""
    return (
        [lane for lane in told.lanes if lane.is_synchronous],
        [lane for lane in told.lanes if not lane.is_synchronous],
    )
