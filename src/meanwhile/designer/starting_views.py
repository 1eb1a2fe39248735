"""How an application begins: from an example, or from a name and a first table; and what to do after that."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions import drafts
from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.editing.starting import application_key
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.problems import DocumentErrors
from meanwhile.designer import glance, sent_files
from meanwhile.designer.access import designers_only
from meanwhile.designer.context import around
from meanwhile.designer.starters import starter
from meanwhile.designer.starting_form import NewApplicationForm

type Plain = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def new(request: HttpRequest) -> HttpResponse:
    """A new application: its name, its first table and a few fields."""
    form = NewApplicationForm(drafts.application_keys(), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = _make(request, form.document(), _("New application"))
        if made is not None:
            return _on(made)
    return _new_page(request, form, status=422 if form.is_bound else 200)


@require_POST
@designers_only
def from_file(request: HttpRequest) -> HttpResponse:
    """An application that starts as the document in a file, with the key that it says."""
    try:
        name, document = sent_files.read(request)
        made = drafts.create(with_ids(document.plain, None), _("Start from the file %s") % name, request.user)
    except DocumentErrors as errors:
        problems = errors.problems
    except MeanwhileError as error:
        problems = sent_files.wrong(name, error.message).problems
    else:
        return _on(made)
    form = NewApplicationForm(drafts.application_keys(), None)
    return _new_page(request, form, status=422, file_problems=problems)


@require_POST
@designers_only
def from_example(request: HttpRequest, name: str) -> HttpResponse:
    """An application that starts as one of the examples, under a key that is free."""
    plain = starter(name)
    key = application_key(plain["application"], drafts.application_keys())
    label = _("Start from the example “%s”") % title_of(plain.get("title", ""), name)
    made = _make(request, {**plain, "application": key}, label)
    return HttpResponseRedirect(reverse("designer"), status=303) if made is None else _on(made)


@require_safe
@designers_only
def next_steps(request: HttpRequest, key: str) -> HttpResponse:
    """What is left to do until people can use it."""
    working = drafts.working(key)
    return render(request, "meanwhile/designer/next_steps.html", {**around(request, working), **steps(working)})


def steps(working: Working) -> Plain:
    """The ways of a new application to its first record: its events with their trees, and its forms."""
    events, forms = glance.events(working), glance.forms(working)
    return {
        "event": max(events, key=lambda each: each.nodes, default=None),
        "form": next(iter(forms), None),
        "has_background": any(each.later for each in events),
        "is_published": working.published is not None,
    }


def _new_page(request: HttpRequest, form: NewApplicationForm, *, status: int, **more: Any) -> HttpResponse:
    return render(request, "meanwhile/designer/new_application.html", {"form": form, **more}, status=status)


def _make(request: HttpRequest, plain: Plain, label: str) -> Working | None:
    """The draft; None, and said, where somebody took the key at the same moment."""
    try:
        return drafts.create(with_ids(plain, None), label, request.user)
    except MeanwhileError as error:
        messages.error(request, error.message)
        return None


def _on(made: Working) -> HttpResponse:
    return HttpResponseRedirect(reverse("designer-start", args=[made.key]), status=303)
