"""Pages that people see after they submitted: content pages and wait pages, each of one record, by a signed address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from meanwhile.core import clock
from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions.document import PageDef, title_of
from meanwhile.definitions.program import Program, current_program, program
from meanwhile.engine import tokens
from meanwhile.engine.models import Submission
from meanwhile.engine.record import RecordState
from meanwhile.engine.scope import ScopeBuilder
from meanwhile.engine.tokens import Address, linker
from meanwhile.pages.access import page as page_view
from meanwhile.pages.addresses import gone, open_address, renewed
from meanwhile.pages.markup import markup
from meanwhile.pages.waiting import wait_page
from meanwhile.tables import records


@dataclass(frozen=True)
class Shown:
    """A page of a record, as it is now."""

    program: Program
    key: str
    definition: PageDef
    address: Address
    record_id: Any
    values: Mapping[str, Any] | None
    user: Any

    @property
    def title(self) -> str:
        return title_of(self.definition.title, self.key)

    @property
    def scope(self) -> Mapping[str, Any]:
        """What its placeholders can name. The record as it is now; of the event, that it is over."""
        record = RecordState(self.program.tables[self.definition.table], self.record_id, dict(self.values or {}))
        user_id = self.user.pk if self.user.is_authenticated else None
        link = linker(self.program, record, self.address.submission_id)
        builder = ScopeBuilder(self.program, user_id, clock.now())
        return builder.build(record, lambda: self.record_id, {}, {"is_new": False}, link)


@require_safe
@page_view
def show(request: HttpRequest, application: str, page: str, token: str) -> HttpResponse:
    """A page of the record that ``token`` names."""
    address = open_address(request, token, kind="page", application=application, name=page)
    shown = _shown(request, address)
    response = wait_page(request, shown) if shown.definition.kind == "wait" else _content_page(request, shown)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_POST
@page_view
def fresh(request: HttpRequest, application: str, page: str, token: str) -> HttpResponse:
    """A fresh address instead of one that has expired."""
    address = renewed(request, token, kind="page", application=application, name=page)
    tokens.keep(address.submission_id)
    return HttpResponseRedirect(address.url)


def _content_page(request: HttpRequest, shown: Shown) -> HttpResponse:
    if shown.values is None:
        raise gone()
    text = shown.definition.text
    context = {"shown": shown, "text": markup(text, shown.scope) if text else ""}
    return render(request, "meanwhile/content_page.html", context)


def _shown(request: HttpRequest, address: Address) -> Shown:
    found = _program(address)
    definition = found.page(address.name)
    table = found.tables[definition.table]
    record_id = table.read_id(address.record_id)
    values = records.read(table, [record_id]).get(record_id)
    return Shown(found, address.name, definition, address, record_id, values, request.user)


def _program(address: Address) -> Program:
    """The program in force; the one of the submission where a later version has dropped the page."""
    present = current_program(address.application)
    if address.name in present.pages or address.submission_id is None:
        return present
    versions = Submission.objects.filter(pk=address.submission_id).values_list("version_id", flat=True)
    if (version_id := versions.first()) is None:
        raise MissingDefinition("The page is no longer there, nor is the submission that led to it.")
    return program(version_id)
