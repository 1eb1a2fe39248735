"""The versions of an application: history, one against another, restored, as files, and the data that they left."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions import drafts
from meanwhile.definitions.drafts import Plain
from meanwhile.definitions.dropping import drop_data
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.left_behind import left_behind
from meanwhile.definitions.models import Version
from meanwhile.definitions.problems import DocumentErrors, Finding, Located
from meanwhile.definitions.writer import dump_plain
from meanwhile.designer import sent_files
from meanwhile.designer.access import designers_only
from meanwhile.designer.changing import change
from meanwhile.designer.context import around
from meanwhile.designer.side_by_side import stretches
from meanwhile.engine import moving

DRAFT = "draft"


@require_safe
@designers_only
def show(request: HttpRequest, key: str) -> HttpResponse:
    """The history, with what can be done to each version."""
    return _page(request, key)


@require_safe
@designers_only
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """``?from=1&to=draft``: two versions side by side."""
    working = drafts.working(key)
    earlier, later = request.GET.get("from", ""), request.GET.get("to", DRAFT)
    before, after = _document(key, earlier), _document(key, later)
    context = {
        "before": _name(earlier),
        "after": _name(later),
        "stretches": stretches(dump_plain(before), dump_plain(after)),
        "is_same": dump_plain(before) == dump_plain(after),
    }
    return render(request, "meanwhile/designer/versions/compare.html", {**around(request, working), **context})


@require_safe
@designers_only
def download(request: HttpRequest, key: str, which: str) -> HttpResponse:
    """A version, or the draft, as a file."""
    answer = HttpResponse(dump_plain(_document(key, which)), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{key}-{which}.yaml"'
    return answer


@require_POST
@designers_only
def restore(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The draft becomes what the version is, with its ids: one change that can be undone."""
    version = get_object_or_404(Version, application__key=key, number=number)
    label = _("Restore version {number}").format(number=number)
    return change(request, key, label, lambda _before: version.document, reverse("designer-publish", args=[key]))


@require_POST
@designers_only
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """The draft becomes what the file says; nothing is changed where that cannot be read."""
    try:
        name, plain = _sent(request, key)
    except DocumentErrors as errors:
        return _page(request, key, errors.problems)
    label = _("Take over the file {name}").format(name=name)
    return change(request, key, label, lambda before: with_ids(plain, before), reverse("designer-publish", args=[key]))


@require_POST
@designers_only
def delete_data(request: HttpRequest, key: str) -> HttpResponse:
    """Delete what a dropped field left in the database, for good."""
    table, field = request.POST.get("table", ""), request.POST.get("field", "")
    try:
        drop_data(key, table, field)
    except MeanwhileError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The data of {field} in {table} is deleted.").format(field=field, table=table))
    return HttpResponseRedirect(reverse("designer-versions", args=[key]), status=303)


def _page(request: HttpRequest, key: str, problems: tuple[Located, ...] = ()) -> HttpResponse:
    working = drafts.working(key)
    versions = Version.objects.filter(application__key=key).defer("document").select_related("published_by")
    jobs: Counter[int] = Counter()
    for flight in moving.in_flight(key):
        jobs[flight.version.pk] += flight.count
    current = working.published.pk if working.published else 0
    context: dict[str, Any] = {
        "versions": [(version, version.pk == current, jobs[version.pk]) for version in versions.order_by("-number")],
        "older_jobs": sum(count for pk, count in jobs.items() if pk != current),
        "left_behind": left_behind(key),
        "file_problems": problems,
    }
    status = 422 if problems else 200
    return render(
        request, "meanwhile/designer/versions/versions.html", {**around(request, working), **context}, status=status
    )


def _document(key: str, which: str) -> Plain:
    if which == DRAFT:
        return drafts.working(key).document
    if not (which.isascii() and which.isdecimal() and len(which) < 9):
        raise Http404
    version: Version = get_object_or_404(Version, application__key=key, number=int(which))
    document: Plain = version.document
    return document


def _name(which: str) -> str:
    return _("Draft") if which == DRAFT else _("Version {number}").format(number=which)


def _sent(request: HttpRequest, key: str) -> tuple[str, Plain]:
    """The name of the file and what it says. DocumentErrors where it is a document of another application, too."""
    name, document = sent_files.read(request)
    if document.application != key:
        message = _(
            'This is the application "{other}"; the draft is of "{key}". Change the first line to take it over.'
        )
        problem = Finding(("application",), message.format(other=document.application, key=key))
        raise DocumentErrors(document.source.locate([problem]))
    return name, document.plain
