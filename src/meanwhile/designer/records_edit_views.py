"""One record: a new one, an old one changed, several deleted. Saves go through the one door, ``engine.intake``."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from meanwhile.core.errors import InvalidValue, MeanwhileError
from meanwhile.designer.records_form import changed, differences, explain, mark_of, record_form, touched
from meanwhile.designer.records_place import Place, of_published, show
from meanwhile.engine import intake
from meanwhile.pages.controls import style
from meanwhile.pages.entry import KEY, Opening
from meanwhile.tables import records

# Names of hidden controls; no field of a table starts with an underscore.
MARK = "_mark"
UNFIT, CONFLICT = 422, 409
# The most that one page of the list can choose, with room.
_MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
@of_published
def new(request: HttpRequest, place: Place) -> HttpResponse:
    """A new record."""
    values = records.new_values(place.table)
    if request.method != "POST":
        return _page(request, place, record_form(place, values), Opening.fresh())
    form, opening = record_form(place, values, request.POST), Opening.read(request.POST.get(KEY, ""))
    if not form.is_valid():
        return _page(request, place, form, opening, UNFIT)
    saved = _save(request, place, form, form.cleaned_data, opening)
    if saved is None:
        return _page(request, place, form, Opening.fresh(), UNFIT)
    messages.success(request, _("The record is saved."))
    return HttpResponseRedirect(place.url("designer-record", saved), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@of_published
def edit(request: HttpRequest, place: Place, record_id: str) -> HttpResponse:
    """A record that exists."""
    old = _read(place, record_id)
    if old is None:
        return _gone(request, place)
    if request.method != "POST":
        return _page(request, place, record_form(place, old), Opening.fresh(), old=old)
    form, opening = record_form(place, old, request.POST), Opening.read(request.POST.get(KEY, ""))
    if not form.is_valid():
        return _page(request, place, form, opening, UNFIT, old=old, mark=request.POST.get(MARK, ""))
    if request.POST.get(MARK) != mark_of(place.table, old):
        return _overtaken(request, place, old, form.cleaned_data)
    try:
        saved = _save(request, place, form, changed(old, form.cleaned_data), opening, old["id"])
    except intake.RecordGone:
        return _gone(request, place)
    if saved is None:
        return _page(request, place, form, Opening.fresh(), UNFIT, old=old)
    messages.success(request, _("The record is saved."))
    return HttpResponseRedirect(request.path, status=303)


def _overtaken(request: HttpRequest, place: Place, old: Mapping[str, Any], sent: Mapping[str, Any]) -> HttpResponse:
    """What somebody else, or the background, changed meanwhile. The form has that now, and what was entered on top."""
    seen = request.POST.get(MARK, "")
    mine = touched(place.table, seen, sent)
    found = differences(place, seen, old, mine)
    form = record_form(place, {**old, **mine})
    return _page(request, place, form, Opening.fresh(), CONFLICT, old=old, differences=found, is_conflict=True)


def _save(
    request: HttpRequest,
    place: Place,
    form: forms.Form,
    values: Mapping[str, Any],
    opening: Opening,
    record_id: Any = None,
) -> Any:
    """The id of the record; None where it was refused, and the form says why. RecordGone."""
    try:
        submitted = intake.submit(
            place.program, place.table.key, values, record_id=record_id, user_id=request.user.pk, key=opening.key
        )
    except intake.RecordGone:
        raise
    except MeanwhileError as error:
        explain(form, error)
        return None
    return submitted.record_id


@require_http_methods(["GET", "HEAD", "POST"])
@of_published
def delete(request: HttpRequest, place: Place) -> HttpResponse:
    """Ask about the records that the address names (``?id=``, several times); then delete them one by one."""
    chosen = _chosen(place, request.GET.getlist("id"))
    if not chosen:
        messages.warning(request, _("Choose first which records: tick them in the list."))
        return HttpResponseRedirect(place.list_url, status=303)
    if request.method == "POST":
        _delete(request, place, chosen)
        return HttpResponseRedirect(place.list_url, status=303)
    named = [place.table.describe(values) for values in chosen.values()]
    return show(request, place, "records_delete.html", {"named": named, "here": request.get_full_path()})


def _delete(request: HttpRequest, place: Place, chosen: Mapping[Any, Mapping[str, Any]]) -> None:
    done = 0
    for id_, values in chosen.items():
        try:
            with transaction.atomic():
                done += records.delete(place.table, id_, place.program.tables)
        except MeanwhileError as error:
            said = _("{record} was not deleted. {reason}")
            messages.error(request, said.format(record=place.table.describe(values), reason=error.message))
    if done:
        words = ngettext("{count} record is deleted.", "{count} records are deleted.", done)
        messages.success(request, words.format(count=done))


def _chosen(place: Place, ids: list[str]) -> dict[Any, dict[str, Any]]:
    wanted = []
    for text in ids[:_MOST]:
        try:
            wanted.append(place.table.read_id(text))
        except InvalidValue:
            continue
    return records.read(place.table, wanted)


def _read(place: Place, text: str) -> dict[str, Any] | None:
    return next(iter(_chosen(place, [text]).values()), None)


def _gone(request: HttpRequest, place: Place) -> HttpResponse:
    messages.warning(request, _("This record does not exist any more."))
    return HttpResponseRedirect(place.list_url, status=303)


def _page(
    request: HttpRequest,
    place: Place,
    form: forms.Form,
    opening: Opening,
    status: int = 200,
    *,
    old: Mapping[str, Any] | None = None,
    mark: str | None = None,
    **context: Any,
) -> HttpResponse:
    about = {} if old is None else {"id": old["id"], "mark": mark or mark_of(place.table, old)}
    title = _("New record") if old is None else place.table.describe(old)
    hidden = {"key_name": KEY, "sealed_key": opening.sealed, "mark_name": MARK}
    runs = _runs_address(request, place, about["id"]) if about else ""
    context |= {"form": style(form), "title": title, "record": about, "runs_url": runs, **hidden}
    return show(request, place, "record.html", context, status)


def _runs_address(request: HttpRequest, place: Place, id_: Any) -> str:
    """What ran for the record, in the monitor; empty for who may not look there."""
    if not getattr(request.user, "is_staff", False):
        return ""
    query = urlencode({"application": place.key, "table": place.table.key, "record": str(id_)})
    return f"{reverse('monitor-runs')}?{query}"
