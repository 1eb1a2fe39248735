"""Records as CSV: out, so that what is read back is the same, and in.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it; reading takes one off again.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import Any

import tablib
from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.tables.table import Field

# What one request reads in a moment, and a worker saves within minutes.
MEGABYTES = 5
ROWS = 10_000
_COLUMNS = 200
# Rows of one piece of the answer.
_PIECE = 500
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_NUMBERS = ("integer", "decimal")


class CsvRefused(MeanwhileError):
    """The file cannot be read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its first line, and the others, each with as many cells and the number that a spreadsheet
    gives it. Rows without anything in them are left out."""

    headers: list[str]
    rows: list[tuple[int, list[str]]]


def written(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of CSV, many at a time. The cells are text as ``cell`` or ``guarded`` gives it."""
    yield _lines([headers])
    for piece in batched(rows, _PIECE):
        yield _lines(piece)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text: str = tablib.Dataset(*rows).export("csv")
    return text


def cell(field: Field, value: Any) -> str:
    """A value of a record as the field reads it again."""
    text = _text(field, value)
    return text if field.type in _NUMBERS else guarded(text)


def _text(field: Field, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False, default=str) if field.type == "json" else str(value)


def guarded(text: str) -> str:
    """``text`` so that no spreadsheet runs it."""
    return f"'{text}" if _FORMULA.match(text) else text


def bare(text: str) -> str:
    """What ``guarded`` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def read(data: bytes) -> Sheet:
    """The rows of a file. CsvRefused, with a sentence that says what to do, where it is none that we take."""
    text = _decoded(data)
    found = _dataset(text)
    headers = [str(header or "").strip() for header in found.headers or ()]
    numbered = enumerate(([bare(str(value)) for value in row] for row in found), start=2)
    rows = [(number, row) for number, row in numbered if any(cell.strip() for cell in row)]
    _check(headers, rows)
    return Sheet([bare(header) for header in headers], rows)


def _decoded(data: bytes) -> str:
    if len(data) > MEGABYTES * 1_000_000:
        raise CsvRefused(_("The file is larger than {limit} MB. Split it.").format(limit=MEGABYTES))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvRefused(_("This is no text in UTF-8. In a spreadsheet, save it as CSV UTF-8.")) from error
    if "\0" in text:
        raise CsvRefused(_("This is no CSV file. In a spreadsheet, save it as CSV UTF-8."))
    return text


def _dataset(text: str) -> tablib.Dataset:
    # A long text of ours may be longer than what the reader takes for a mistake by default.
    csv.field_size_limit(max(csv.field_size_limit(), MEGABYTES * 1_000_000))
    try:
        return tablib.Dataset().load(text, format="csv", headers=True, delimiter=_delimiter(text))
    except tablib.InvalidDimensions as error:
        raise CsvRefused(_("A row has more cells than the first line has names of columns.")) from error
    except (csv.Error, tablib.core.TablibException) as error:
        raise CsvRefused(_("This is no CSV file: {reason}").format(reason=error)) from error


def _delimiter(text: str) -> str:
    """Spreadsheets of many countries write a semicolon, since their numbers have commas."""
    first = text.partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)


def _check(headers: list[str], rows: Sequence[object]) -> None:
    if not any(headers):
        raise CsvRefused(_("The first line has to name the columns; this file has none."))
    if len(headers) > _COLUMNS:
        raise CsvRefused(_("The file has more than {limit} columns.").format(limit=_COLUMNS))
    if not rows:
        raise CsvRefused(_("The file has no rows below the names of its columns."))
    if len(rows) > ROWS:
        raise CsvRefused(_("The file has more than {limit} rows. Split it.").format(limit=f"{ROWS:,}"))
