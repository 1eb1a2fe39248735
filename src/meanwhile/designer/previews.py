"""A form or a page of a draft as people will see it: made by the very parts that show it to them, for a sample record.

Nothing is saved. Tables that are not published yet have no records and offer none; what cannot be shown is told in a
sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from meanwhile.core.conf import conf
from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.document import Document, PageDef, title_of
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import Program, program
from meanwhile.designer.sample_values import with_examples
from meanwhile.designer.tree_expressions import explaining
from meanwhile.designer.tree_values import NEW
from meanwhile.engine.progress import Progress
from meanwhile.pages.entry import Entry, Opening, styled
from meanwhile.pages.markup import markup
from meanwhile.pages.waiting import Status, status_of
from meanwhile.tables.form import LinkSelect
from meanwhile.tables.table import Field, Table


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands beside the settings: markup, or why there is none."""

    shown: SafeString | str = ""
    reason: str = ""


def form_preview(request: HttpRequest, working: Working, document: Document | None, key: str) -> Preview:
    """The form ``key`` as it opens for a new record."""
    if document is None or key not in document.forms or document.forms[key].table not in document.tables:
        return Preview(reason=_("There is nothing to see yet: its settings come first."))
    try:
        entry = Entry(_with_known_fields(document, key), key, request.user, Opening.fresh())
        form = styled(_opened(entry, working))
    except MeanwhileError as error:
        return Preview(reason=error.message)
    form.auto_id = "preview-%s"
    context = {"entry": entry, "fields": form}
    return Preview(render_to_string("meanwhile/designer/preview_form.html", context, request))


def page_preview(request: HttpRequest, working: Working, document: Document | None, key: str) -> Preview:
    """The page ``key`` for the sample record; a wait page in each of its states."""
    if document is None or key not in document.pages or document.pages[key].table not in document.tables:
        return Preview(reason=_("There is nothing to see yet: its settings come first."))
    page = document.pages[key]
    try:
        scope = _scope(request, working, document, page)
        application = title_of(document.title, document.application)
        context: dict[str, Any] = {"title": title_of(page.title, key), "application": application}
        if page.kind == "content":
            context |= {"text": markup(page.text, scope) if page.text else ""}
        else:
            context |= {"states": _states(document, page, scope)}
    except MeanwhileError as error:
        return Preview(reason=error.message)
    template = f"meanwhile/designer/preview_{page.kind}.html"
    return Preview(render_to_string(template, context, request))


# --- forms -----------------------------------------------------------------------------------------------------------


def _with_known_fields(document: Document, key: str) -> Program:
    """The draft as a program; a field that the table does not have is left off the form."""
    whole = Program(Version(number=0), document)
    known = whole.tables[document.forms[key].table].fields
    form = document.forms[key]
    kept = form.model_copy(update={"fields": tuple(item for item in form.fields if item.field in known)})
    return Program(Version(number=0), document.model_copy(update={"forms": {**document.forms, key: kept}}))


def _opened(entry: Entry, working: Working) -> forms.Form:
    form = entry.blank()
    published = program(working.published.pk).tables if working.published else {}
    for name, control in form.fields.items():
        if isinstance(control.widget, LinkSelect):
            control.widget = _offering(entry.table.fields[name], published)
    return form


def _offering(field: Field, published: Mapping[str, Table]) -> forms.Select:
    """What a link offers: the records of the table as it is published; none where it is not."""
    target = field.target
    if target is None or target.table is None:
        return LinkSelect(field, published)
    known = published.get(target.table)
    if known is None or (target.display and target.display not in known.fields):
        return forms.Select(choices=[("", _("Choose…"))])
    return LinkSelect(field, published)


# --- pages -----------------------------------------------------------------------------------------------------------


def _scope(request: HttpRequest, working: Working, document: Document, page: PageDef) -> Mapping[str, Any]:
    """What the page's texts can name, of the sample record that was chosen, else of the newest one."""
    found = explaining(request, working, document, f"{page.table}.record_update")
    if found is None:
        raise MeanwhileError(_("There is nothing to see yet: the table comes first."))
    sample = found[1]
    scope = sample.scope(request.user.pk, ())
    if sample.chosen == NEW:
        scope = with_examples(scope, Program(Version(number=0), document).table(page.table))

    def link(name: str) -> str:
        kind = "page" if name in document.pages else "form-edit"
        return conf().base_url + reverse(kind, args=[document.application, name, "sample"])

    return {**scope, "link": link, "event": {"is_new": False}}


@dataclass(frozen=True, slots=True)
class State:
    """One state of a wait page. ``when``: when people see it; ``goes_to``: the page that they see instead."""

    name: str
    when: str
    status: Status
    text: Any = ""
    goes_to: str = ""


def _states(document: Document, page: PageDef, scope: Mapping[str, Any]) -> list[State]:
    following = document.pages.get(page.next)
    next_title = title_of(following.title, page.next) if following else ""
    return [
        _state(page, scope, "waiting", _("While the work goes on"), Progress("waiting", 3, 1)),
        _state(page, scope, "too-long", _("When it takes too long"), Progress("waiting", 3, 2, too_long=True)),
        _state(page, scope, "failed", _("When it has failed"), Progress("failed", 3, 2)),
        _state(page, scope, "done", _("When it is done"), Progress("done", 3, 3), next_title),
    ]


def _state(
    page: PageDef, scope: Mapping[str, Any], name: str, when: str, progress: Progress, goes_to: str = ""
) -> State:
    status = status_of(progress, has_flag=bool(page.flag))
    text = {"failed": page.failed, "done": page.done}.get(status.state, page.text)
    return State(name, when, status, markup(text, scope) if text and not goes_to else "", goes_to)
