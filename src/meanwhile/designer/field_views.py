"""The fields of a table: added, set up, put in order, made into another type, deleted."""

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
from meanwhile.definitions.editing import tables
from meanwhile.definitions.inspection import inspect
from meanwhile.definitions.nodes import read_settings
from meanwhile.designer import deleting, table_views
from meanwhile.designer.access import designers_only
from meanwhile.designer.breaking import broken_by
from meanwhile.designer.changing import change
from meanwhile.designer.context import around
from meanwhile.designer.deleting import Deletion
from meanwhile.designer.field_form import field_form, fitting, preview, settings_of
from meanwhile.designer.naming import NewFieldForm, quoted, type_choices
from meanwhile.designer.settings.choosing import choosing_for
from meanwhile.designer.settings_form import SettingsForm
from meanwhile.designer.table_views import UNFIT, about, existing, published_tables, said
from meanwhile.plugins import registry

type Plain = dict[str, Any]


@require_http_methods(["POST"])
@designers_only
def new(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """A new field at the end. One whose type needs settings is set up next."""
    working = drafts.working(key)
    form = NewFieldForm(tables.fields(working.document, existing(working, table)), request.POST)
    if not form.is_valid():
        return table_views.page(request, working, table, form)
    made, label, type_ = (form.cleaned_data[name] for name in ("key", "label", "type"))
    definition = {"type": type_} | ({"label": said(label, made)} if said(label, made) else {})
    _settings, findings = read_settings(registry.field_type(type_).Settings, settings_of(definition), ())
    then = reverse("designer-field", args=[key, table, made]) if findings else _table(key, table, "#new-field")
    words = _("Add field %s") % quoted(label)
    return change(request, key, words, lambda plain: tables.add_field(plain, table, made, definition), then)


@require_POST
@designers_only
def move(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """Put a field somewhere else: ``to`` is "up", "down" or a position."""
    field, to = request.POST.get("field", ""), request.POST.get("to", "")
    definition = _definition(drafts.working(key), table, field)
    words = _("Move field %s") % quoted(title_of(str(definition.get("label") or ""), field))
    return change(request, key, words, _moving(table, field, to), _table(key, table, f"#field-{field}"))


def _moving(table: str, field: str, to: str) -> Callable[[Plain], Plain]:
    if to == "up":
        return lambda plain: tables.up_field(plain, table, field)
    if to == "down":
        return lambda plain: tables.down_field(plain, table, field)
    index = int(to) if to.isascii() and to.isdecimal() and len(to) < 6 else 0
    return lambda plain: tables.move_field(plain, table, field, index)


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def show(request: HttpRequest, key: str, table: str, field: str) -> HttpResponse:
    """The settings of a field."""
    working = drafts.working(key)
    definition = _definition(working, table, field)
    if request.method == "POST":
        return _save(request, working, table, field, definition)
    form = field_form(definition, choosing_for(working.inspection, table=table))
    form.tell(working.inspection.problems, ("tables", table, "fields", field))
    return _page(request, working, table, field, form)


def _save(request: HttpRequest, working: Working, table: str, field: str, definition: Plain) -> HttpResponse:
    form = field_form(definition, choosing_for(working.inspection, table=table), request.POST)
    made = {"type": definition["type"], **form.plain()}
    label = quoted(title_of(str(made.get("label") or ""), field))
    type_ = request.POST.get("type", "")
    if type_ != definition["type"] and type_ in dict(_types(working, table, field, definition)):
        words = _("Make field %(label)s a %(type)s") % {"label": label, "type": registry.field_type(type_).label}
        then = reverse("designer-field", args=[working.key, table, field])
        made = fitting(type_, form.plain())
        return change(request, working.key, words, _configuring(table, field, made), then)
    checked = inspect(_configuring(table, field, made)(working.document))
    form.tell(checked.problems, ("tables", table, "fields", field))
    if form.errors:
        return _page(request, working, table, field, form)
    then = _table(working.key, table, f"#field-{field}")
    return change(request, working.key, _("Set up field %s") % label, _configuring(table, field, made), then)


def _configuring(table: str, field: str, made: Plain) -> Callable[[Plain], Plain]:
    return lambda plain: tables.configure_field(plain, table, field, made)


def _page(request: HttpRequest, working: Working, table: str, field: str, form: SettingsForm) -> HttpResponse:
    definition = _definition(working, table, field)
    context = {
        **around(request, working),
        **about(working, table),
        "field_key": field,
        "field_label": title_of(str(definition.get("label") or ""), field),
        "type": definition.get("type"),
        "type_description": registry.field_type(str(definition.get("type"))).description,
        "types": _types(working, table, field, definition),
        "published_type": _published_type(working, table, field),
        "preview": preview(field, definition),
        "uses": broken_by(working, lambda plain: tables.remove_field(plain, table, field)),
        "form": form,
    }
    status = UNFIT if form.is_bound and form.errors else 200
    return render(request, "meanwhile/designer/table_field.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def delete(request: HttpRequest, key: str, table: str, field: str) -> HttpResponse:
    """Ask, with what uses the field; then take it out."""
    working = drafts.working(key)
    definition = _definition(working, table, field)
    label = quoted(title_of(str(definition.get("label") or ""), field))
    # The page asks what would be wrong with the field taken out of its forms, which it offers.
    from_forms = request.method != "POST" or "from_forms" in request.POST
    deletion = Deletion(
        words=_("Delete field %s") % label,
        make=lambda plain: tables.remove_field(plain, table, field, from_forms=from_forms),
        then=_table(key, table),
        back=reverse("designer-field", args=[key, table, field]),
    )
    context = {
        **about(working, table),
        "field_key": field,
        "forms": tables.forms_with(working.document, table, field),
        "is_published": bool(_published_type(working, table, field)),
    }
    return deleting.answer(request, working, deletion, "table_delete.html", **context)


def _definition(working: Working, table: str, field: str) -> Plain:
    definition = tables.fields(working.document, existing(working, table)).get(field)
    if not isinstance(definition, dict) or definition.get("type") not in registry.field_types:
        raise MissingDefinition(_('There is no field "{key}".').format(key=field[:80]), field=field)
    return definition


def _published_type(working: Working, table: str, field: str) -> str:
    """The type of the field in the version in force; empty where that has none."""
    found = published_tables(working).get(table)
    definition = (found or {}).get("fields", {}).get(field) if isinstance(found, dict) else None
    return str(definition.get("type") or "") if isinstance(definition, dict) else ""


def _types(working: Working, table: str, field: str, definition: Plain) -> list[tuple[str, str]]:
    """The types that the field may have: of a published one, those that hold every value that it can have."""
    published = registry.field_types.get(_published_type(working, table, field))
    if published is None:
        return type_choices()
    kept = {published.type, str(definition.get("type")), *published.widens_to}
    return [(word, label) for word, label in type_choices() if word in kept]


def _table(key: str, table: str, place: str = "") -> str:
    return reverse("designer-table", args=[key, table]) + place
