"""Rows of a list: a table as wide as the window for a person, one whole line per row where a program reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Column:
    """``gives_way``: it is cut short where the window is too narrow for all; the others stay whole."""

    title: str
    gives_way: bool = False


def print_rows(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[str | Text]]) -> None:
    """A heading, then each row on one line. Within a cell are single blanks only and none is empty, so that a program
    can split a line where two blanks stand."""
    cells = [[_in_one_line(cell) for cell in row] for row in rows]
    if console.is_terminal:
        console.print(_table(columns, cells))
        return
    for line in _lines([[Text(column.title) for column in columns], *cells]):
        console.print(line, soft_wrap=True)


def print_note(console: Console, text: str) -> None:
    """Something about the rows. Where a program reads them it goes to standard error, to be no row of theirs."""
    (console if console.is_terminal else Console(stderr=True)).print(Text(text), soft_wrap=True)


def _in_one_line(cell: str | Text) -> Text:
    style = cell.style if isinstance(cell, Text) else ""
    return Text(" ".join(str(cell).split()) or "-", style=style, no_wrap=True, overflow="ellipsis")


def _table(columns: Sequence[Column], rows: Iterable[Sequence[Text]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        # Rich takes from columns that may wrap first; their texts do not wrap, they end in an ellipsis.
        table.add_column(Text(column.title, no_wrap=True), no_wrap=not column.gives_way)
    for row in rows:
        table.add_row(*row)
    return table


def _lines(rows: Sequence[Sequence[Text]]) -> Iterable[Text]:
    widths = [max(cell_len(cell.plain) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [cell.plain + " " * (width - cell_len(cell.plain)) for cell, width in zip(row, widths, strict=True)]
        yield Text("  ".join(padded).rstrip())
