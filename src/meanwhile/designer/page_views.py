"""A page: its settings with a preview beside them, a new one, and an old one deleted."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions import drafts
from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.editing import pages as editing
from meanwhile.definitions.inspection import Inspection, inspect
from meanwhile.designer import deleting
from meanwhile.designer.access import designers_only
from meanwhile.designer.changing import change
from meanwhile.designer.context import around
from meanwhile.designer.deleting import Deletion
from meanwhile.designer.form_views import answer_preview
from meanwhile.designer.naming import quoted
from meanwhile.designer.page_design import page_design
from meanwhile.designer.part_naming import NewPageForm
from meanwhile.designer.previews import page_preview
from meanwhile.designer.settings.choosing import choosing_for
from meanwhile.designer.settings_form import SettingsForm
from meanwhile.designer.table_views import UNFIT
from meanwhile.designer.tree_expressions import Help, help_for

type Plain = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def show(request: HttpRequest, key: str, page: str) -> HttpResponse:
    """The settings of a page."""
    working = drafts.working(key)
    found, inspection = existing(working, page), working.inspection
    if request.method != "POST":
        design = page_design(inspection, page, found)
        design.tell(inspection.problems, ("pages", page))
        return _page(request, working, inspection, page, design)
    design = page_design(inspection, page, found, request.POST)
    made = design.plain()
    after = inspect(editing.configure_page(working.document, page, made))
    design.tell(after.problems, ("pages", page))
    if design.errors:
        return _page(request, working, after, page, design)
    words = _("Set up page %s") % quoted(title_of(str(made.get("title") or ""), page))
    then = reverse("designer-page", args=[key, page])
    return change(request, key, words, lambda plain: editing.configure_page(plain, page, made), then)


@require_POST
@designers_only
def preview(request: HttpRequest, key: str, page: str) -> HttpResponse:
    """The page as people would see it with what is typed just now."""
    working = drafts.working(key)
    made = page_design(working.inspection, page, existing(working, page), request.POST).plain()
    document = inspect(editing.configure_page(working.document, page, made)).document
    return answer_preview(request, page_preview(request, working, document, page))


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def new(request: HttpRequest, key: str) -> HttpResponse:
    """A new page: its name, its kind, its table."""
    working = drafts.working(key)
    data = request.POST if request.method == "POST" else None
    form = NewPageForm(working.document, data, initial={"table": request.GET.get("table", "")})
    if not form.is_valid():
        context = {**around(request, working), "form": form, "part": "page"}
        return render(request, "meanwhile/designer/part_new.html", context, status=UNFIT if form.errors else 200)
    made, title, kind, table = (form.cleaned_data[name] for name in ("key", "label", "kind", "table"))
    said = "" if title == title_of("", made) else title
    then = reverse("designer-page", args=[key, made])
    words = _("Add page %s") % quoted(title)
    return change(request, key, words, lambda plain: editing.add_page(plain, made, kind, table, said), then)


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def delete(request: HttpRequest, key: str, page: str) -> HttpResponse:
    """Ask, with what leads to the page; then take it out."""
    working = drafts.working(key)
    deletion = Deletion(
        words=_("Delete page %s") % quoted(title_of(str(existing(working, page).get("title") or ""), page)),
        make=lambda plain: editing.remove_page(plain, page),
        then=reverse("designer-application", args=[key]) + "#pages",
        back=reverse("designer-page", args=[key, page]),
    )
    return deleting.answer(request, working, deletion, "part_delete.html")


def existing(working: Working, page: str) -> Plain:
    """The page as it stands in the draft. MissingDefinition where there is none."""
    if page not in editing.pages(working.document):
        raise MissingDefinition(_('There is no page "{key}".').format(key=page[:80]), page=page)
    return editing.page(working.document, page)


def _page(
    request: HttpRequest, working: Working, inspection: Inspection, page: str, design: SettingsForm
) -> HttpResponse:
    found = existing(working, page)
    table = str(found.get("table") or "")
    event, choosing = f"{table}.record_update", choosing_for(inspection, table=table)
    help_ = help_for(request, working, inspection, event, choosing, design)
    told = help_.told if help_ else {}
    context = {
        **around(request, working),
        "page_key": page,
        "page_title": title_of(str(found.get("title") or ""), page),
        "form": design,
        "rows": [(bound, told.get(bound.name, ())) for bound in design],
        "problems": [each for each in inspection.at(("pages", page)) if each.severity != "error" or not each.loc[2:]],
        "event": event,
        "help": _of_pages(help_),
        "is_back_here": True,
        "preview": page_preview(request, working, inspection.document, page),
        "preview_url": reverse("designer-page-preview", args=[working.key, page]),
    }
    status = UNFIT if design.is_bound else 200
    return render(request, "meanwhile/designer/page.html", context, status=status)


def _of_pages(found: Help | None) -> Help | None:
    """What a page can name: an event is over when people see it."""
    if found is None:
        return None
    names = [group for group in found.names if not group.names[0].text.startswith(("old.", "event."))]
    return Help(found.told, names, found.sample)
