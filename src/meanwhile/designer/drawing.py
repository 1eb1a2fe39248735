"""Where everything of the drawing of a flow stands: boxes, arrows and lanes, in pixels. Pure; a template draws it.

What happens before the next page goes down the left. To its right stand the lanes of the background, each beside the
object that opens it, below the lane before. An arrow leads from there, and one back to the page that waits for it.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from meanwhile.designer.flow import Flow, Lane, Step

WIDTH = 780
# The left column and the lanes; between them run the arrows.
LEFT, COLUMN = 1, 346
LANES, LANE_WIDTH = 422, 357
# A row with one line of text, and what is between two of them.
ROW, GAP = 36, 14
INDENT = 16
PADDING = 12
HEAD = 36
# An average letter of the text, a little wide, so that nothing runs out of its box.
LETTER = 7.8
# Where arrows turn between the columns, on their way there and back.
THERE, BACK = LEFT + COLUMN + 22, LEFT + COLUMN + 48


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
    label: str = ""

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
    """A flow, laid out."""

    flow: Flow
    width: int = WIDTH
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    lanes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    # The line at which the person goes on, and where its words stand.
    line_y: int = 0

    @property
    def line_right(self) -> int:
        return LEFT + COLUMN

    @property
    def line_text_y(self) -> int:
        return self.line_y - 7


def draw(flow: Flow) -> Drawing:
    """Lay ``flow`` out."""
    drawing = Drawing(flow, width=WIDTH if flow.lanes else LEFT + COLUMN + 1)
    layout = _Layout(drawing)
    layout.form()
    openers = layout.at_once()
    layout.pages(openers)
    return drawing


class _Layout:
    """Fills a drawing from top to bottom. ``_y``: where the next box of the left column goes."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing, self._flow = drawing, drawing.flow
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
            box = self._place(_text(step), step.kind, INDENT * step.depth, _label(step))
            if step.lane is not None:
                openers[step.lane] = box
        if self._flow.at_once.left_out:
            self._place(_more(self._flow.at_once), "more")
        return openers

    def pages(self, openers: dict[int, Box]) -> None:
        """The line at which the person goes on, the pages, and the lanes beside all that."""
        drawing = self._drawing
        drawing.line_y = self._y + 16
        self._y += 32
        bottoms = self._lanes(openers)
        first, *others = self._flow.stops
        box = self._place(first.title, first.kind)
        if first.kind == "wait":
            self._lead_back(box, bottoms)
        for stop in others:
            self._y = max(self._y, max(bottoms.values(), default=0) - ROW)
            self._place(stop.title, stop.kind)
        drawing.height = max([self._y - GAP, *bottoms.values()]) + 1

    def _place(self, text: str, kind: str, indent: int = 0, label: str = "") -> Box:
        """A box below the last one, with an arrow from there."""
        width = COLUMN - indent
        box = Box(LEFT + indent, self._y, width, ROW, kind, cut(text, width), text, label)
        if self._last is not None:
            x = box.x + 24
            self._drawing.arrows.append(Arrow(f"M{x} {self._last.bottom}V{box.y - 3}", "next"))
        self._drawing.boxes.append(box)
        self._last = box
        self._y = box.bottom + GAP
        return box

    def _lanes(self, openers: dict[int, Box]) -> dict[int, int]:
        """Every lane, beside what opens it or below the one before; the bottom of each, by its position."""
        bottoms: dict[int, int] = {}
        free = 1
        for position, lane in enumerate(self._flow.lanes):
            opener = openers.get(position)
            y = max(free, opener.y if opener else 0)
            bottoms[position] = self._lane(lane, y)
            if opener:
                self._drawing.arrows.append(_there(opener, y + HEAD // 2))
            free = bottoms[position] + GAP
        return bottoms

    def _lane(self, lane: Lane, y: int) -> int:
        x, row_y = LANES + PADDING, y + HEAD
        rows = [(_text(step), step.kind, INDENT * step.depth, _label(step)) for step in lane.steps]
        if lane.left_out:
            rows.append((_more(lane), "more", 0, ""))
        for text, kind, indent, label in rows:
            width = LANE_WIDTH - 2 * PADDING - indent
            self._drawing.boxes.append(Box(x + indent, row_y, width, ROW, kind, cut(text, width), text, label))
            row_y += ROW + 6
        bottom = row_y + (PADDING - 6 if rows else 0)
        title = cut(lane.title, LANE_WIDTH - PADDING)
        self._drawing.lanes.append(Box(LANES, y, LANE_WIDTH, bottom - y, "lane", title, lane.title))
        return bottom

    def _lead_back(self, wait: Box, bottoms: dict[int, int]) -> None:
        """From the lanes that the wait page waits for: the one that sets its flag, else all of them."""
        flag = any(stop.flag for stop in self._flow.stops)
        for position, lane in enumerate(self._flow.lanes):
            if lane.sets_flag or not flag:
                y = bottoms[position] - 10
                path = f"M{LANES} {y}H{BACK}V{wait.middle}H{wait.right + 3}"
                self._drawing.arrows.append(Arrow(path, "done"))


def _there(opener: Box, y: int) -> Arrow:
    if opener.middle == y:
        return Arrow(f"M{opener.right} {y}H{LANES - 3}", "later")
    return Arrow(f"M{opener.right} {opener.middle}H{THERE}V{y}H{LANES - 3}", "later")


def _text(step: Step) -> str:
    return _("Otherwise: {text}").format(text=step.text) if step.is_otherwise else step.text


def _label(step: Step) -> str:
    return str(step.lane + 1) if step.lane is not None else ""


def _more(lane: Lane) -> str:
    return _("… and {n} more").format(n=lane.left_out)


def cut(text: str, width: int) -> str:
    """``text`` as far as it fits a box of that width, on one line."""
    most = max(int((width - 2 * PADDING) / LETTER), 1)
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
