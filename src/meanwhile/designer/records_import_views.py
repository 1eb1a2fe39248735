"""CSV in: send a file, say which column is which field, then watch the worker save the rows."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from meanwhile.core import clock
from meanwhile.designer import records_csv as csv
from meanwhile.designer import records_import_form as mapping
from meanwhile.designer.records_import_status import status_of
from meanwhile.designer.records_list_views import recent_imports
from meanwhile.designer.records_place import Place, of_published, show
from meanwhile.engine import importing, operate
from meanwhile.engine.import_rows import guess_columns
from meanwhile.engine.models import ImportRow, RecordImport

UNFIT = 422
# How often the page of an import looks again.
_EVERY_SECONDS = 1
# Refused rows that the report shows; the file of them has all.
_REPORTED = 100


@require_http_methods(["GET", "HEAD", "POST"])
@of_published
def upload(request: HttpRequest, place: Place) -> HttpResponse:
    """Send a file; nothing is imported yet."""
    error = ""
    if request.method == "POST":
        try:
            made = _take(request, place)
        except csv.CsvRefused as refused:
            error = refused.message
        else:
            return HttpResponseRedirect(place.url("designer-import", made.pk), status=303)
    limits = {"megabytes": csv.MEGABYTES, "most_rows": f"{csv.ROWS:,}"}
    context = {"error": error, "imports": recent_imports(place), **limits}
    return show(request, place, "records_upload.html", context, UNFIT if error else 200)


def _take(request: HttpRequest, place: Place) -> RecordImport:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        raise csv.CsvRefused(_("Choose a file first."))
    # One byte more than is allowed says enough of a file that is too large.
    sheet = csv.read(sent.read(csv.MEGABYTES * 1_000_000 + 1))
    made = RecordImport(
        version_id=place.program.version_id,
        table=place.table.key,
        user_id=request.user.pk,
        file_name=(sent.name or "records.csv")[:200],
        headers=sheet.headers,
        columns=guess_columns(place.table, sheet.headers),
        created_at=clock.now(),
        total=len(sheet.rows),
    )
    with transaction.atomic():
        made.save()
        rows = (ImportRow(record_import=made, number=number, cells=cells) for number, cells in sheet.rows)
        ImportRow.objects.bulk_create(rows, batch_size=500)
    return made


@require_http_methods(["GET", "HEAD", "POST"])
@of_published
def one(request: HttpRequest, place: Place, import_id: int) -> HttpResponse:
    """An import: before it is started the choice of columns, then how far it is, then the report."""
    found = _import(place, import_id)
    if found.job_id is not None:
        return _progress(request, place, found)
    if request.method != "POST":
        return _mapping(request, place, found, [str(key) for key in found.columns])
    if request.POST.get("act") == "drop":
        found.delete()
        messages.success(request, _("The file is forgotten; nothing was imported."))
        return HttpResponseRedirect(place.list_url, status=303)
    columns = mapping.chosen_columns(found, place.table, request.POST)
    problems = mapping.wrong(place.table, columns)
    if problems or request.POST.get("act") != "start":
        return _mapping(request, place, found, columns, problems)
    importing.begin(found.pk, place.program, columns)
    return HttpResponseRedirect(request.path, status=303)


def _import(place: Place, import_id: int) -> RecordImport:
    found = RecordImport.objects.filter(pk=import_id, table=place.table.key, version__application__key=place.key)
    if (one_ := found.first()) is None:
        raise Http404
    return one_


def _mapping(
    request: HttpRequest, place: Place, found: RecordImport, columns: list[str], problems: list[str] | None = None
) -> HttpResponse:
    if len(columns) != len(found.headers):
        columns = guess_columns(place.table, found.headers)
    context = {
        "found": found,
        "columns": mapping.columns_of(found, place.table, columns),
        "preview": None if problems else mapping.preview(found, place, columns),
        "missing": mapping.missing(place.table, columns),
        "problems": problems,
    }
    return show(request, place, "records_mapping.html", context, UNFIT if problems else 200)


def _progress(request: HttpRequest, place: Place, found: RecordImport) -> HttpResponse:
    status = status_of(found)
    is_look = bool(getattr(request, "htmx", False)) and request.method != "POST"
    if is_look and not status.polls:
        return HttpResponseClientRefresh()
    refused = found.rows.exclude(reason="").order_by("number")
    context: dict[str, Any] = {
        "found": found,
        "status": status,
        "refused": [] if status.polls else _reported(found, list(refused[:_REPORTED])),
        "every_seconds": _EVERY_SECONDS,
        "is_staff": getattr(request.user, "is_staff", False),
    }
    return show(request, place, "records_import_status.html" if is_look else "records_import.html", context)


def _reported(found: RecordImport, rows: list[ImportRow]) -> list[tuple[ImportRow, str]]:
    """Rows with the first of their cells, by which people know them again."""
    return [(row, ", ".join(cell for cell in row.cells if cell)[:120]) for row in rows]


@require_POST
@of_published
def cancel(request: HttpRequest, place: Place, import_id: int) -> HttpResponse:
    """Stop after the rows that are under way; what is saved stays saved."""
    found = _import(place, import_id)
    if found.job_id is not None:
        operate.cancel([found.job_id], request.user)
    return HttpResponseRedirect(place.url("designer-import", found.pk), status=303)


@require_safe
@of_published
def refused(request: HttpRequest, place: Place, import_id: int) -> StreamingHttpResponse:
    """The rows that were not imported, as CSV, each with its reason: to be mended and sent again."""
    found = _import(place, import_id)
    lines = csv.written([*map(csv.guarded, found.headers), _reason_header(found, place)], _refused_rows(found))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{place.table.key}-refused.csv"'
    return response


def _refused_rows(found: RecordImport) -> Iterator[list[str]]:
    for row in found.rows.order_by("number").iterator(chunk_size=500):
        yield [*map(csv.guarded, row.cells), csv.guarded(row.reason or _("Not done: the import had ended before it."))]


def _reason_header(found: RecordImport, place: Place) -> str:
    """A name that no column and no field has, so that the file can be sent again as it is."""
    taken = {header.casefold() for header in found.headers} | {key.casefold() for key in place.table.fields}
    taken |= {field.label.casefold() for field in place.table.fields.values()}
    return next(name for name in ("reason", "refused because", "reason it was refused", "") if name not in taken)
