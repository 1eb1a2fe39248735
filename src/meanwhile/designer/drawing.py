"""Where everything of the drawing of a flow stands: boxes, arrows and lanes, in pixels. Pure; a template draws it.

What happens before the next page goes down the left. To its right stand the lanes of the background, each beside the
object that opens it, below the lane before. An arrow leads from there, and one back to the page that waits for it.
Where there is no room for two columns, the lanes stand below the page on which the person waits.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from meanwhile.designer.flow import Flow, Lane, Step

# A row with one line of text, and what is between two of them.
ROW, GAP = 36, 14
INDENT = 16
PADDING = 12
HEAD = 36
# An average letter of the text, a little wide, so that nothing runs out of its box.
LETTER = 7.8


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the two columns stand. ``arrow_x``: how far into a box the arrow to it comes down."""

    width: int
    column: int
    lanes: int
    lane_width: int
    arrow_x: int
    left: int = 1

    @property
    def is_narrow(self) -> bool:
        """Whether the columns stand below each other."""
        return self.lanes < self.column

    @property
    def there(self) -> int:
        """Where arrows to the lanes turn."""
        return self.left + self.column + 22

    @property
    def back(self) -> int:
        """Where arrows from the lanes turn."""
        return self.left + self.column + 48


WIDE = Columns(width=780, column=346, lanes=422, lane_width=357, arrow_x=24)
# For a phone of 360 pixels, within the edges of page and card.
NARROW = Columns(width=278, column=276, lanes=21, lane_width=256, arrow_x=8)


@dataclass(frozen=True, slots=True)
class Box:
    """A box with a line of text. ``full``: the whole text, where the line is cut."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    text: str
    full: str

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def text_x(self) -> int:
        return self.x + PADDING

    @property
    def text_y(self) -> int:
        return self.middle + 5

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line with a head at its end. ``kind``: "next", "later" or "done"."""

    path: str
    kind: str


@dataclass(slots=True)
class Drawing:
    """A flow, laid out. ``line_y``: the line at which the person goes on; ``line_right``: where it ends."""

    flow: Flow
    columns: Columns
    width: int = 0
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    lanes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    line_y: int = 0

    @property
    def line_right(self) -> int:
        return self.columns.left + self.columns.column

    @property
    def line_text_y(self) -> int:
        return self.line_y - 7


def draw(flow: Flow, columns: Columns = WIDE) -> Drawing:
    """Lay ``flow`` out."""
    drawing = Drawing(flow, columns)
    layout = _Layout(drawing)
    layout.form()
    openers = layout.at_once()
    layout.pages(openers)
    drawing.width = columns.width if flow.lanes else columns.left + columns.column + 1
    return drawing


