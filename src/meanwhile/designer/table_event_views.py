"""The custom events of a table: added, named, given parameters, deleted. Their trees are edited elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions import drafts
from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.editing import tables
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.designer import deleting
from meanwhile.designer.access import designers_only
from meanwhile.designer.changing import change
from meanwhile.designer.context import around
from meanwhile.designer.deleting import Deletion
from meanwhile.designer.naming import EventForm, quoted
from meanwhile.designer.table_views import UNFIT, about, existing, said

type Plain = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def new(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """A new custom event; its tree comes next."""
    working = drafts.working(key)
    taken = {RECORD_UPDATE, *tables.events(working.document, existing(working, table))}
    form = EventForm(taken, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, working, table, form)
    made, label, parameters = (form.cleaned_data[name] for name in ("key", "label", "parameters"))

    def make(plain: Plain) -> Plain:
        return tables.add_event(plain, table, made, said(label, made), parameters)

    return change(request, key, _("Add event %s") % quoted(label), make, _tree(key, table, made))


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def show(request: HttpRequest, key: str, table: str, event: str) -> HttpResponse:
    """What a custom event is called, and what it gets."""
    working = drafts.working(key)
    given = _event(working, table, event)
    initial = {"label": title_of(str(given.get("label") or ""), event), "key": event}
    initial["parameters"] = "\n".join(map(str, given.get("parameters") or []))
    form = EventForm((), request.POST if request.method == "POST" else None, initial=initial)
    form.fields["key"].disabled = True
    if not form.is_valid():
        return _page(request, working, table, form, event)
    label, parameters = form.cleaned_data["label"], form.cleaned_data["parameters"]

    def make(plain: Plain) -> Plain:
        return tables.configure_event(plain, table, event, said(label, event), parameters)

    then = reverse("designer-table", args=[key, table])
    return change(request, key, _("Set up event %s") % quoted(label), make, then)


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def delete(request: HttpRequest, key: str, table: str, event: str) -> HttpResponse:
    """Ask, with what triggers the event; then take it out with its tree."""
    working = drafts.working(key)
    label = quoted(title_of(str(_event(working, table, event).get("label") or ""), event))
    deletion = Deletion(
        words=_("Delete event %s") % label,
        make=lambda plain: tables.remove_event(plain, table, event),
        then=reverse("designer-table", args=[key, table]),
        back=reverse("designer-table-event", args=[key, table, event]),
    )
    return deleting.answer(request, working, deletion, "table_delete.html", **about(working, table))


def _page(request: HttpRequest, working: Working, table: str, form: EventForm, event: str = "") -> HttpResponse:
    context = {**around(request, working), **about(working, table), "form": form, "event": event}
    return render(request, "meanwhile/designer/table_event.html", context, status=UNFIT if form.errors else 200)


def _event(working: Working, table: str, event: str) -> Plain:
    found: Plain | None = tables.events(working.document, existing(working, table)).get(event)
    if found is None or event == RECORD_UPDATE:
        raise MissingDefinition(_('There is no custom event "{key}".').format(key=event[:80]), event=event)
    return found


def _tree(key: str, table: str, event: str) -> str:
    """The page of the event's tree; of the table where this site has none."""
    try:
        return reverse("designer-event", args=[key, f"{table}.{event}"])
    except NoReverseMatch:
        return reverse("designer-table", args=[key, table])
