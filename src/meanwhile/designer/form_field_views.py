"""The fields of a form: put on it, put in order, set up, taken off."""

from collections.abc import Callable
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
from meanwhile.definitions.editing import EditRefused
from meanwhile.definitions.editing import forms as editing
from meanwhile.definitions.inspection import Inspection, inspect
from meanwhile.definitions.problems import Loc
from meanwhile.designer.access import designers_only
from meanwhile.designer.changing import change
from meanwhile.designer.context import around
from meanwhile.designer.form_design import field_design
from meanwhile.designer.form_views import about, answer_preview, existing
from meanwhile.designer.naming import quoted
from meanwhile.designer.previews import form_preview
from meanwhile.designer.settings.choosing import choosing_for
from meanwhile.designer.settings_form import SettingsForm
from meanwhile.designer.table_views import UNFIT
from meanwhile.designer.tree_expressions import help_for

type Plain = dict[str, Any]


@require_POST
@designers_only
def add(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Put a field of the table on the form, or all that are not there yet."""
    working = drafts.working(key)
    known = choosing_for(working.inspection, table=str(existing(working, form).get("table") or ""))
    own = known.tables.get(known.table)
    listed = {name: each.label for name, each in own.fields.items()} if own else {}
    if "all" in request.POST:
        words = _("Put all fields on form %s") % quoted(about(working, form)["form_title"])
        return change(request, key, words, lambda plain: _with_all(plain, form, listed), _back(key, form))
    field = request.POST.get("field", "")
    if field not in listed:
        raise MissingDefinition(_('There is no field "{key}".').format(key=field[:80]), field=field)
    words = _("Put field %s on the form") % quoted(listed[field])
    return change(request, key, words, lambda plain: editing.add_field(plain, form, field), _back(key, form))


def _with_all(plain: Plain, form: str, listed: Plain) -> Plain:
    taken = {item["field"] for item in editing.fields(plain, form)}
    for field in (name for name in listed if name not in taken):
        plain = editing.add_field(plain, form, field)
    return plain


@require_POST
@designers_only
def move(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Put a field somewhere else: ``to`` is "up", "down" or a position."""
    field, to = request.POST.get("field", ""), request.POST.get("to", "")
    existing(drafts.working(key), form)
    words = _("Move field %s on the form") % quoted(title_of("", field[:80]))
    then = f"{reverse('designer-form', args=[key, form])}#field-{field}"
    return change(request, key, words, _moving(form, field, to), then)


def _moving(form: str, field: str, to: str) -> Callable[[Plain], Plain]:
    if to == "up":
        return lambda plain: editing.up_field(plain, form, field)
    if to == "down":
        return lambda plain: editing.down_field(plain, form, field)
    index = int(to) if to.isascii() and to.isdecimal() and len(to) < 6 else 0
    return lambda plain: editing.move_field(plain, form, field, index)


@require_POST
@designers_only
def remove(request: HttpRequest, key: str, form: str, field: str) -> HttpResponse:
    """Take a field off the form."""
    _field(drafts.working(key), form, field)
    words = _("Take field %s off the form") % quoted(title_of("", field))
    return change(request, key, words, lambda plain: editing.remove_field(plain, form, field), _back(key, form))


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def show(request: HttpRequest, key: str, form: str, field: str) -> HttpResponse:
    """What the form changes of a field."""
    working = drafts.working(key)
    inspection = working.inspection
    if request.method != "POST":
        design = _design(inspection, working, form, field)
        design.tell(inspection.problems, _loc(working.document, form, field))
        return _page(request, working, inspection, form, field, design)
    design = _design(inspection, working, form, field, request.POST)
    made = design.plain()
    after = inspect(editing.configure_field(working.document, form, field, made))
    design.tell(after.problems, _loc(working.document, form, field))
    if design.errors:
        return _page(request, working, after, form, field, design)
    words = _("Set up field %s on the form") % quoted(str(made.get("label") or "") or title_of("", field))
    then = f"{reverse('designer-form', args=[key, form])}#field-{field}"
    return change(request, key, words, lambda plain: editing.configure_field(plain, form, field, made), then)


@require_POST
@designers_only
def preview(request: HttpRequest, key: str, form: str, field: str) -> HttpResponse:
    """The form as people would see it with what is typed just now."""
    working = drafts.working(key)
    made = _design(working.inspection, working, form, field, request.POST).plain()
    document = inspect(editing.configure_field(working.document, form, field, made)).document
    return answer_preview(request, form_preview(request, working, document, form))


def _design(inspection: Inspection, working: Working, form: str, field: str, data: Any = None) -> SettingsForm:
    item = _field(working, form, field)
    return field_design(inspection, str(existing(working, form).get("table") or ""), item, data)


def _page(
    request: HttpRequest, working: Working, inspection: Inspection, form: str, field: str, design: SettingsForm
) -> HttpResponse:
    table = str(existing(working, form).get("table") or "")
    choosing, event = choosing_for(inspection, table=table), f"{table}.record_update"
    known = choosing.field(field)
    help_ = help_for(request, working, inspection, event, choosing, design)
    told = help_.told if help_ else {}
    design.fields["label"].widget.attrs["placeholder"] = known.label if known else title_of("", field)
    context = {
        **around(request, working),
        **about(working, form),
        "field_key": field,
        "field_label": known.label if known else title_of("", field),
        "form": design,
        "event": event,
        "rows": [(bound, told.get(bound.name, ())) for bound in design],
        "help": help_,
        "is_back_here": True,
        "preview": form_preview(request, working, inspection.document, form),
        "preview_url": reverse("designer-form-field-preview", args=[working.key, form, field]),
    }
    status = UNFIT if design.is_bound else 200
    return render(request, "meanwhile/designer/form_field.html", context, status=status)


def _field(working: Working, form: str, field: str) -> Plain:
    existing(working, form)
    try:
        return editing.field(working.document, form, field)
    except EditRefused as refused:
        raise MissingDefinition(refused.message, field=field) from refused


def _loc(plain: Plain, form: str, field: str) -> Loc:
    """Where the field stands in the document."""
    listed = editing.form(plain, form).get("fields") or []
    names = [item.get("field") if isinstance(item, dict) else item for item in listed]
    return ("forms", form, "fields", names.index(field))


def _back(key: str, form: str) -> str:
    return reverse("designer-form", args=[key, form]) + "#fields-title"
