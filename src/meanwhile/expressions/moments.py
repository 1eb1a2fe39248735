"""Dates and moments in the site's zone, right also on the days when its clocks change."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from whenever import Instant, PlainDateTime, RepeatedTime, SkippedTime, ZonedDateTime

from meanwhile.expressions.errors import EvaluationError

type Unit = Literal["hour", "day", "week", "month", "year"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def zone_name(zone: ZoneInfo) -> str:
    """The IANA name of ``zone``."""
    return zone.key or "UTC"


def in_zone(moment: datetime, zone: ZoneInfo) -> ZonedDateTime:
    """``moment`` (aware) as the clocks of ``zone`` show it."""
    return Instant(moment).to_tz(zone_name(zone))


def to_utc(moment: ZonedDateTime) -> datetime:
    """``moment`` as Python's own datetime in UTC."""
    return moment.to_instant().to_stdlib().astimezone(UTC)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date that calendars in ``zone`` show at ``moment``."""
    return in_zone(moment, zone).date().to_stdlib()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of ``day`` in ``zone``: midnight, or the end of the gap where clocks skip it."""
    noon = PlainDateTime(day.year, day.month, day.day, 12).assume_tz(zone_name(zone), disambiguation="compatible")
    return to_utc(noon.start_of("day"))


def start_of_next(unit: Unit, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first start of an hour, day, week (Monday), month or year in ``zone`` after ``moment``."""
    end = in_zone(moment, zone).end_of("week_mon" if unit == "week" else unit)
    return to_utc(end.add(nanoseconds=1))


def add_calendar(moment: datetime, zone: ZoneInfo, *, months: int = 0, days: int = 0, seconds: int = 0) -> datetime:
    """``moment`` moved by calendar months and days, which keep the time on the wall, then by exact seconds.

    A wall time that the clocks skip becomes the one after the gap; of a repeated one the first is meant.
    """
    moved = in_zone(moment, zone).add(months=months, days=days, disambiguation="compatible")
    return to_utc(moved.add(seconds=seconds))


def read_date(text: str) -> date | None:
    """The date that ``text`` spells (``2026-05-31``), or None where it is none."""
    text = text.strip()
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment that ``text`` spells in ISO 8601, in UTC; without an offset it is the time on the wall in ``zone``.

    A date alone is the start of its day. EvaluationError for anything else, and for a wall time that does not exist
    or comes twice on the day when the clocks change.
    """
    if day := read_date(text):
        return start_of_day(day, zone)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise EvaluationError(
            _('"%(text)s" is not a date and time. Write it like 2026-05-31 14:30.') % {"text": text[:60]}
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else on_the_wall(moment, zone)


def on_the_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in ``zone`` show ``wall`` (naive). EvaluationError where that is none or two."""
    words = {"wall": wall.isoformat(" ", "minutes"), "zone": zone_name(zone)}
    try:
        return to_utc(PlainDateTime(wall).assume_tz(zone_name(zone), disambiguation="raise"))
    except SkippedTime:
        raise EvaluationError(
            _("%(wall)s does not exist in %(zone)s: the clocks go forward then. Choose another time.") % words
        ) from None
    except RepeatedTime:
        raise EvaluationError(
            _("%(wall)s comes twice in %(zone)s: the clocks go back then. Add the offset, such as +01:00.") % words
        ) from None


def add_to_date(day: date, *, months: int = 0, days: int = 0) -> date:
    """``day`` moved by calendar months (the last day of a short month where needed) and days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last)) + timedelta(days=days)
