"""Functions on numbers; exact."""

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.expressions import limits, values
from meanwhile.expressions.errors import EvaluationError
from meanwhile.expressions.functions.listing import listed, number_of, text_of, whole_of
from meanwhile.expressions.values import is_number, sized


@listed("number", "round")
def rounded(number: Any, places: Any = 0) -> Any:
    """The number rounded to so many decimal places; a half goes away from zero."""
    if number is None:
        return None
    count = whole_of(places, "round")
    if not 0 <= count <= limits.QUOTIENT_DIGITS:
        raise EvaluationError(_("round() takes at most %d places.") % limits.QUOTIENT_DIGITS)
    if isinstance(number_of(number, "round"), int):
        return number
    step = Decimal(1).scaleb(-count)
    result = number.quantize(step, ROUND_HALF_UP, context=values.EXACT)
    return int(result) if count == 0 else result


@listed("number", "int")
def whole(value: Any) -> Any:
    """A number, or a text that spells one, without what stands behind the point."""
    read = number(value)
    return None if read is None else int(Decimal(read).to_integral_value(ROUND_DOWN))


@listed("number")
def number(value: Any) -> Any:
    """The number that a text spells, such as "12.50"; a number stays as it is."""
    if value is None or is_number(value):
        return value
    text = text_of(value, "number").strip()
    if not text:
        return None
    try:
        read = Decimal(text)
    except InvalidOperation:
        raise EvaluationError(_('"%s" is not a number.') % text[:60]) from None
    sized(read)
    return int(read) if "." not in text and "e" not in text.lower() else read


@listed("number", "abs")
def magnitude(number: Any) -> Any:
    """The number without its sign."""
    if number is None:
        return None
    return values.negate(number) if values.less(number_of(number, "abs"), 0) else number


@listed("number", "min")
def smallest(value: Any, *others: Any) -> Any:
    """The smallest of several numbers, texts, dates or moments, or of the items of one list; empty ones do not
    count."""
    return _extreme(_several(value, others), values.less)


@listed("number", "max")
def largest(value: Any, *others: Any) -> Any:
    """The largest of several values, or of the items of one list; empty ones do not count."""
    return _extreme(_several(value, others), values.greater)


@listed("number", "sum")
def total(value: Any, *others: Any) -> Any:
    """The sum of several numbers, or of the items of one list; empty ones do not count."""
    result: Any = 0
    for each in _several(value, others):
        result = values.add(result, number_of(each, "sum"))
    return result


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
