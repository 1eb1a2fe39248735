"""Publishing a draft: what would change, what would be lost, what becomes of the jobs in flight, and then live."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions import drafts
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.inspection import Inspection
from meanwhile.definitions.loading import load_plain
from meanwhile.definitions.models import Version
from meanwhile.definitions.plan import ApplicationPlan, Plan, plan
from meanwhile.definitions.program import current_program
from meanwhile.definitions.publish import publish
from meanwhile.designer import glance
from meanwhile.designer.access import designers_only
from meanwhile.designer.application_views import changes
from meanwhile.designer.changing import revision_of
from meanwhile.designer.context import around
from meanwhile.engine import moving

MOVE = "move"


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def show(request: HttpRequest, key: str) -> HttpResponse:
    """The plan; and with POST, what was planned is published."""
    working = drafts.working(key)
    inspection = working.inspection
    planned = _plan(working, inspection)
    if request.method != "POST":
        return _page(request, working, inspection, planned)
    if refusal := _refusal(request, working, planned):
        return _page(request, working, inspection, planned, refusal)
    assert planned is not None
    try:
        (version,) = publish(planned, request.user, request.POST.get("note", "").strip()[:2000])
    except MeanwhileError as error:
        return _page(request, working, inspection, planned, error.message)
    drafts.published(key, version)
    if request.POST.get("jobs") == MOVE:
        move_jobs(request, key)
    return HttpResponseRedirect(reverse("designer-published", args=[key, version.number]), status=303)


@require_safe
@designers_only
def published(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What people do next after publishing."""
    working = drafts.working(key)
    version = get_object_or_404(Version, application__key=key, number=number)
    context = {"version": version, "forms": glance.forms(working)}
    return render(request, "meanwhile/designer/versions/published.html", {**around(request, working), **context})


@require_POST
@designers_only
def move(request: HttpRequest, key: str) -> HttpResponse:
    """Move the jobs that are in flight on older versions to the one in force."""
    move_jobs(request, key)
    return HttpResponseRedirect(reverse("designer-versions", args=[key]), status=303)


def move_jobs(request: HttpRequest, key: str) -> None:
    """Move what can be moved, and say how many were and why others were not."""
    program = current_program(key)
    found = moving.move(key, program, request.user)
    words = ngettext(
        "{count} job was moved to version {number}.", "{count} jobs were moved to version {number}.", found.moved
    )
    messages.success(request, words.format(count=found.moved, number=program.number))
    for reason, count in found.stays.most_common():
        stays = ngettext("{count} job stays: {reason}", "{count} jobs stay: {reason}", count)
        messages.warning(request, stays.format(count=count, reason=reason))


def _plan(working: Working, inspection: Inspection) -> Plan | None:
    """None where the draft does not load as a whole; what is wrong with it is in the inspection then."""
    return plan([load_plain(working.document)]) if inspection.is_whole else None


def _refusal(request: HttpRequest, working: Working, planned: Plan | None) -> str:
    """Why what was sent is not published; empty where nothing speaks against it."""
    if revision_of(request) != working.revision:
        return _("The draft was changed after this plan was shown. Look at the plan again, then publish.")
    if planned is None or planned.errors:
        return _("Nothing was published: there are errors.")
    if request.POST.get("base", "") != _base(planned):
        return _("Somebody else published in the meantime. Look at the plan again, then publish.")
    if planned.losses and "agree" not in request.POST:
        return _("Nothing was published: agree first to what would be lost.")
    return ""


def _base(planned: Plan) -> str:
    return str(planned.applications[0].base_id or "")


def _page(
    request: HttpRequest, working: Working, inspection: Inspection, planned: Plan | None, refusal: str = ""
) -> HttpResponse:
    each = planned.applications[0] if planned else None
    problems = each.problems if each else inspection.problems
    context: dict[str, Any] = {
        "plan": each,
        "base": _base(planned) if planned else "",
        "errors": [problem for problem in problems if problem.severity == "error"],
        "warnings": [problem for problem in problems if problem.severity == "warning"],
        "changes": changes(working),
        "flights": moving.in_flight(working.key),
        "moving": _preview(each) if each and not each.errors else None,
        "refusal": refusal,
        "note": request.POST.get("note", ""),
        "jobs": request.POST.get("jobs", ""),
        "agreed": "agree" in request.POST,
    }
    page = "meanwhile/designer/versions/publish.html"
    return render(request, page, {**around(request, working), **context}, status=409 if refusal else 200)


def _preview(each: ApplicationPlan) -> moving.Moving | None:
    program = moving.unpublished(Version(pk=None, number=each.number, document=each.document.plain))
    return moving.preview(each.application, program) if program else None
