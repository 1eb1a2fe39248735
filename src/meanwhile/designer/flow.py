"""How a submission of a form flows, as plain parts: what is done at once, what in the background, what the person sees.

Made of a draft, which may be wrong in any way; what is not there is left out. ``drawing`` lays it out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.definitions.document import title_of
from meanwhile.definitions.editing import tree

type Plain = dict[str, Any]
type Say = Callable[[Plain], str]

# More of one lane, or more lanes, are no picture any more; the tree itself shows it all.
MOST_STEPS = 12
MOST_LANES = 8


@dataclass(frozen=True, slots=True)
class Step:
    """A node in words. ``depth``: how many conditions stand around it in its lane. ``lane``: the position of the lane
    that it opens; None where it opens none. ``kind``: "condition", "execution", "action", "more" or ""."""

    text: str
    kind: str
    depth: int = 0
    lane: int | None = None
    is_otherwise: bool = False


@dataclass(slots=True)
class Lane:
    """What one Background, Delay or other execution object does later. ``sets_flag``: the flag of the wait page."""

    title: str
    steps: list[Step] = field(default_factory=list)
    left_out: int = 0
    sets_flag: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A page that the person comes to. ``kind``: "wait", "content", or "none" for the site's own thanks."""

    title: str
    kind: str
    flag: str = ""


@dataclass(slots=True)
class Flow:
    """A form's way: ``at_once`` is what happens before the next page, ``lanes`` what follows."""

    form: str
    title: str
    at_once: Lane
    lanes: list[Lane]
    stops: list[Stop]

    def in_words(self) -> list[str]:
        """The same, sentence by sentence, in order."""
        return list(_sentences(self))


def flow_of(plain: Plain, form_key: str, say: Say) -> Flow:
    """The flow of one form. ``say`` puts a node into words."""
    form = _mapping(_mapping(plain.get("forms")).get(form_key))
    stops = _stops(plain, str(form.get("next") or ""))
    flag = next((stop.flag for stop in stops if stop.flag), "")
    walk = _Walk(say, flag)
    for event in (f"{form.get('table')}.record_update", f"form:{form_key}"):
        walk.nodes(_roots(plain, event), walk.at_once, 0)
    title = title_of(str(form.get("title") or ""), form_key)
    return Flow(form_key, title, walk.at_once, walk.lanes, stops)


class _Walk:
    """One pass through the trees; every execution object opens a lane."""

    def __init__(self, say: Say, flag: str) -> None:
        self._say, self._flag = say, flag
        self.at_once = Lane("")
        self.lanes: list[Lane] = []

    def nodes(self, nodes: list[Plain], lane: Lane, depth: int, *, is_otherwise: bool = False) -> None:
        for node in nodes:
            if isinstance(node, dict) and not node.get("disabled"):
                self._node(node, lane, depth, is_otherwise)

    def _node(self, node: Plain, lane: Lane, depth: int, is_otherwise: bool) -> None:
        kind = tree.kind(node) or ""
        if kind == "execution" and len(self.lanes) < MOST_LANES:
            self._open(node, lane, depth, is_otherwise)
            return
        if len(lane.steps) < MOST_STEPS:
            lane.steps.append(Step(self._say(node), kind, depth, is_otherwise=is_otherwise))
        else:
            lane.left_out += 1
        if kind == "execution":
            return
        lane.sets_flag = lane.sets_flag or _sets(node, self._flag)
        self.nodes(_children(node, "do"), lane, depth + 1)
        self.nodes(_children(node, "otherwise"), lane, depth + 1, is_otherwise=True)

    def _open(self, node: Plain, lane: Lane, depth: int, is_otherwise: bool) -> None:
        opened = Lane(self._say(node))
        self.lanes.append(opened)
        lane.steps.append(Step(opened.title, "execution", depth, len(self.lanes) - 1, is_otherwise))
        self.nodes(_children(node, "do"), opened, 0)


def _sets(node: Plain, flag: str) -> bool:
    settings = _mapping(node.get("update_field"))
    return bool(flag) and settings.get("field") == flag and settings.get("value") not in (False, None)


def _stops(plain: Plain, first: str) -> list[Stop]:
    pages, stops, seen = _mapping(plain.get("pages")), [], set()
    key = first
    while key in pages and key not in seen:
        seen.add(key)
        page = _mapping(pages[key])
        is_wait = page.get("kind") == "wait"
        flag = str(page.get("flag") or "") if is_wait else ""
        stops.append(Stop(title_of(str(page.get("title") or ""), key), "wait" if is_wait else "content", flag))
        key = str(page.get("next") or "") if is_wait else ""
    return stops or [Stop(_("Thank you"), "none")]


def _sentences(flow: Flow) -> Iterator[str]:
    yield _("A person fills in “{form}” and submits it.").format(form=flow.title)
    yield _("The record is saved, and at once:") if flow.at_once.steps else _("The record is saved.")
    yield from (_worded(step) for step in flow.at_once.steps)
    yield from _rest(flow.at_once)
    yield _("The person goes on to “{page}”.").format(page=flow.stops[0].title)
    for lane in flow.lanes:
        yield _("Meanwhile, in the background, “{lane}”:").format(lane=lane.title)
        yield from (_worded(step) for step in lane.steps)
        yield from _rest(lane)
    for before, after in zip(flow.stops, flow.stops[1:], strict=False):
        yield _("When “{page}” has waited for the work, the person goes on to “{next}”.").format(
            page=before.title, next=after.title
        )


def _worded(step: Step) -> str:
    text = _("Otherwise: {text}").format(text=step.text) if step.is_otherwise else step.text
    return _("{text} (later, in the background)").format(text=text) if step.lane is not None else text


def _rest(lane: Lane) -> Iterator[str]:
    if lane.left_out:
        yield _("… and {n} more").format(n=lane.left_out)


def _roots(plain: Plain, event: str) -> list[Plain]:
    try:
        return tree.roots(plain, event)
    except AttributeError:  # a draft may hold anything
        return []


def _children(node: Plain, side: str) -> list[Plain]:
    found = node.get(side)
    return found if isinstance(found, list) else []


def _mapping(value: Any) -> Plain:
    return value if isinstance(value, dict) else {}
