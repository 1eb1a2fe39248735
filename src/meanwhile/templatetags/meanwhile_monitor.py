"""How the monitor draws times, states and outcomes. Drawings come from one sprite; nothing is said by them alone."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.core import clock
from meanwhile.core.zone import site_zone, written

register = template.Library()

# From this many seconds on, one of the unit is the measure.
_UNITS = (
    (86_400, gettext_lazy("{n} d")),
    (3_600, gettext_lazy("{n} h")),
    (60, gettext_lazy("{n} min")),
    (1, gettext_lazy("{n} s")),
)

# Drawings by state and by outcome; several words may share one.
_DRAWINGS = {
    "completed": "check",
    "done": "check",
    "finished": "check",
    "true": "check",
    "false": "minus",
    "failed": "cross",
    "gone": "ghost",
    "unknown": "question",
    "retrying": "again",
    "scheduled": "clock",
    "available": "dots",
    "running": "play",
    "unfinished": "play",
    "prepared": "play",
    "queued": "branch",
    "called": "arrow",
    "resumed": "again",
    "restarted": "again",
    "moved": "arrow",
    "skipped": "skip",
    "disabled": "off",
    "cancelled": "stop",
}


@register.simple_tag
def icon(word: str) -> SafeString:
    """The drawing of a state, an outcome, or of that name."""
    return format_html(
        '<svg class="mw-icon" aria-hidden="true" focusable="false"><use href="#mw-i-{}"/></svg>',
        _DRAWINGS.get(str(word), str(word)),
    )


@register.simple_tag
def state(word: str, label: Any) -> SafeString:
    """A state with its drawing and its word."""
    return format_html('<span class="mw-tag" data-state="{}">{}{}</span>', word, icon(word), label)


@register.simple_tag
def ago(at: datetime | None) -> SafeString | str:
    """A moment as people ask for it: how long ago, or in how long; the exact one on hover."""
    if at is None:
        return "–"
    return _time(at, _relative((clock.now() - at).total_seconds()))


@register.simple_tag
def moment(at: datetime | None) -> SafeString | str:
    """A moment, exact, in the site's zone."""
    return "–" if at is None else _time(at, written(at))


@register.simple_tag
def time_of_day(at: datetime | None) -> SafeString | str:
    """The time of day to the hundredth; the whole moment on hover."""
    if at is None:
        return ""
    here = localtime(at, site_zone())
    return _time(at, f"{here:%H:%M:%S}.{here.microsecond // 10_000:02}")


@register.filter
def seconds_after(at: datetime | None, start: datetime) -> str:
    """How long after ``start``, for people."""
    return "" if at is None else _span(max((at - start).total_seconds(), 0.0))


@register.filter
def went_on(at: datetime, start: datetime) -> str:
    """When somebody went on who had begun at ``start``: at once, or after how long."""
    waited = (at - start).total_seconds()
    return _("at once") if waited < 0.01 else _("after {span}").format(span=_span(waited))


@register.filter
def age(at: datetime | None) -> str:
    """How long ago, as a bare span of time."""
    return "" if at is None else _span(max((clock.now() - at).total_seconds(), 0.0))


@register.filter
def span(seconds: float | None) -> str:
    """A span of time; nothing where there is none."""
    return "" if seconds is None else _span(seconds)


def _time(at: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), written(at), text)


def _relative(seconds: float) -> str:
    if abs(seconds) < 1:
        return _("just now")
    words = _("{span} ago") if seconds > 0 else _("in {span}")
    return words.format(span=_span(max(round(abs(seconds)), 1)))


def _span(seconds: float) -> str:
    if seconds < 1:
        return _("{n} ms").format(n=round(seconds * 1000))
    if seconds < 10:
        return _("{n} s").format(n=f"{seconds:.2f}".rstrip("0").rstrip("."))
    for size, words in _UNITS:
        if seconds >= size:
            return str(words).format(n=f"{round(seconds / size, 1 if seconds < 10 * size else 0):g}")
    return _("0 s")
