"""Functions on dates, moments and spans, in the site's zone."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.expressions import moments, values
from meanwhile.expressions.errors import EvaluationError
from meanwhile.expressions.functions.listing import listed, number_of, text_of, unfit, whole_of
from meanwhile.expressions.scope import active_now, active_zone
from meanwhile.expressions.values import is_number


@listed("date")
def today() -> date:
    """The date of today in the site's zone."""
    return moments.local_date(active_now(), active_zone())


@listed("date", "date")
def as_date(value: Any, month: Any = None, day: Any = None) -> Any:
    """A date: of a text such as "2026-05-31", of a moment (in the site's zone), or of year, month and day."""
    if value is None:
        return None
    if is_number(value):
        return date(whole_of(value, "date"), whole_of(month, "date"), whole_of(day, "date"))
    if isinstance(value, datetime):
        return moments.local_date(value, active_zone())
    if isinstance(value, date):
        return value
    if found := moments.read_date(text_of(value, "date")):
        return found
    raise EvaluationError(_('"%s" is not a date. Write it like 2026-05-31.') % value[:60])


@listed("date", "datetime")
def as_moment(value: Any) -> Any:
    """A moment: of a text such as "2026-05-31 14:30" (in the site's zone, unless it says another), or the start of a
    date."""
    if value is None or isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return moments.start_of_day(value, active_zone())
    return moments.read_moment(text_of(value, "datetime"), active_zone())


def _part(name: str, summary: str) -> None:
    def part(value: Any) -> Any:
        return None if value is None else getattr(_wall(value, name), name)

    part.__doc__ = summary
    listed("date", name)(part)


_part("year", "The year of a date or moment (in the site's zone).")
_part("month", "The month of a date or moment, 1 to 12.")
_part("day", "The day of the month of a date or moment.")
_part("hour", "The hour of a moment in the site's zone, 0 to 23.")
_part("minute", "The minute of a moment.")


@listed("date")
def weekday(value: Any) -> Any:
    """The day of the week of a date or moment: 1 is Monday, 7 is Sunday."""
    return None if value is None else _wall(value, "weekday").isoweekday()


@listed("date")
def weeks(count: Any) -> Any:
    """A span of so many weeks, to be added to a date or moment or taken from it."""
    return _span(count, 7 * 86_400, "weeks")


@listed("date")
def days(count: Any) -> Any:
    """A span of so many days of 24 hours: ``record.departure - days(3)``."""
    return _span(count, 86_400, "days")


@listed("date")
def hours(count: Any) -> Any:
    """A span of so many hours: ``now + hours(2)``."""
    return _span(count, 3_600, "hours")


@listed("date")
def minutes(count: Any) -> Any:
    """A span of so many minutes."""
    return _span(count, 60, "minutes")


@listed("date")
def add_days(value: Any, count: Any) -> Any:
    """A date or moment so many days later (earlier for a negative count), at the same time on the wall."""
    return _shifted(value, "add_days", days=whole_of(count, "add_days"))


@listed("date")
def add_months(value: Any, count: Any) -> Any:
    """A date or moment so many months later; the last day of the month where it has no such day."""
    return _shifted(value, "add_months", months=whole_of(count, "add_months"))


@listed("date")
def days_between(start: Any, end: Any) -> Any:
    """How many days on the calendar lead from ``start`` to ``end``; negative when ``end`` is earlier."""
    if start is None or end is None:
        return None
    return (as_date(end) - as_date(start)).days


@listed("date")
def minutes_between(start: Any, end: Any) -> Any:
    """How many whole minutes lie between two moments; negative when ``end`` is earlier."""
    if start is None or end is None:
        return None
    return int((as_moment(end) - as_moment(start)) / timedelta(minutes=1))


def _wall(value: Any, function: str) -> date:
    """The date, or the moment as clocks in the site's zone show it."""
    if isinstance(value, datetime):
        return value.astimezone(active_zone())
    if isinstance(value, date) and function not in ("hour", "minute"):
        return value
    raise unfit(function, value)


def _span(count: Any, seconds: int, function: str) -> Any:
    return None if count is None else values.multiply(timedelta(seconds=seconds), number_of(count, function))


def _shifted(value: Any, function: str, **units: int) -> Any:
    if value is None:
        return None
    if isinstance(value, datetime):
        return moments.add_calendar(value, active_zone(), **units)
    if isinstance(value, date):
        return moments.add_to_date(value, **units)
    raise unfit(function, value)
