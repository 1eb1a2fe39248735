"""What an import would do before it does it: which column is which field, and which rows would be refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.core.errors import InvalidValue
from meanwhile.designer.records_place import Place
from meanwhile.engine.import_rows import ID, read_row
from meanwhile.engine.models import RecordImport
from meanwhile.tables import records
from meanwhile.tables.table import Table

# Rows that are shown, from the beginning of the file and of those that would be refused.
SHOWN = 8
_REFUSED = 8
_LEAVE_OUT, _RECORD = gettext_lazy("Leave it out"), gettext_lazy("The number of the record to change (id)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: the name of its control, what it is called there, an example, and what it is to be."""

    name: str
    header: str
    example: str
    choices: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A row as it would be imported. ``refusal``: why it would not, empty where nothing speaks against it."""

    number: int
    cells: list[tuple[str, str]]
    plan: str
    refusal: str


@dataclass(frozen=True, slots=True)
class Preview:
    """``first`` rows, and the first ``refused`` of all, with how many those are."""

    first: list[Checked]
    refused: list[Checked]
    refusals: int


def control_name(index: int) -> str:
    """The control of a column, by its place in the file."""
    return f"column-{index}"


def chosen_columns(found: RecordImport, table: Table, data: Mapping[str, Any]) -> list[str]:
    """What was chosen for each column; what this table does not have is left out."""
    known = {*table.fields, ID}
    sent = [str(data.get(control_name(index), "")) for index in range(len(found.headers))]
    return [key if key in known else "" for key in sent]


def wrong(table: Table, columns: list[str]) -> list[str]:
    """Why these columns cannot be imported, in sentences."""
    used = [key for key in columns if key]
    if not any(key != ID for key in used):
        return [_("Say for at least one column which field it is.")]
    twice = {key for key in used if used.count(key) > 1}
    labels = {ID: str(_RECORD), **{key: field.label for key, field in table.fields.items()}}
    return [_("Two columns are both “{label}”. Leave one of them out.").format(label=labels[key]) for key in twice]


def missing(table: Table, columns: list[str]) -> list[str]:
    """Labels of required fields that no column has and that have no default: new records would be refused."""
    defaults = records.new_values(table)
    return [
        field.label
        for key, field in table.fields.items()
        if field.required and key not in columns and defaults.get(key) is None
    ]


def columns_of(found: RecordImport, table: Table, columns: list[str]) -> list[Column]:
    """The columns with what can be chosen for each."""
    choices = [("", str(_LEAVE_OUT)), (ID, str(_RECORD)), *((key, field.label) for key, field in table.fields.items())]
    first = found.rows.order_by("number").first()
    return [
        Column(control_name(index), header, first.cells[index] if first else "", choices, columns[index])
        for index, header in enumerate(found.headers)
    ]


def preview(found: RecordImport, place: Place, columns: list[str]) -> Preview:
    """All rows read, none saved. Whether a link leads somewhere and a value is unique is only seen by saving."""
    first: list[Checked] = []
    refused: list[Checked] = []
    refusals = 0
    for checked in _checked(found, place.table, columns):
        if len(first) < SHOWN:
            first.append(checked)
        refusals += bool(checked.refusal)
        if checked.refusal and len(refused) < _REFUSED and checked not in first:
            refused.append(checked)
    return Preview(first, refused, refusals)


def _checked(found: RecordImport, table: Table, columns: list[str]) -> Iterator[Checked]:
    for row in found.rows.order_by("number").iterator(chunk_size=1000):
        cells = [(header, cell) for header, cell, key in zip(found.headers, row.cells, columns, strict=True) if key]
        try:
            read = read_row(table, columns, row.cells)
        except InvalidValue as error:
            yield Checked(row.number, cells, "", error.message)
        else:
            is_new = read.record_id is None
            plan = _("New record") if is_new else _("Changes #{id}").format(id=read.record_id)
            yield Checked(row.number, cells, plan, "")