class _Layout:
    """Fills a drawing from top to bottom. ``_y``: where the next box of the left column goes."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing, self._flow, self._columns = drawing, drawing.flow, drawing.columns
        self._y = 1
        self._last: Box | None = None

    def form(self) -> None:
        """The form, and the record that it saves."""
        self._place(self._flow.title, "form")
        self._place(_("The record is saved"), "saved")

    def at_once(self) -> dict[int, Box]:
        """What is done before the next page; the boxes that open lanes, by the position of the lane."""
        openers = {}
        for step in self._flow.at_once.steps:
            box = self._place(_text(step), step.kind, INDENT * step.depth)
            if step.lane is not None:
                openers[step.lane] = box
        if self._flow.at_once.left_out:
            self._place(_more(self._flow.at_once), "more")
        return openers

    def pages(self, openers: dict[int, Box]) -> None:
        """The line at which the person goes on, the pages, and the lanes beside or below."""
        self._drawing.line_y = self._y + 16
        self._y += 32
        first, *others = self._flow.stops
        box = self._place(first.title, first.kind)
        bottoms = self._below() if self._columns.is_narrow else self._beside(openers)
        end = max(bottoms, default=0)
        if first.kind == "wait" and not self._columns.is_narrow:
            self._lead_back(box, bottoms)
        for stop in others:
            self._y = max(self._y, end + GAP if self._columns.is_narrow else end - ROW)
            self._place(stop.title, stop.kind)
        self._drawing.height = max(self._y - GAP, end) + 1

    def _place(self, text: str, kind: str, indent: int = 0) -> Box:
        """A box below the last one, with an arrow from there."""
        width = self._columns.column - indent
        box = Box(self._columns.left + indent, self._y, width, ROW, kind, cut(text, width), text)
        if self._last is not None:
            x = box.x + self._columns.arrow_x
            self._drawing.arrows.append(Arrow(f"M{x} {self._last.bottom}V{box.y - 3}", "next"))
        self._drawing.boxes.append(box)
        self._last = box
        self._y = box.bottom + GAP
        return box

    def _beside(self, openers: dict[int, Box]) -> list[int]:
        """Every lane, beside what opens it or below the one before; the bottom of each."""
        bottoms: list[int] = []
        free = 1
        for position, lane in enumerate(self._flow.lanes):
            opener = openers.get(position)
            y = max(free, opener.y if opener else 0)
            bottoms.append(self._lane(position, lane, y))
            if opener:
                self._drawing.arrows.append(self._there(opener, y + HEAD // 2))
            free = bottoms[-1] + GAP
        return bottoms

    def _below(self) -> list[int]:
        """Every lane below the one before; the bottom of each."""
        bottoms: list[int] = []
        for position, lane in enumerate(self._flow.lanes):
            bottoms.append(self._lane(position, lane, self._y))
            self._y = bottoms[-1] + GAP
        return bottoms

    def _lane(self, position: int, lane: Lane, y: int) -> int:
        """A lane with its rows; its bottom."""
        x, row_y = self._columns.lanes + PADDING, y + HEAD
        rows = [(_text(step), step.kind, INDENT * step.depth) for step in lane.steps]
        rows += [(_more(lane), "more", 0)] if lane.left_out else []
        for text, kind, indent in rows:
            width = self._columns.lane_width - 2 * PADDING - indent
            self._drawing.boxes.append(Box(x + indent, row_y, width, ROW, kind, cut(text, width), text))
            row_y += ROW + 6
        bottom = row_y + (PADDING - 6 if rows else 0)
        width, title = self._columns.lane_width, _numbered(position, lane.title)
        self._drawing.lanes.append(Box(self._columns.lanes, y, width, bottom - y, "lane", cut(title, width), title))
        return bottom

    def _there(self, opener: Box, y: int) -> Arrow:
        """From what opens a lane to the lane, whose middle is at ``y``."""
        end = self._columns.lanes - 3
        if opener.middle == y:
            return Arrow(f"M{opener.right} {y}H{end}", "later")
        return Arrow(f"M{opener.right} {opener.middle}H{self._columns.there}V{y}H{end}", "later")

    def _lead_back(self, wait: Box, bottoms: list[int]) -> None:
        """From the lanes that the wait page waits for: those that set its flag, else all of them."""
        flag = any(stop.flag for stop in self._flow.stops)
        for lane, bottom in zip(self._flow.lanes, bottoms, strict=True):
            if lane.sets_flag or not flag:
                path = f"M{self._columns.lanes} {bottom - 10}H{self._columns.back}V{wait.middle}H{wait.right + 3}"
                self._drawing.arrows.append(Arrow(path, "done"))


def _text(step: Step) -> str:
    text = step.text if step.lane is None else _numbered(step.lane, step.text)
    return _("Otherwise: {text}").format(text=text) if step.is_otherwise else text


def _numbered(lane: int, text: str) -> str:
    return f"{lane + 1} · {text}"


def _more(lane: Lane) -> str:
    return _("… and {n} more").format(n=lane.left_out)


def cut(text: str, width: int) -> str:
    """``text`` as far as it fits a box of that width, on one line."""
    most = max(int((width - 2 * PADDING) / LETTER), 1)
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
