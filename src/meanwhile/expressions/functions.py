"""The functions that expressions can call. There are no others: no methods, nothing of Python's own.

Each takes what its docstring says; an empty value gives empty, unless the docstring says otherwise. The reference
page is made from ``functions_reference()``.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import re2
from django.utils.translation import gettext as _

from meanwhile.expressions import limits, moments, values
from meanwhile.expressions.errors import EvaluationError
from meanwhile.expressions.rendering import readable
from meanwhile.expressions.scope import active_now, active_scope, active_zone
from meanwhile.expressions.values import equal, is_number, kind, sized


@dataclass(frozen=True, slots=True)
class Function:
    """A listed function. ``takes``: the least and the most arguments; None: any number."""

    name: str
    target: Callable[..., Any]
    group: str
    signature: str
    summary: str
    takes: tuple[int, int | None]


FUNCTIONS: dict[str, Function] = {}


def functions_reference() -> list[Function]:
    """All functions, by group and in the order of this module; for the reference page and the editor's menu."""
    return list(FUNCTIONS.values())


def _listed(group: str, name: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def add(target: Callable[..., Any]) -> Callable[..., Any]:
        word = name or target.__name__
        parameters = inspect.signature(target).parameters.values()
        least = sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in parameters)
        most = None if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(parameters)
        shown = ", ".join(_shown(p) for p in parameters)
        summary = " ".join((target.__doc__ or "").split())
        FUNCTIONS[word] = Function(word, target, group, f"{word}({shown})", summary, (least, most))
        return target

    return add


def _shown(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"{parameter.name}, …"
    return parameter.name if parameter.default is parameter.empty else f"[{parameter.name}]"


# Texts


@_listed("text", "len")
def length(value: Any) -> Any:
    """How many characters a text has, or items a list; 0 for an empty value."""
    if value is None:
        return 0
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value)
    raise _unfit("len", value)


@_listed("text")
def lower(text: Any) -> Any:
    """The text in small letters."""
    return None if text is None else sized(_text(text, "lower").lower())


@_listed("text")
def upper(text: Any) -> Any:
    """The text in capital letters."""
    return None if text is None else sized(_text(text, "upper").upper())


@_listed("text")
def trim(text: Any) -> Any:
    """The text without blanks at either end."""
    return None if text is None else _text(text, "trim").strip()


@_listed("text")
def contains(text: Any, part: Any) -> bool:
    """Whether the part stands in the text, or the item in the list; no when either is empty."""
    return part is not None and values.contained(part, text)


@_listed("text")
def starts_with(text: Any, start: Any) -> bool:
    """Whether the text begins with ``start``; no when either is empty."""
    return _both(text, start) and _text(text, "starts_with").startswith(_text(start, "starts_with"))


@_listed("text")
def ends_with(text: Any, end: Any) -> bool:
    """Whether the text ends with ``end``; no when either is empty."""
    return _both(text, end) and _text(text, "ends_with").endswith(_text(end, "ends_with"))


@_listed("text")
def matches(text: Any, pattern: Any) -> bool:
    """Whether the regular expression (RE2's syntax) fits anywhere in the text; ``^`` and ``$`` bind it to the ends.
    No when the text is empty. Write the pattern as r"…" where it has a backslash."""
    if text is None or pattern is None:
        return False
    return _pattern(_text(pattern, "matches")).search(_text(text, "matches")) is not None


@_listed("text")
def replace(text: Any, old: Any, new: Any) -> Any:
    """The text with ``new`` wherever ``old`` stands."""
    if text is None or not old:
        return text
    text, old, new = _text(text, "replace"), _text(old, "replace"), "" if new is None else _text(new, "replace")
    if len(text) + text.count(old) * (len(new) - len(old)) > limits.TEXT_LENGTH:
        raise EvaluationError(_("The text gets longer than %d characters.") % limits.TEXT_LENGTH)
    return text.replace(old, new)


@_listed("text")
def left(text: Any, count: Any) -> Any:
    """The first ``count`` characters of the text."""
    return None if text is None else _text(text, "left")[: max(0, _whole(count, "left"))]


@_listed("text")
def right(text: Any, count: Any) -> Any:
    """The last ``count`` characters of the text."""
    if text is None:
        return None
    return _text(text, "right")[-_whole(count, "right") :] if _whole(count, "right") > 0 else ""


@_listed("text", "text")
def as_text(value: Any) -> str:
    """Any value as a placeholder shows it; nothing for an empty one."""
    shown: str = sized(readable(value, active_zone()))
    return shown


