"""How a view changes a draft: one way for all of them.

The form that asks for a change carries the revision that its designer saw (``revision``). When somebody else was
faster, the answer is a page that says what they did, with both values of what both have changed, and with everything
that was sent kept in it, ready to be sent again.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions import drafts
from meanwhile.definitions.drafts import Change, DraftChanged, Working
from meanwhile.designer import conflicts

REVISION = "revision"
# Names of a sent form that are ours, and are not sent again as they were.
_OURS = (REVISION, conflicts.SINCE, "csrfmiddlewaretoken")


def revision_of(request: HttpRequest) -> int:
    """The revision that the sender saw; 0 where it says none."""
    return conflicts.revision_in(request.POST, REVISION) or 0


def change(
    request: HttpRequest, key: str, label: str, make: Change, then: str | Callable[[Working], str]
) -> HttpResponse:
    """Change the draft and go on to ``then``, an address. What was refused is said there; nothing is changed then."""
    making = conflicts.on_top(key, make, request.POST)
    return attempt(
        request, key, lambda: drafts.change(key, revision_of(request), label, making, request.user), then, make
    )


def attempt(
    request: HttpRequest,
    key: str,
    work: Callable[[], Working],
    then: str | Callable[[Working], str],
    make: Change | None = None,
) -> HttpResponse:
    """``work`` on a draft, and on to ``then``. The page of a conflict where somebody else was faster; ``make``: what
    ``work`` does to the document, to be held against what they did."""
    try:
        done = work()
    except DraftChanged as conflict:
        return conflict_page(request, key, conflict, make)
    except MeanwhileError as error:
        messages.error(request, error.message)
        done = drafts.working(key)
    return HttpResponseRedirect(then if isinstance(then, str) else then(done), status=303)


def back(request: HttpRequest, key: str) -> str:
    """Where the sender was (``here``), only ever a page of this site; else the application's own page."""
    here = request.POST.get("here", "")
    if here.startswith("/") and url_has_allowed_host_and_scheme(here, allowed_hosts=None):
        return here
    return reverse("designer-application", args=[key])


def conflict_page(request: HttpRequest, key: str, conflict: DraftChanged, make: Change | None = None) -> HttpResponse:
    """What somebody else did meanwhile, and what was sent, kept: to be saved on top of it, or to be left."""
    now = drafts.working(key)
    since = conflicts.revision_in(request.POST, conflicts.SINCE) or revision_of(request)
    is_others = any(each.made_by_id != request.user.pk for each in conflict.changes)
    context = {
        "working": now,
        "changes": conflict.changes,
        "kept": _kept(request),
        "back": back(request, key),
        "title": _("Somebody else was faster") if is_others else _("This was changed in another window"),
        "is_others": is_others,
        "since": since,
        **(_met(request, now, make, since) if make else {}),
    }
    response = render(request, "meanwhile/designer/conflict.html", context, status=409)
    if request.headers.get("HX-Request"):
        # htmx leaves errors alone; what a person has to decide takes the place of the whole page.
        response.status_code = 200
        response["HX-Retarget"] = response["HX-Reselect"] = "#main"
        response["HX-Reswap"] = "outerHTML"
    return response


def _kept(request: HttpRequest) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _OURS and not name.startswith(conflicts.TAKE)
        for value in values
    ]


def _met(request: HttpRequest, now: Working, make: Change, since: int) -> dict[str, Any]:
    """What both have changed. ``refused``: why what was sent cannot be put on top of what is there now."""
    try:
        edit = conflicts.edit_of(make, now.document, drafts.seen(now.key, since))
    except MeanwhileError as error:
        return {"refused": error.message}
    return {"choices": conflicts.choices(edit, request.POST), "is_known": edit.seen is not None}
