"""Where records are browsed: a table of the version in force. What every view of records has in common."""

from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions import drafts
from meanwhile.definitions.program import Program, current_program
from meanwhile.designer.access import View, designers_only
from meanwhile.designer.context import around
from meanwhile.tables.form import choices
from meanwhile.tables.table import Field, Table


@dataclass(frozen=True, slots=True)
class Place:
    """One table of one published application."""

    program: Program
    table: Table

    @property
    def key(self) -> str:
        """Of the application."""
        return self.program.application

    @property
    def list_url(self) -> str:
        """The list of its records."""
        return self.url("designer-records")

    def url(self, name: str, *args: Any) -> str:
        """An address below the table."""
        return reverse(name, args=[self.key, self.table.key, *args])


def of_published(view: View) -> View:
    """Decorator: ``view(request, place, ...)`` for designers; a page that says so where the table is not published."""

    @wraps(view)
    def answer(request: HttpRequest, key: str, table: str, **kwargs: Any) -> HttpResponseBase:
        found = _place(key, table)
        return _unpublished(request, key, table) if found is None else view(request, found, **kwargs)

    return designers_only(answer)


def _place(key: str, table: str) -> Place | None:
    try:
        program = current_program(key)
    except MissingDefinition:
        return None
    return Place(program, program.tables[table]) if table in program.tables else None


def _unpublished(request: HttpRequest, key: str, table: str) -> HttpResponse:
    working = drafts.working(key)
    tables = working.document.get("tables")
    if not isinstance(tables, dict) or table not in tables:
        raise MissingDefinition(_('There is no table "{key}".').format(key=table[:80]), table=table)
    return render(request, "meanwhile/designer/records_unpublished.html", {**around(request, working), "table": table})


def show(request: HttpRequest, place: Place, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page within the designer's frame, with what the head of every page of records needs."""
    shared = {
        **around(request, drafts.working(place.key)),
        "place": place,
        "table": place.table.key,
        "table_label": place.table.label,
        "other_tables": [Place(place.program, each) for each in place.program.tables.values()],
    }
    return render(request, f"meanwhile/designer/{template}", {**shared, **context}, status=status)


def link_labels(place: Place, field: Field, ids: set[Any]) -> dict[str, str]:
    """What people call the records or people that a link points to, by id as text."""
    found = choices(field, dict(place.program.tables), list(ids))
    return {str(id_): label for id_, label in found}
