"""Resume, skip, restart and cancel: a page that says how many and what happens, and the deed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from meanwhile.core.errors import MeanwhileError
from meanwhile.engine.inspect import bulk, listing
from meanwhile.engine.inspect.filters import JobFilter
from meanwhile.monitor.access import staff_only
from meanwhile.queue.models import Job

# A request does batches for no longer than this; then the person is asked to go on.
SECONDS = 10.0


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def act(request: HttpRequest, action: str) -> HttpResponse:
    """``?job=`` names one job; else the filter in the address tells which. GET asks, POST does."""
    if action not in list(bulk.Action):
        raise Http404
    chosen = bulk.Action(action)
    if "job" in request.GET:
        return _one(request, chosen, request.GET["job"])
    asked = JobFilter(request.GET)
    if not asked.is_valid() or not asked.asked():
        messages.error(request, _("Say first which jobs: use the filter, then choose what to do with all it shows."))
        return redirect("monitor-jobs")
    return _all(request, chosen, asked)


def _one(request: HttpRequest, action: bulk.Action, text: str) -> HttpResponse:
    job = Job.objects.filter(pk=int(text)).defer(*listing.HEAVY).first() if _is_id(text) else None
    if job is None:
        raise Http404
    if request.method != "POST":
        (row,) = listing.job_rows([job])
        allowed = bulk.allowed(job.state, is_import=row.imported is not None)
        return _ask(request, action, row=row, is_allowed=action in allowed)
    try:
        if bulk.do_one(action, job.pk, request.user):
            messages.success(request, _result(action, 1))
        else:
            messages.warning(request, _("Nothing was done: the job has moved on meanwhile."))
    except MeanwhileError as error:
        messages.error(request, _("Nothing was done. {reason}").format(reason=error))
    return redirect("monitor-job", job.pk)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _all(request: HttpRequest, action: bulk.Action, asked: JobFilter) -> HttpResponse:
    if request.method != "POST":
        return _ask(request, action, asked=asked, amount=bulk.count(action, asked), up_to=bulk.last_id())
    up_to, before = _number(request, "up_to") or bulk.last_id(), _number(request, "done")
    cursor = request.POST.get("cursor", "")
    try:
        done = bulk.do_all(action, asked, request.user, up_to=up_to, cursor=cursor, seconds=SECONDS)
    except MeanwhileError as error:
        messages.error(request, _("It stopped before the end. {reason}").format(reason=error))
        return redirect(f"{reverse('monitor-jobs')}?{asked.address()}")
    total = before + done.changed
    if not done.is_all:
        return _ask(request, action, asked=asked, done=total, cursor=done.cursor, up_to=up_to)
    if total:
        messages.success(request, _result(action, total))
    else:
        messages.warning(request, _("Nothing was done: none of these jobs is in a state for it any more."))
    return redirect(f"{reverse('monitor-jobs')}?{asked.address()}")


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if _is_id(text) else 0


def _ask(request: HttpRequest, action: bulk.Action, **context: Any) -> HttpResponse:
    meaning = bulk.MEANINGS[action]
    return render(
        request,
        "meanwhile/monitor/act.html",
        {"action": action, "meaning": meaning, "here": request.get_full_path(), **context},
    )


def _result(action: bulk.Action, count: int) -> str:
    sentences = {
        bulk.Action.RESUME: ngettext("{count} job goes on.", "{count} jobs go on.", count),
        bulk.Action.SKIP: ngettext(
            "{count} job goes on after the action that failed.",
            "{count} jobs go on after the action that failed.",
            count,
        ),
        bulk.Action.RESTART: ngettext(
            "{count} job starts again from its first action.",
            "{count} jobs start again from their first action.",
            count,
        ),
        bulk.Action.CANCEL: ngettext(
            "{count} job is cancelled; if it runs, at its next step.",
            "{count} jobs are cancelled; those that run, at their next step.",
            count,
        ),
    }
    return sentences[action].format(count=f"{count:,}")
