"""The plot of a run: bars of submissions and drained jobs per contender, with their spread, as an SVG.

The scale is logarithmic: the fastest is hundreds of times as fast as the slowest. It brings its own background, since
it is shown on light pages and dark ones, and says in words what it shows.
"""

import math
from collections.abc import Iterator, Sequence
from html import escape

from bench import names
from bench.figures import LIMIT, OURS, Figure, rounded

# What is shown, from the top; nothing is shown twice.
PANELS = (
    ("submissions, one process", "Submissions a second, one process"),
    (names.drain(names.FIELDS), "Jobs a second, one worker: three fields a job"),
    (names.drain(names.EMAIL), "Jobs a second, one worker: three fields and an e-mail a job"),
    (names.drain(names.FUNCTION), "Jobs a second, one worker: a function that saves by itself"),
)
TITLE = "How many submissions and jobs a second"
NOTE = "Bar: median. Line: lowest to highest round. Logarithmic, longer is faster. On PostgreSQL unless it says SQLite."
# In pixels.
WIDTH, LEFT, RIGHT = 880, 250, 90
ROW, BAR, HEAD, AXIS, TOP = 24, 14, 34, 34, 64
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .paper { fill: #ffffff } .title { font-size: 18px; font-weight: 600 } .head { font-weight: 600 }
    .note, .tick { fill: #59636e } .tick { font-size: 11px }
    .grid { stroke: #d1d9e0 } .spread { stroke: #1f2328; stroke-width: 1.5 }
    .ours { fill: #0b6e4f } .peer { fill: #7a8fb8 } .limit { fill: #b4a27c }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .paper { fill: #0d1117 } .note, .tick { fill: #9198a1 }
      .grid { stroke: #30363d } .spread { stroke: #e6edf3 }
      .ours { fill: #2ea97d } .peer { fill: #566a94 } .limit { fill: #7d6f4e }
    }
"""

type Panel = tuple[str, list[Figure]]


def svg(figures: Sequence[Figure]) -> str:
    """The whole file."""
    panels = [(title, rows) for name, title in PANELS if (rows := _rows(figures, name))]
    height = TOP + sum(HEAD + AXIS + ROW * len(rows) for _, rows in panels)
    return "\n".join(_document(panels, height)) + "\n"


def _rows(figures: Sequence[Figure], name: str) -> list[Figure]:
    """The fastest first. Ratios are no rows."""
    found = [each for each in figures if each.name == name and each.unit != "x"]
    return sorted(found, key=lambda each: -each.median)


def _document(panels: Sequence[Panel], height: int) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' aria-labelledby="title words">'
    )
    yield f'<title id="title">{TITLE}</title>'
    yield f'<desc id="words">{escape(" ".join(map(_words, panels)))}</desc>'
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>'
    yield f'<text class="title" x="16" y="28">{TITLE}</text>'
    yield f'<text class="note" x="16" y="48">{NOTE}</text>'
    y = TOP
    for panel in panels:
        yield from _panel(panel, y)
        y += HEAD + AXIS + ROW * len(panel[1])
    yield "</svg>"


def _words(panel: Panel) -> str:
    title, rows = panel
    return f"{title}: {'; '.join(f'{_label(row)} {_number(row.median)}' for row in rows)}."


def _panel(panel: Panel, top: int) -> Iterator[str]:
    title, rows = panel
    scale = Scale(rows)
    bottom = top + HEAD + ROW * len(rows)
    yield f'<text class="head" x="16" y="{top + 20}">{escape(title)}</text>'
    for tick in scale.ticks:
        x = scale.at(tick)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top + HEAD - 4}" y2="{bottom}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{tick:,}</text>'
    for number, row in enumerate(rows):
        yield from _bar(row, scale, top + HEAD + ROW * number)


def _bar(row: Figure, scale: "Scale", top: int) -> Iterator[str]:
    middle, base = top + ROW / 2, top + (ROW - BAR) / 2
    low, high, end = scale.at(min(row.values)), scale.at(max(row.values)), scale.at(row.median)
    yield f'<text x="{LEFT - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(_label(row))}</text>'
    yield f'<rect class="{_kind(row)}" x="{LEFT}" y="{base}" width="{end - LEFT:.1f}" height="{BAR}" rx="2"/>'
    yield f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
    yield f'<text x="{max(high, end) + 6:.1f}" y="{middle + 4:.1f}">{_number(row.median)}</text>'


class Scale:
    """A logarithmic one over whole powers of ten, from below the lowest value to above the highest."""

    def __init__(self, rows: Sequence[Figure]) -> None:
        lowest = min(value for row in rows for value in row.values)
        highest = max(value for row in rows for value in row.values)
        # A bar of the lowest value is still to be seen.
        self._first = math.floor(math.log10(lowest / 1.5))
        self._last = max(self._first + 1, math.log10(highest))

    @property
    def ticks(self) -> list[int]:
        return [10**power for power in range(max(0, self._first), math.floor(self._last) + 1)]

    def at(self, value: float) -> float:
        """The pixel from the left."""
        part = (math.log10(value) - self._first) / (self._last - self._first)
        return LEFT + part * (WIDTH - LEFT - RIGHT)


def _label(row: Figure) -> str:
    return f"{row.contender} on SQLite" if row.database == "SQLite" else row.contender


def _kind(row: Figure) -> str:
    return {OURS: "ours", LIMIT: "limit"}.get(row.contender, "peer")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{rounded(value):g}"
