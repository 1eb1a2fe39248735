"""Spans of time as documents write them: ``90s``, ``1h30m``, ``3d``, ``2w``; and offsets such as ``+1mo`` or ``-2h``.

A span is exact: a day in it is 24 hours. An offset tells calendar units (months, weeks, days: the time on the wall
stays) from exact ones (hours, minutes, seconds).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(r"(\d{1,9})\s*(mo|[ywdhms])\s*")
_SPAN_PATTERN = r"^\s*(\d{1,9}\s*[wdhms]\s*)+$"
_OFFSET_PATTERN = r"^\s*[+-]?\s*(\d{1,9}\s*(mo|[ywdhms])\s*)+$"
# No span of a document is longer; it keeps sums of dates within the calendar.
_LONGEST = timedelta(days=36_525)


def parse_span(text: str) -> timedelta:
    """``1h30m`` as a timedelta. Units: w, d, h, m, s, each at most once. ValueError with a sentence otherwise."""
    counts = _counts(text, text)
    if "mo" in counts or "y" in counts:
        raise ValueError(f'"{text}": a month or a year is not a fixed span of time. Use weeks, days, hours, m, s.')
    return _within(sum((timedelta(seconds=_SECONDS[unit] * n) for unit, n in counts.items()), timedelta()), text)


def format_span(span: timedelta) -> str:
    """``span`` as parse_span reads it: ``1h30m``, ``0s``. Less than a second is rounded; negative ones get a minus."""
    rest = round(abs(span).total_seconds())
    parts = []
    for unit, seconds in _SECONDS.items():
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count}{unit}")
    text = "".join(parts) or "0s"
    return f"-{text}" if span < timedelta() and parts else text


@dataclass(frozen=True, slots=True)
class Offset:
    """Earlier or later: ``months`` and ``days`` on the calendar, ``seconds`` exactly. ``text`` as it was written."""

    text: str
    months: int = 0
    days: int = 0
    seconds: int = 0

    @property
    def is_earlier(self) -> bool:
        """Whether it leads back in time."""
        return min(self.months, self.days, self.seconds) < 0


def parse_offset(text: str) -> Offset:
    """``+1d``, ``-2h30m``, ``1mo``: units y, mo, w, d, h, m, s; no sign means later. ValueError otherwise."""
    stripped = text.strip()
    sign = -1 if stripped.startswith("-") else 1
    counts = _counts(stripped.removeprefix("-").removeprefix("+") if stripped[:1] in "+-" else stripped, text)
    months = counts.get("y", 0) * 12 + counts.get("mo", 0)
    days = counts.get("w", 0) * 7 + counts.get("d", 0)
    seconds = sum(counts.get(unit, 0) * _SECONDS[unit] for unit in "hms")
    _within(timedelta(days=days + months * 30, seconds=seconds), text)
    return Offset(text, sign * months, sign * days, sign * seconds)


def _counts(body: str, text: str) -> dict[str, int]:
    """Each unit of ``body`` with its count; the message of an error quotes ``text``."""
    counts: dict[str, int] = {}
    place = 0
    body = body.strip()
    while match := _PART.match(body, place):
        count, unit = int(match[1]), match[2]
        if unit in counts:
            raise ValueError(f'"{text}": the unit "{unit}" stands twice.')
        counts[unit] = count
        place = match.end()
    if place < len(body) or not counts:
        raise ValueError(f'"{text[:40]}" is not a span of time. Write it like 90s, 2m, 1h30m, 3d or 2w.')
    return counts


def _within(span: timedelta, text: str) -> timedelta:
    if span > _LONGEST:
        raise ValueError(f'"{text}" is longer than 100 years.')
    return span


def _to_span(value: Any) -> Any:
    return parse_span(value) if isinstance(value, str) else _only(value, timedelta)


def _to_offset(value: Any) -> Any:
    return parse_offset(value) if isinstance(value, str) else _only(value, Offset)


def _only(value: Any, kind: type) -> Any:
    if isinstance(value, kind):
        return value
    raise ValueError("A span of time is a text with a unit, such as 90s, 2m, 1h30m or 3d.")


# For pydantic models: a text in the document, a timedelta or an Offset in memory.
SpanSetting = Annotated[
    timedelta,
    BeforeValidator(_to_span),
    PlainSerializer(format_span, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _SPAN_PATTERN, "examples": ["90s", "1h30m", "3d"]}),
]
OffsetSetting = Annotated[
    Offset,
    BeforeValidator(_to_offset),
    PlainSerializer(lambda offset: offset.text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _OFFSET_PATTERN, "examples": ["+1d", "-2h30m", "1mo"]}),
]
