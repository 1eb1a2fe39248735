"""The values of expressions and what operators do with them: exact numbers, empty values, capped sizes.

Empty is None. Arithmetic with it gives empty, ordering against it is false, and text joined with it is the text.
An empty text is empty too. A date beside a moment means the start of its day in the site's zone.
"""

import operator
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.expressions import limits
from meanwhile.expressions.errors import EvaluationError
from meanwhile.expressions.moments import start_of_day
from meanwhile.expressions.scope import Namespace, active_zone

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
# Sums and products of numbers within DIGITS are exact in twice as many.
EXACT = Context(prec=2 * limits.DIGITS + 2, Emin=-9_999, Emax=9_999, traps=_TRAPS)
QUOTIENT = Context(prec=limits.QUOTIENT_DIGITS, Emin=-9_999, Emax=9_999, traps=_TRAPS)

_LARGEST = 10**limits.DIGITS
_MICROSECOND = timedelta(microseconds=1)

_KINDS: dict[type, Any] = {
    bool: gettext_lazy("yes/no"),
    int: gettext_lazy("a number"),
    Decimal: gettext_lazy("a number"),
    str: gettext_lazy("a text"),
    datetime: gettext_lazy("a date and time"),
    date: gettext_lazy("a date"),
    timedelta: gettext_lazy("a span of time"),
    list: gettext_lazy("a list"),
    tuple: gettext_lazy("a list"),
    type(None): gettext_lazy("empty"),
}
_NUMBERS = (int, Decimal)


def plain(value: Any) -> Any:
    """``value`` as expressions work with it: a link is the id of its record, a float its exact decimal."""
    if isinstance(value, Namespace):
        return plain(value.get("id"))
    return Decimal(str(value)) if isinstance(value, float) else value


def kind(value: Any) -> str:
    """The kind of ``value`` in words."""
    return str(_KINDS.get(type(value)) or _("a value"))


def is_number(value: Any) -> bool:
    """Whether it is an exact number; yes/no is none."""
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def sized(value: Any) -> Any:
    """``value``, unless it is larger than an expression may make."""
    if isinstance(value, str):
        if len(value) > limits.TEXT_LENGTH:
            raise EvaluationError(_("The text gets longer than %d characters.") % limits.TEXT_LENGTH)
    elif isinstance(value, Decimal):
        sign_digits_exponent = value.as_tuple()
        exponent = sign_digits_exponent.exponent
        if not isinstance(exponent, int) or max(len(sign_digits_exponent.digits), abs(exponent)) > limits.DIGITS:
            raise EvaluationError(_("The number gets longer than %d digits.") % limits.DIGITS)
    elif isinstance(value, int) and not -_LARGEST < value < _LARGEST:
        raise EvaluationError(_("The number gets longer than %d digits.") % limits.DIGITS)
    return value


def _cannot(sentence: str, left: Any, right: Any) -> EvaluationError:
    return EvaluationError(sentence % {"left": kind(left), "right": kind(right)})


def add(left: Any, right: Any) -> Any:
    """Numbers, texts, spans, a date or moment and a span."""
    if isinstance(left, str) or isinstance(right, str):
        return _join(left, right)
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return sized(left + right if _are_ints(left, right) else EXACT.add(left, right))
    if isinstance(right, timedelta) and isinstance(left, (date, timedelta)):
        return _moved(left, right)
    if isinstance(left, timedelta) and isinstance(right, date):
        return _moved(right, left)
    raise _cannot(_("%(left)s and %(right)s cannot be added."), left, right)


def subtract(left: Any, right: Any) -> Any:
    """Numbers, spans, a date or moment and a span, two dates or moments."""
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return sized(left - right if _are_ints(left, right) else EXACT.subtract(left, right))
    if isinstance(right, timedelta) and isinstance(left, (date, timedelta)):
        return _moved(left, -right)
    if isinstance(left, date) and isinstance(right, date):
        left, right = alike(left, right)
        return left - right
    raise _cannot(_("%(right)s cannot be subtracted from %(left)s."), left, right)


