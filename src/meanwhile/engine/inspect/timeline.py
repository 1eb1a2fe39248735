"""A small drawing of when what ran: positions only, in thousandths of its width. Pure.

Time in which something ran is drawn to scale. A long pause in which nothing ran is drawn short, so that a delay of
three days does not squeeze the seconds around it; the drawing marks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from meanwhile.engine.inspect.sheet import Lane, Sheet
from meanwhile.queue.states import State

WIDTH = 1000
# A pause takes no more than this part of the time in which something ran.
_PAUSE = 0.25
# The least that a bar or a step takes, so that it can be seen.
_THIN = 4.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on a lane from ``x``, ``width`` wide; ``kind`` says how it is drawn."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """A lane with its marks; ``number`` is its place on the page, from 1."""

    number: int
    lane: Lane
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """``returned``: where the person went on. ``pauses``: what was drawn short."""

    rows: tuple[Row, ...]
    began_at: datetime
    ended_at: datetime
    returned: float | None
    pauses: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """From moments to positions; ``points`` are pairs of both, rising."""

    points: tuple[tuple[datetime, float], ...]

    def at(self, moment: datetime) -> float:
        """The position of ``moment``."""
        if moment <= self.points[0][0]:
            return 0.0
        for (left, start), (right, end) in pairwise(self.points):
            if moment <= right:
                return round(start + (end - start) * ((moment - left) / (right - left)), 1)
        return float(WIDTH)


def timeline(sheet: Sheet, now: datetime) -> Timeline:
    """The drawing of a run as it stands at ``now``."""
    busy = [span for lane in sheet.lanes for span in _busy(lane, now)]
    began_at = min([lane.began_at for lane in sheet.lanes] + [start for start, _ in busy])
    moments = {began_at, *(moment for span in busy for moment in span), *_beginnings(sheet, now)}
    if sheet.returned_at:
        moments.add(sheet.returned_at)
    if len(moments) == 1:
        moments.add(began_at + timedelta(milliseconds=1))
    scale, pauses = _scale(sorted(moments), busy)
    rows = tuple(Row(number, lane, _marks(lane, scale, now)) for number, lane in enumerate(sheet.lanes, start=1))
    returned = scale.at(sheet.returned_at) if sheet.returned_at else None
    return Timeline(rows, began_at, max(moments), returned, pauses)


def _beginnings(sheet: Sheet, now: datetime) -> list[datetime]:
    """When jobs were queued, and up to when those that wait have waited."""
    begun = [lane.began_at for lane in sheet.lanes]
    return [*begun, now] if any(_waits(lane) for lane in sheet.lanes) else begun


def _waits(lane: Lane) -> bool:
    return lane.job is not None and lane.job.state in (State.AVAILABLE, State.RETRYING, State.RUNNING)


def _busy(lane: Lane, now: datetime) -> list[tuple[datetime, datetime]]:
    """When the lane did something."""
    spans = [(entry.at, entry.end) for entry in lane.entries if entry.at and entry.end]
    if lane.job is not None and lane.job.state == State.RUNNING and lane.job.started_at:
        spans.append((lane.job.started_at, max(now, lane.job.started_at)))
    return spans


def _scale(moments: Sequence[datetime], busy: Sequence[tuple[datetime, datetime]]) -> tuple[Scale, tuple[Mark, ...]]:
    gaps = list(pairwise(moments))
    is_busy = [any(start <= left and right <= end for start, end in busy) for left, right in gaps]
    lengths = [(right - left).total_seconds() for left, right in gaps]
    worked = sum(length for length, some in zip(lengths, is_busy, strict=True) if some)
    longest = max(worked * _PAUSE, 0.02)
    drawn = [length if some else min(length, longest) for length, some in zip(lengths, is_busy, strict=True)]
    unit, x, points, pauses = WIDTH / (sum(drawn) or 1), 0.0, [(moments[0], 0.0)], []
    for (_, right), length, short in zip(gaps, lengths, drawn, strict=True):
        if short < length:
            pauses.append(Mark("pause", round(x, 1), round(short * unit, 1)))
        x += short * unit
        points.append((right, x))
    return Scale(tuple(points)), tuple(pauses)


def _marks(lane: Lane, scale: Scale, now: datetime) -> tuple[Mark, ...]:
    spans = _busy(lane, now)
    first = min((start for start, _ in spans), default=now if _waits(lane) else lane.began_at)
    marks = [_mark("waits", lane.began_at, first, scale)] if lane.job is not None and first > lane.began_at else []
    if spans:
        marks.append(_mark(lane.state if lane.job else "synchronous", first, max(end for _, end in spans), scale))
    marks += [
        _mark(f"step-{entry.outcome}", entry.at, entry.end, scale) for entry in lane.entries if entry.at and entry.end
    ]
    return tuple(marks)


def _mark(kind: str, start: datetime, end: datetime, scale: Scale) -> Mark:
    x, right = scale.at(start), scale.at(end)
    width = max(right - x, _THIN)
    return Mark(kind, round(min(x, WIDTH - width), 1), round(width, 1))
