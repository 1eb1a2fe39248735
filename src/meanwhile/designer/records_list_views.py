"""The list of records: search, filter, sort, page; and the same list as a file.

What makes lists is imported with the first one: django-tables2 brings psycopg along on SQLite too, and most processes
of a site never show a list.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from meanwhile.designer import records_csv as csv
from meanwhile.designer.records_place import Place, of_published, show
from meanwhile.engine.models import RecordImport
from meanwhile.tables.table import Table

if TYPE_CHECKING:
    from meanwhile.designer.records_filter import RecordFilter

# Imports that the list names.
_RECENT = 3


@require_safe
@of_published
def records(request: HttpRequest, place: Place) -> HttpResponse:
    """The records that the address asks for."""
    from meanwhile.designer.records_table import listed, record_table

    asked = _asked(request, place)
    found = listed(request, place, record_table(request, place, asked.qs))
    context = {
        "asked": asked,
        "search": asked.search,
        "filters": asked.controls,
        "found": found,
        "sort": request.GET.get("sort", ""),
        "query": request.GET.urlencode(),
        "imports": recent_imports(place),
    }
    return show(request, place, "records.html", context)


def _asked(request: HttpRequest, place: Place) -> "RecordFilter":
    from meanwhile.designer.records_filter import record_filter

    return record_filter(place, request.GET)


def recent_imports(place: Place) -> list[RecordImport]:
    """The imports into the table that were begun last."""
    found = RecordImport.objects.filter(table=place.table.key, version__application__key=place.key)
    return list(found.exclude(job_id=None).order_by("-id")[:_RECENT])


@require_safe
@of_published
def export(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    """The records that the address asks for, all of them, as CSV: every field by its key, and the id."""
    from meanwhile.designer.records_table import ordered, record_table

    asked = _asked(request, place)
    found = ordered(record_table(request, place, asked.qs, rows=None))
    lines = csv.written(["id", *place.table.fields], _rows(place.table, found))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{place.table.key}.csv"'
    return response


def _rows(table: Table, found: QuerySet[Any]) -> Iterator[list[str]]:
    fields = list(table.fields.values())
    for id_, *values in found.values_list("pk", *table.fields).iterator(chunk_size=500):
        cells = [csv.cell(field, value) for field, value in zip(fields, values, strict=True)]
        yield [csv.guarded(str(id_)), *cells]
