"""The list of records as a table: its columns, their order, a page of rows. Made with django-tables2."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from meanwhile.core.zone import site_zone
from meanwhile.designer.records_filter import name_of
from meanwhile.designer.records_place import Place, link_labels
from meanwhile.tables.table import Field

ROWS = 25
# A cell of the list; the record's own page has all of it.
_LONGEST_CELL = 120
_LONGEST_WORD = 36
_CHANGED, _NUMBER = "updated_at", "number"


class RecordTable(tables.Table):  # type: ignore[misc]
    """Columns come from the fields of a table."""

    class Meta:
        orderable = True
        order_by_field = "sort"
        page_field = "page"
        default = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a column. ``sort``: the query that sorts by it next, empty where nothing can; ``order``: the word of
    ``aria-sort`` when it does."""

    label: str
    sort: str
    order: str


@dataclass(frozen=True, slots=True)
class Row:
    """A record in the list: what people know it by, and its other cells with the labels of their columns."""

    id: Any
    title: str
    cells: list[tuple[str, str]]

    @property
    def shown(self) -> list[tuple[str, str, bool]]:
        """The cells, and whether a word of it has to be broken to leave room for the others."""
        return [(label, text, any(len(word) > _LONGEST_WORD for word in text.split())) for label, text in self.cells]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list. ``older`` and ``newer``: the queries of its neighbours, empty where there is none."""

    headers: list[Header]
    rows: list[Row]
    count: int
    number: int
    pages: int
    newer: str
    older: str


def record_table(request: HttpRequest, place: Place, records: QuerySet[Any], rows: int | None = ROWS) -> RecordTable:
    """The records in the order that the address asks for; ``rows`` None: all of them."""
    columns = [(name_of(field.key), _column(field)) for field in _ordered(place)]
    if place.table.describing_field is None:
        columns.insert(0, (_NUMBER, tables.Column(_("Record"), accessor="pk")))
    if not place.table.host:
        columns.append((_CHANGED, tables.Column(_("Changed"), accessor=_CHANGED, order_by=(_CHANGED, "pk"))))
    table = RecordTable(records, extra_columns=columns)
    tables.RequestConfig(request, paginate={"per_page": rows} if rows else False).configure(table)
    return table


def ordered(table: RecordTable) -> QuerySet[Any]:
    """All its records, in its order."""
    found: QuerySet[Any] = table.data.data
    return found


def listed(request: HttpRequest, place: Place, table: RecordTable) -> Listed:
    """The page of ``table`` in words."""
    page, records = table.page, [row.record for row in table.paginated_rows]
    return Listed(
        headers=[_header(request, column) for column in table.columns],
        rows=list(_rows(place, records)),
        count=page.paginator.count,
        number=page.number,
        pages=page.paginator.num_pages,
        newer=_query(request, page=page.number - 1) if page.has_previous() else "",
        older=_query(request, page=page.number + 1) if page.has_next() else "",
    )


def _ordered(place: Place) -> list[Field]:
    """The describing field first, where there is one."""
    fields, first = list(place.table.fields.values()), place.table.describing_field
    return sorted(fields, key=lambda field: field.key != first)


def _column(field: Field) -> tables.Column:
    can_sort = field.type != "json"
    return tables.Column(field.label, accessor=field.key, orderable=can_sort, order_by=(field.key, "pk"))


def _header(request: HttpRequest, column: Any) -> Header:
    order = ""
    if column.is_ordered:
        order = "descending" if column.order_by_alias.is_descending else "ascending"
    sort = _query(request, sort=column.order_by_alias.next, page=None) if column.orderable else ""
    return Header(str(column.header), sort, order)


def _query(request: HttpRequest, **changed: Any) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


def _rows(place: Place, records: list[Any]) -> Iterator[Row]:
    fields, zone = _ordered(place), site_zone()
    labels = {key: _labels(place, place.table.fields[key], records) for key in place.table.links}
    for record in records:
        cells = [(field.label, _cell(field, _value(record, field), labels)) for field in fields]
        if not place.table.host:
            cells.append((_("Changed"), _moment(record.updated_at, zone)))
        title = cells.pop(0)[1] if place.table.describing_field else ""
        yield Row(record.pk, title or f"#{record.pk}", cells)


def _value(record: Any, field: Field) -> Any:
    """A link's id, anything else as it is; the empty text of a host's column is none."""
    value = getattr(record, record._meta.get_field(field.key).attname)
    return None if value == "" else value


def _labels(place: Place, field: Field, records: list[Any]) -> dict[str, str]:
    return link_labels(place, field, {id_ for record in records if (id_ := _value(record, field)) is not None})


def _cell(field: Field, value: Any, labels: dict[str, dict[str, str]]) -> str:
    text = labels.get(field.key, {}).get(str(value)) or field.display(value, site_zone())
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def _moment(value: Any, zone: Any) -> str:
    return "" if value is None else f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