@_listed("text")
def is_empty(value: Any) -> bool:
    """Whether there is no value, no character, or no item."""
    return equal(value, None) or (isinstance(value, (list, tuple, Mapping)) and not value)


@_listed("text")
def item(value: Any, key: Any) -> Any:
    """What stands under ``key`` in a json value, or at that place (from 0) in a list; empty where nothing does."""
    if isinstance(value, Mapping):
        found = value.get(key) if isinstance(key, str) else None
    elif isinstance(value, (list, tuple)):
        place = _whole(key, "item")
        found = value[place] if -len(value) <= place < len(value) else None
    elif value is None:
        found = None
    else:
        raise _unfit("item", value)
    return values.plain(found)


@_listed("text")
def link(page: Any) -> Any:
    """The address of a page of this record, for the person who gets it: ``link("itinerary")``."""
    make = active_scope().get("link")
    if make is None:
        raise EvaluationError(_("There is no address of a page here."))
    return make(_text(page, "link"))


# Numbers


@_listed("number", "round")
def rounded(number: Any, places: Any = 0) -> Any:
    """The number rounded to so many decimal places; a half goes away from zero."""
    if number is None:
        return None
    count = _whole(places, "round")
    if not 0 <= count <= limits.QUOTIENT_DIGITS:
        raise EvaluationError(_("round() takes at most %d places.") % limits.QUOTIENT_DIGITS)
    if isinstance(_number(number, "round"), int):
        return number
    step = Decimal(1).scaleb(-count)
    result = number.quantize(step, ROUND_HALF_UP, context=values.EXACT)
    return int(result) if count == 0 else result


@_listed("number", "int")
def whole(value: Any) -> Any:
    """A number, or a text that spells one, without what stands behind the point."""
    read = number(value)
    return None if read is None else int(Decimal(read).to_integral_value(ROUND_DOWN))


@_listed("number")
def number(value: Any) -> Any:
    """The number that a text spells, such as "12.50"; a number stays as it is."""
    if value is None or is_number(value):
        return value
    text = _text(value, "number").strip()
    if not text:
        return None
    try:
        read = Decimal(text)
    except InvalidOperation:
        raise EvaluationError(_('"%s" is not a number.') % text[:60]) from None
    sized(read)
    return int(read) if "." not in text and "e" not in text.lower() else read


@_listed("number", "abs")
def magnitude(number: Any) -> Any:
    """The number without its sign."""
    if number is None:
        return None
    return values.negate(number) if values.less(_number(number, "abs"), 0) else number


@_listed("number", "min")
def smallest(value: Any, *others: Any) -> Any:
    """The smallest of several numbers, texts, dates or moments, or of the items of one list; empty ones do not
    count."""
    return _extreme(_several(value, others), values.less)


@_listed("number", "max")
def largest(value: Any, *others: Any) -> Any:
    """The largest of several values, or of the items of one list; empty ones do not count."""
    return _extreme(_several(value, others), values.greater)


@_listed("number", "sum")
def total(value: Any, *others: Any) -> Any:
    """The sum of several numbers, or of the items of one list; empty ones do not count."""
    result: Any = 0
    for each in _several(value, others):
        result = values.add(result, _number(each, "sum"))
    return result


# Dates and times


@_listed("date")
def today() -> date:
    """The date of today in the site's zone."""
    return moments.local_date(active_now(), active_zone())


@_listed("date", "date")
def as_date(value: Any, month: Any = None, day: Any = None) -> Any:
    """A date: of a text such as "2026-05-31", of a moment (in the site's zone), or of year, month and day."""
    if value is None:
        return None
    if is_number(value):
        return date(_whole(value, "date"), _whole(month, "date"), _whole(day, "date"))
    if isinstance(value, datetime):
        return moments.local_date(value, active_zone())
    if isinstance(value, date):
        return value
    if found := moments.read_date(_text(value, "date")):
        return found
    raise EvaluationError(_('"%s" is not a date. Write it like 2026-05-31.') % value[:60])


@_listed("date", "datetime")
def as_moment(value: Any) -> Any:
    """A moment: of a text such as "2026-05-31 14:30" (in the site's zone, unless it says another), or the start of a
    date."""
    if value is None or isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return moments.start_of_day(value, active_zone())
    return moments.read_moment(_text(value, "datetime"), active_zone())


def _part(name: str, summary: str) -> None:
    def part(value: Any) -> Any:
        return None if value is None else getattr(_wall(value, name), name)

    part.__doc__ = summary
    _listed("date", name)(part)


