"""Forms: open one, fill it in, send it. The only way from here into the tables is ``engine.intake.submit``."""

from typing import Any

from django import forms
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meanwhile.core.conf import conf
from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.document import title_of
from meanwhile.definitions.program import Program, current_program
from meanwhile.engine import intake, tokens
from meanwhile.pages import limit
from meanwhile.pages.access import page, require_form
from meanwhile.pages.addresses import gone, next_address, open_address, renewed
from meanwhile.pages.entry import KEY, Entry, Opening, styled
from meanwhile.pages.errors import RETRY_AFTER_SECONDS, database_is_unavailable, too_many
from meanwhile.pages.history import stay_in_history
from meanwhile.queue import trouble
from meanwhile.tables import records


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: HttpRequest, application: str, form: str) -> HttpResponse:
    """A form for a new record."""
    program = current_program(application)
    return require_form(program.form(form), request) or _answer(request, program, form)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: HttpRequest, application: str, form: str, token: str) -> HttpResponse:
    """A form for the record that ``token`` names."""
    program = current_program(application)
    if way_out := require_form(program.form(form), request):
        return way_out
    address = open_address(request, token, kind="form", application=application, name=form)
    table = program.tables[program.form(form).table]
    record_id = table.read_id(address.record_id)
    old = records.read(table, [record_id]).get(record_id)
    if old is None:
        raise gone()
    return _answer(request, program, form, record_id=record_id, old=old)


@require_POST
@page
def fresh(request: HttpRequest, application: str, form: str, token: str) -> HttpResponse:
    """A fresh address instead of one that has expired."""
    address = renewed(request, token, kind="form", application=application, name=form)
    tokens.keep(address.submission_id)
    return HttpResponseRedirect(address.url)


@require_safe
@page
def thanks(request: HttpRequest, application: str, form: str) -> HttpResponse:
    """What follows a form that names no next page."""
    definition = current_program(application).form(form)
    if way_out := require_form(definition, request):
        return way_out
    context = {"application": application, "form_key": form, "title": title_of(definition.title, form)}
    return render(request, "meanwhile/thanks.html", context)


def _answer(request: HttpRequest, program: Program, form_key: str, **record: Any) -> HttpResponse:
    if request.method != "POST":
        return _page(request, Entry(program, form_key, request.user, Opening.fresh(), **record))
    entry = Entry(program, form_key, request.user, Opening.read(request.POST.get(KEY, "")), **record)
    form = entry.filled(request.POST)
    if not form.is_valid():
        return _page(request, entry, form, status=422)
    return _send(request, entry, form)


def _send(request: HttpRequest, entry: Entry, form: forms.Form) -> HttpResponse:
    try:
        values = entry.values(form)
        entry.judge(form, values)
        if form.errors:
            return _page(request, entry, form, status=422)
        if refused := _too_many(request, entry):
            return refused
        submitted = _submit(request, entry, values)
    except intake.SubmissionKeyReused as reused:
        return _sent_already(request, entry, form, reused)
    except intake.RecordGone as error:
        raise gone() from error
    except MeanwhileError as error:
        entry.explain(form, error)
        return _page(request, entry, form, status=422)
    except DatabaseError as error:
        if not database_is_unavailable(error):
            raise
        trouble.tell(error)
        return _cannot_save(request, entry, form)
    address = next_address(entry.program, entry.key, submitted.record_id, submitted.submission_id)
    return HttpResponseRedirect(address, status=303)


def _submit(request: HttpRequest, entry: Entry, values: dict[str, Any]) -> intake.Submitted:
    return intake.submit(
        entry.program,
        entry.table.key,
        values,
        record_id=entry.record_id,
        form=entry.key,
        user_id=request.user.pk,
        key=entry.opening.key,
    )


def _too_many(request: HttpRequest, entry: Entry) -> HttpResponse | None:
    """A form that is open to anyone can send mail to anyone; nobody sends it without end."""
    if entry.definition.who.kind != "anyone":
        return None
    name = f"form:{entry.program.application}.{entry.key}"
    if not (seconds := limit.take(request, name, conf().open_form_per_minute)):
        return None
    text = _(
        "This form was sent from your address several times within a minute. What you entered this time was not"
        " saved: go back to it, wait a moment, and send it again."
    )
    return too_many(request, seconds, text)


def _sent_already(
    request: HttpRequest, entry: Entry, form: forms.Form, reused: intake.SubmissionKeyReused
) -> HttpResponse:
    """The form once more, its input kept, with a new key: sending it now makes a new submission."""
    first = reused.first
    program, form_key = entry.program, first.form
    first_url = next_address(program, form_key, first.record_id, first.pk) if form_key in program.forms else None
    entry.opening = Opening.fresh()
    return _page(request, entry, form, status=409, is_sent_already=True, first_url=first_url)


def _cannot_save(request: HttpRequest, entry: Entry, form: forms.Form) -> HttpResponse:
    """A full disk, a read-only or a busy database: nothing is saved, the input is still in the form."""
    response = _page(request, entry, form, status=503, is_unavailable=True)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(
    request: HttpRequest, entry: Entry, form: forms.Form | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {
        "entry": entry,
        "form": styled(entry.blank() if form is None else form),
        "key_name": KEY,
        "sealed_key": entry.opening.sealed,
    }
    response = render(request, "meanwhile/form.html", context, status=status)
    return stay_in_history(response)
