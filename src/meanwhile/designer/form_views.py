"""A form: its settings with a preview beside them, a new one, and an old one deleted. Its fields: form_field_views."""

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
from meanwhile.definitions.editing import forms as editing
from meanwhile.definitions.editing import tables
from meanwhile.definitions.inspection import Inspection, inspect
from meanwhile.definitions.problems import Located
from meanwhile.designer import deleting
from meanwhile.designer.access import designers_only
from meanwhile.designer.addresses import address
from meanwhile.designer.changing import change
from meanwhile.designer.context import around
from meanwhile.designer.deleting import Deletion
from meanwhile.designer.form_design import FormDesign
from meanwhile.designer.naming import quoted
from meanwhile.designer.part_naming import NewFormForm
from meanwhile.designer.previews import Preview, form_preview
from meanwhile.designer.settings.choosing import choosing_for
from meanwhile.designer.table_views import UNFIT
from meanwhile.designer.tree_expressions import help_for

type Plain = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def show(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """The settings of a form and its fields."""
    working = drafts.working(key)
    found, inspection = existing(working, form), working.inspection
    if request.method != "POST":
        design = FormDesign(inspection, found)
        design.tell(inspection.problems, ("forms", form))
        return _page(request, working, inspection, form, design)
    design = FormDesign(inspection, found, request.POST)
    made = design.plain()
    after = inspect(editing.configure_form(working.document, form, made))
    design.tell(after.problems, ("forms", form))
    if design.errors:
        return _page(request, working, after, form, design)
    words = _("Set up form %s") % quoted(title_of(str(made.get("title") or ""), form))
    then = reverse("designer-form", args=[key, form])
    return change(request, key, words, lambda plain: editing.configure_form(plain, form, made), then)


@require_POST
@designers_only
def preview(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """The form as people would see it with what is typed just now."""
    working = drafts.working(key)
    found = existing(working, form)
    made = FormDesign(working.inspection, found, request.POST).plain()
    document = inspect(editing.configure_form(working.document, form, made)).document
    return answer_preview(request, form_preview(request, working, document, form))


def answer_preview(request: HttpRequest, found: Preview) -> HttpResponse:
    """A preview by itself, to be swapped into its page."""
    return render(request, "meanwhile/designer/preview.html", {"preview": found})


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def new(request: HttpRequest, key: str) -> HttpResponse:
    """A new form: its name, its table, and whether it starts with all of the table's fields."""
    working = drafts.working(key)
    data = request.POST if request.method == "POST" else None
    form = NewFormForm(working.document, data, initial={"table": request.GET.get("table", "")})
    if not form.is_valid():
        context = {**around(request, working), "form": form, "part": "form"}
        return render(request, "meanwhile/designer/part_new.html", context, status=UNFIT if form.errors else 200)
    made, title, table = (form.cleaned_data[name] for name in ("key", "label", "table"))
    fields = list(tables.fields(working.document, table)) if form.cleaned_data["all_fields"] else []
    said = "" if title == title_of("", made) else title
    then = reverse("designer-form", args=[key, made])
    words = _("Add form %s") % quoted(title)
    return change(request, key, words, lambda plain: editing.add_form(plain, made, table, said, fields), then)


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def delete(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Ask, with what names the form; then take it out."""
    working = drafts.working(key)
    found = existing(working, form)
    deletion = Deletion(
        words=_("Delete form %s") % quoted(title_of(str(found.get("title") or ""), form)),
        make=lambda plain: editing.remove_form(plain, form),
        then=reverse("designer-application", args=[key]) + "#forms",
        back=reverse("designer-form", args=[key, form]),
    )
    return deleting.answer(request, working, deletion, "part_delete.html", has_tree=bool(found.get("events")))


def existing(working: Working, form: str) -> Plain:
    """The form as it stands in the draft. MissingDefinition where there is none."""
    if form not in editing.forms(working.document):
        raise MissingDefinition(_('There is no form "{key}".').format(key=form[:80]), form=form)
    return editing.form(working.document, form)


def about(working: Working, form: str) -> Plain:
    """What the head of every page of a form shows."""
    found = existing(working, form)
    table = str(found.get("table") or "")
    return {
        "form_key": form,
        "form_title": title_of(str(found.get("title") or ""), form),
        "table": table if table in tables.tables(working.document) else "",
        "people_url": address("form", working.key, form) if form in _published(working) else "",
        "event_url": address("designer-event", working.key, f"form:{form}"),
    }


def _published(working: Working) -> Plain:
    return editing.forms(working.published.document) if working.published else {}


def _page(
    request: HttpRequest, working: Working, inspection: Inspection, form: str, design: FormDesign
) -> HttpResponse:
    table = str(existing(working, form).get("table") or "")
    event, choosing = f"{table}.record_update", choosing_for(inspection, table=table)
    help_ = help_for(request, working, inspection, event, choosing, design)
    told = help_.told if help_ else {}
    context = {
        **around(request, working),
        **about(working, form),
        **fields_context(working, inspection, form),
        "design": design,
        "rules": [[(bound, told.get(bound.name, ())) for bound in row] for row in design.rules.rows],
        "problems": [each for each in inspection.at(("forms", form)) if not _is_at_control(each)],
        "event": event,
        "help": help_,
        "is_back_here": True,
        "preview": form_preview(request, working, inspection.document, form),
        "preview_url": reverse("designer-form-preview", args=[working.key, form]),
    }
    status = UNFIT if design.words.is_bound else 200
    return render(request, "meanwhile/designer/form.html", context, status=status)


def _is_at_control(problem: Located) -> bool:
    """Whether it is said at a control of the settings."""
    return problem.severity == "error" and any(name in editing.SETTINGS for name in problem.loc[2:3])


def fields_context(working: Working, inspection: Inspection, form: str) -> Plain:
    """The fields of the form as the page lists them, and those that it could show, too."""
    found = existing(working, form)
    known = choosing_for(inspection, table=str(found.get("table") or ""))
    own = known.tables.get(known.table)
    listed = own.fields if own else {}
    items = editing.fields(working.document, form)
    rows = []
    for index, item in enumerate(items):
        name = item["field"]
        about_field = listed.get(name)
        label = str(item.get("label") or "") or (about_field.label if about_field else title_of("", name))
        exists = about_field is not None
        rows.append({**item, "key": name, "label": label, "exists": exists, "position": index + 1, "count": len(items)})
    taken = {item["field"] for item in items}
    return {"fields": rows, "addable": [(key, each.label) for key, each in listed.items() if key not in taken]}
