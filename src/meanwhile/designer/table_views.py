"""One table: its fields in their order, its events, what is wrong with it; a new one, and an old one deleted."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions import drafts
from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.editing import tables, tree
from meanwhile.definitions.inspection import Inspection
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.designer import deleting
from meanwhile.designer.access import designers_only
from meanwhile.designer.changing import change
from meanwhile.designer.context import around
from meanwhile.designer.deleting import Deletion
from meanwhile.designer.naming import NameForm, NewFieldForm, quoted, type_choices
from meanwhile.designer.settings.choosing import choosing_for

UNFIT = 422


@require_safe
@designers_only
def show(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """One table."""
    working = drafts.working(key)
    return page(request, working, table, NewFieldForm(tables.fields(working.document, existing(working, table))))


def page(request: HttpRequest, working: Working, table: str, form: NewFieldForm) -> HttpResponse:
    """The page of a table, with the form that adds a field as ``form`` stands."""
    inspection = working.inspection
    context = {
        **around(request, working),
        **about(working, table),
        "fields": _rows(inspection, table),
        "events": _events(working, table),
        "problems": inspection.at(("tables", table)),
        "form": form,
    }
    return render(request, "meanwhile/designer/table.html", context, status=UNFIT if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def new(request: HttpRequest, key: str) -> HttpResponse:
    """A new table: its name; fields are added on its own page."""
    working = drafts.working(key)
    form = NameForm(tables.tables(working.document), request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {**around(request, working), "form": form}
        return render(request, "meanwhile/designer/table_new.html", context, status=UNFIT if form.errors else 200)
    made, label = form.cleaned_data["key"], form.cleaned_data["label"]
    words = _("Add table %s") % quoted(label)
    then = reverse("designer-table", args=[key, made])
    return change(request, key, words, lambda plain: tables.add_table(plain, made, said(label, made)), then)


@require_POST
@designers_only
def relabel(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """Call a table something else."""
    existing(drafts.working(key), table)
    label = request.POST.get("label", "").strip()[:200]
    words = _("Call table %(key)s %(label)s") % {"key": quoted(table), "label": quoted(label)}
    then = reverse("designer-table", args=[key, table])
    return change(request, key, words, lambda plain: tables.label_table(plain, table, said(label, table)), then)


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def delete(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """Ask, with what names the table; then take it out."""
    working = drafts.working(key)
    deletion = Deletion(
        words=_("Delete table %s") % quoted(label_of(working, existing(working, table))),
        make=lambda plain: tables.remove_table(plain, table),
        then=reverse("designer-application", args=[key]),
        back=reverse("designer-table", args=[key, table]),
    )
    context = {**about(working, table), "is_published": table in published_tables(working)}
    return deleting.answer(request, working, deletion, "table_delete.html", **context)


# --- what several pages of a table share -----------------------------------------------------------------------------


def existing(working: Working, table: str) -> str:
    """``table``, where the draft has it. MissingDefinition otherwise."""
    if table not in tables.tables(working.document):
        raise MissingDefinition(_('There is no table "{key}".').format(key=table[:80]), table=table)
    return table


def about(working: Working, table: str) -> dict[str, Any]:
    """What the head of every page of a table shows."""
    found = tables.table(working.document, existing(working, table))
    return {
        "table": table,
        "table_label": label_of(working, table),
        "model": str(found.get("model") or ""),
    }


def label_of(working: Working, table: str) -> str:
    """What people call a table."""
    return title_of(str(tables.table(working.document, table).get("label") or ""), table)


def published_tables(working: Working) -> dict[str, Any]:
    """The tables of the version in force, by key."""
    return tables.tables(working.published.document) if working.published else {}


def said(label: str, key: str) -> str:
    """``label`` where it says more than the key does."""
    return "" if label == title_of("", key) else label


def _rows(inspection: Inspection, table: str) -> list[dict[str, Any]]:
    """The fields as the page lists them."""
    types = dict(type_choices())
    listed = choosing_for(inspection, table=table).tables[table].fields
    plain = tables.fields(inspection.plain, table)
    return [
        {
            "key": key,
            "label": field.label,
            "type": types.get(field.type, field.type),
            "required": _is_true(plain, key, "required"),
            "unique": _is_true(plain, key, "unique"),
            "problems": inspection.at(("tables", table, "fields", key)),
            "position": index + 1,
            "count": len(listed),
        }
        for index, (key, field) in enumerate(listed.items())
    ]


def _is_true(fields: dict[str, Any], key: str, name: str) -> bool:
    definition = fields.get(key)
    return isinstance(definition, dict) and definition.get(name) is True


def _events(working: Working, table: str) -> list[dict[str, Any]]:
    """The record update event first, whether it has a tree or not, then the custom ones."""
    found = {RECORD_UPDATE: {}, **tables.events(working.document, table)}
    return [
        {
            "key": key,
            "name": f"{table}.{key}",
            "label": _("Record update") if key == RECORD_UPDATE else title_of(str(event.get("label") or ""), key),
            "is_custom": key != RECORD_UPDATE,
            "parameters": event.get("parameters") or [],
            "size": sum(1 for _node in tree.walk(tree.roots(working.document, f"{table}.{key}"))),
        }
        for key, event in found.items()
    ]
