"""What people get of a run: a table in the terminal, ``latest.json``, and the figures in the documentation."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import losses, names, plot
from bench.figures import Figure, rounded
from bench.goals import Goal
from bench.profiling import PARTS

ROOT = Path(__file__).parent.parent
LATEST = ROOT / "bench" / "latest.json"
PAGE = ROOT / "docs" / "explanation" / "speed.md"
PLOT = ROOT / "docs" / "images" / "speed.svg"
# What stands between these lines of the page is written by every run.
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"

type Row = tuple[str, ...]

FIGURES: Row = ("Figure", "Database", "Who", "Median", "Lowest to highest", "Unit")
GOALS: Row = ("Goal", "Database", "Wanted", "Measured", "Holds")


def show(console: Console, figures: Sequence[Figure], goals: Sequence[Goal]) -> None:
    """Print both tables."""
    for heads, rows in ((FIGURES, _figure_rows(figures)), (GOALS, _goal_rows(goals))):
        table = Table(*heads)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write(figures: Sequence[Figure], goals: Sequence[Goal], machine: Mapping[str, str], *, is_quick: bool) -> None:
    """Write ``latest.json``, the plot, and the part of the page that holds figures."""
    plain = {
        "machine": dict(machine),
        "quick": is_quick,
        "figures": [each.to_plain() for each in figures],
        "goals": [each.to_plain() for each in goals],
    }
    LATEST.write_text(json.dumps(plain, indent=2) + "\n")
    PLOT.write_text(plot.svg(figures))
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    body = "\n".join(_page(figures, goals, machine))
    PAGE.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")


def _page(figures: Sequence[Figure], goals: Sequence[Goal], machine: Mapping[str, str]) -> Iterable[str]:
    rounds = max(len(each.values) for each in figures)
    yield f"Medians of {rounds} rounds. {'; '.join(f'{name}: {value}' for name, value in machine.items())}."
    yield ""
    yield f"![{plot.TITLE}, per contender; the same figures are in the table below.](../images/speed.svg)"
    yield ""
    yield from _markdown(GOALS, _goal_rows(goals))
    yield ""
    yield from _list("Every goal is reached.", "Not reached:", losses.missed(goals))
    yield ""
    if losses.has_others(figures):
        yield from _list("Nobody else is better at the same work.", "Better than Meanwhile:", losses.beaten(figures))
        yield ""
    yield from _where_the_time_goes([each for each in figures if each.unit == names.SHARE])
    yield from _markdown(FIGURES, _figure_rows([each for each in figures if each.unit != names.SHARE]))


def _where_the_time_goes(shares: Sequence[Figure]) -> Iterable[str]:
    """A column for each kind of work on each database, a line for each part of the code."""
    if not shares:
        return
    yield "Where the time goes, in percent of the time of each:"
    yield ""
    columns = list(dict.fromkeys((each.name, each.database) for each in shares))
    found = {(each.name, each.database, each.contender): each.median for each in shares}
    rows = ((part, *(f"{found.get((*column, part), 0):.0f}" for column in columns)) for part in PARTS)
    yield from _markdown(("Part", *(f"{name}, {database}" for name, database in columns)), rows)
    yield ""


def _list(nothing: str, head: str, sentences: Iterable[str]) -> Iterable[str]:
    lines = [f"- {sentence}" for sentence in sentences]
    yield from [head, "", *lines] if lines else [nothing]


def _markdown(heads: Row, rows: Iterable[Row]) -> Iterable[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _figure_rows(figures: Sequence[Figure]) -> Iterable[Row]:
    """What belongs together stands together."""
    names = list(dict.fromkeys(each.name for each in figures))
    for each in sorted(figures, key=lambda each: (names.index(each.name), each.database)):
        span = f"{_number(min(each.values))} to {_number(max(each.values))}"
        yield (each.name, each.database, each.contender, _number(each.median), span, each.unit)


def _goal_rows(goals: Sequence[Goal]) -> Iterable[Row]:
    for each in goals:
        yield (each.name, each.database, each.goal, _number(each.value), "yes" if each.holds else "no")


def _number(value: float) -> str:
    return f"{rounded(value):,g}" if abs(value) < 1000 else f"{value:,.0f}"