def multiply(left: Any, right: Any) -> Any:
    """Numbers; a span and a number. Never a text or a list: that is how memory is filled."""
    if isinstance(left, (str, list, tuple)) or isinstance(right, (str, list, tuple)):
        raise _cannot(_("%(left)s and %(right)s cannot be multiplied."), left, right)
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return sized(left * right if _are_ints(left, right) else EXACT.multiply(left, right))
    if isinstance(left, timedelta) and is_number(right):
        return timedelta(microseconds=int(EXACT.multiply(Decimal(left // _MICROSECOND), Decimal(right))))
    if isinstance(right, timedelta) and is_number(left):
        return multiply(right, left)
    raise _cannot(_("%(left)s and %(right)s cannot be multiplied."), left, right)


def divide(left: Any, right: Any) -> Any:
    """The exact quotient, or 28 digits of it; whole where two whole numbers come out even."""
    if left is None or right is None:
        return None
    _divisible(left, right)
    if _are_ints(left, right) and left % right == 0:
        return left // right
    return sized(QUOTIENT.divide(Decimal(left), Decimal(right)))


def floor_divide(left: Any, right: Any) -> Any:
    """The quotient rounded down."""
    if left is None or right is None:
        return None
    _divisible(left, right)
    return left // right if _are_ints(left, right) else sized(_floor(Decimal(left), Decimal(right))[0])


def remainder(left: Any, right: Any) -> Any:
    """What is left over by ``//``; it has the sign of the divisor. Never the formatting of a text."""
    if left is None or right is None:
        return None
    _divisible(left, right)
    return left % right if _are_ints(left, right) else sized(_floor(Decimal(left), Decimal(right))[1])


def power(base: Any, exponent: Any) -> Any:
    """``base`` to a whole exponent of at most 100."""
    if base is None or exponent is None:
        return None
    _both_numbers(base, exponent)
    if exponent != int(exponent) or abs(exponent) > limits.POWER:
        raise EvaluationError(_("An exponent is a whole number of at most %d.") % limits.POWER)
    count = int(exponent)
    result: Any = 1
    for _times in range(abs(count)):  # each step is checked, so that no intermediate result is huge
        result = multiply(result, base)
    return divide(1, result) if count < 0 else result


def negate(value: Any) -> Any:
    """Minus; of a number or a span."""
    if value is None:
        return None
    if is_number(value):
        return -value if isinstance(value, int) else EXACT.minus(value)
    if isinstance(value, timedelta):
        return -value
    raise EvaluationError(_("%s cannot have a minus sign.") % kind(value))


def affirm(value: Any) -> Any:
    """Plus; of a number."""
    return negate(negate(value))


def equal(left: Any, right: Any) -> bool:
    """Whether both are the same; an empty text is empty. Yes/no is never the same as a number."""
    left = None if left == "" else left
    right = None if right == "" else right
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, date) and isinstance(right, date):
        left, right = alike(left, right)
    return bool(left == right)


def unequal(left: Any, right: Any) -> bool:
    """The opposite of ``equal``."""
    return not equal(left, right)


def contained(item: Any, container: Any) -> bool:
    """``in``: an item of a list, a part of a text. Nothing is in an empty value; empty is only in a list with it."""
    if container is None:
        return False
    if isinstance(container, (list, tuple)):
        return any(equal(item, other) for other in container)
    if isinstance(container, str):
        if item is None:
            return False
        if isinstance(item, str):
            return item in container
    raise _cannot(_('"in" looks in a list or a text; %(left)s in %(right)s makes no sense.'), item, container)


def not_contained(item: Any, container: Any) -> bool:
    """The opposite of ``contained``."""
    return not contained(item, container)


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        if is_number(left) and is_number(right):
            return compare(left, right)
        if isinstance(left, date) and isinstance(right, date):
            return compare(*alike(left, right))
        if type(left) is type(right) and isinstance(left, (str, timedelta)):
            return compare(left, right)
        if left == "" or right == "":
            return False
        raise _cannot(_("%(left)s and %(right)s have no order."), left, right)

    return ordered


less = _ordering(operator.lt)
less_or_equal = _ordering(operator.le)
greater = _ordering(operator.gt)
greater_or_equal = _ordering(operator.ge)


def alike(left: date, right: date) -> tuple[date, date]:
    """Two dates or two moments: a date beside a moment becomes the start of its day in the site's zone."""
    if isinstance(left, datetime) and not isinstance(right, datetime):
        return left, start_of_day(right, active_zone())
    if isinstance(right, datetime) and not isinstance(left, datetime):
        return start_of_day(left, active_zone()), right
    return left, right


def _are_ints(left: Any, right: Any) -> bool:
    return isinstance(left, int) and isinstance(right, int)


def _both_numbers(left: Any, right: Any) -> None:
    if not (is_number(left) and is_number(right)):
        raise _cannot(_("%(left)s and %(right)s cannot be calculated with; both must be numbers."), left, right)
    sized(left)
    sized(right)


def _divisible(left: Any, right: Any) -> None:
    _both_numbers(left, right)
    if not right:
        raise EvaluationError(_("Division by zero."))


def _floor(left: Decimal, right: Decimal) -> tuple[Decimal, Decimal]:
    whole = EXACT.divide_int(left, right)
    rest = EXACT.subtract(left, EXACT.multiply(whole, right))
    if rest and (rest < 0) is not (right < 0):
        whole, rest = EXACT.subtract(whole, Decimal(1)), EXACT.add(rest, right)
    return whole.to_integral_value(ROUND_FLOOR), rest


def _join(left: Any, right: Any) -> str:
    left = "" if left is None else left
    right = "" if right is None else right
    if not (isinstance(left, str) and isinstance(right, str)):
        raise _cannot(_("%(left)s and %(right)s cannot be joined; make a text of it with text(…)."), left, right)
    joined: str = sized(left + right)
    return joined


def _moved(start: date | timedelta, span: timedelta) -> Any:
    is_date = isinstance(start, date) and not isinstance(start, datetime)
    if is_date and span % timedelta(days=1):
        raise EvaluationError(_("A date can be moved by whole days only; make a moment of it with datetime(…)."))
    return start + span