_part("year", "The year of a date or moment (in the site's zone).")
_part("month", "The month of a date or moment, 1 to 12.")
_part("day", "The day of the month of a date or moment.")
_part("hour", "The hour of a moment in the site's zone, 0 to 23.")
_part("minute", "The minute of a moment.")


@_listed("date")
def weekday(value: Any) -> Any:
    """The day of the week of a date or moment: 1 is Monday, 7 is Sunday."""
    return None if value is None else _wall(value, "weekday").isoweekday()


@_listed("date")
def weeks(count: Any) -> Any:
    """A span of so many weeks, to be added to a date or moment or taken from it."""
    return _span(count, 7 * 86_400, "weeks")


@_listed("date")
def days(count: Any) -> Any:
    """A span of so many days of 24 hours: ``record.departure - days(3)``."""
    return _span(count, 86_400, "days")


@_listed("date")
def hours(count: Any) -> Any:
    """A span of so many hours: ``now + hours(2)``."""
    return _span(count, 3_600, "hours")


@_listed("date")
def minutes(count: Any) -> Any:
    """A span of so many minutes."""
    return _span(count, 60, "minutes")


@_listed("date")
def add_days(value: Any, count: Any) -> Any:
    """A date or moment so many days later (earlier for a negative count), at the same time on the wall."""
    return _shifted(value, "add_days", days=_whole(count, "add_days"))


@_listed("date")
def add_months(value: Any, count: Any) -> Any:
    """A date or moment so many months later; the last day of the month where it has no such day."""
    return _shifted(value, "add_months", months=_whole(count, "add_months"))


@_listed("date")
def days_between(start: Any, end: Any) -> Any:
    """How many days on the calendar lead from ``start`` to ``end``; negative when ``end`` is earlier."""
    if start is None or end is None:
        return None
    return (as_date(end) - as_date(start)).days


@_listed("date")
def minutes_between(start: Any, end: Any) -> Any:
    """How many whole minutes lie between two moments; negative when ``end`` is earlier."""
    if start is None or end is None:
        return None
    return int((as_moment(end) - as_moment(start)) / timedelta(minutes=1))


# What they share


@lru_cache(maxsize=64)  # each may keep as much memory as PATTERN_BYTES allows
def _pattern(pattern: str) -> Any:
    """The compiled pattern; EvaluationError where it is none. RE2 takes time in proportion to the text, always."""
    if len(pattern) > limits.PATTERN_LENGTH:
        raise EvaluationError(_("A pattern has at most %d characters.") % limits.PATTERN_LENGTH)
    options = re2.Options()
    options.max_mem = limits.PATTERN_BYTES
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise EvaluationError(_("The pattern is not a regular expression of RE2: %s.") % reason) from None


def check_pattern(pattern: str) -> None:
    """EvaluationError where ``pattern`` is not one for ``matches``."""
    _pattern(pattern)


def _unfit(function: str, value: Any) -> EvaluationError:
    return EvaluationError(_("%(function)s() cannot work with %(kind)s.") % {"function": function, "kind": kind(value)})


def _text(value: Any, function: str) -> str:
    if isinstance(value, str):
        return value
    raise _unfit(function, value)


def _number(value: Any, function: str) -> Any:
    if is_number(value):
        return sized(value)
    raise _unfit(function, value)


def _whole(value: Any, function: str) -> int:
    number = _number(value, function)
    if number != int(number):
        raise EvaluationError(_("%s() wants a whole number.") % function)
    return int(number)


def _both(left: Any, right: Any) -> bool:
    return left is not None and right is not None


def _several(value: Any, others: tuple[Any, ...]) -> list[Any]:
    items = value if isinstance(value, (list, tuple)) and not others else [value, *others]
    return [each for each in map(values.plain, items) if each is not None]


def _extreme(items: list[Any], better: Callable[[Any, Any], bool]) -> Any:
    if not items:
        return None
    best = items[0]
    for each in items[1:]:
        best = each if better(each, best) else best
    return best


def _wall(value: Any, function: str) -> date:
    """The date, or the moment as clocks in the site's zone show it."""
    if isinstance(value, datetime):
        return value.astimezone(active_zone())
    if isinstance(value, date) and function not in ("hour", "minute"):
        return value
    raise _unfit(function, value)


def _span(count: Any, seconds: int, function: str) -> Any:
    return None if count is None else values.multiply(timedelta(seconds=seconds), _number(count, function))


def _shifted(value: Any, function: str, **units: int) -> Any:
    if value is None:
        return None
    if isinstance(value, datetime):
        return moments.add_calendar(value, active_zone(), **units)
    if isinstance(value, date):
        return moments.add_to_date(value, **units)
    raise _unfit(function, value)
