"""The list that functions are put on, and what they share."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.expressions.errors import EvaluationError
from meanwhile.expressions.values import is_number, kind, sized


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


def listed(group: str, name: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: a function that expressions can call. Its docstring is its entry in the reference."""

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


def unfit(function: str, value: Any) -> EvaluationError:
    """The error of a function that got the wrong kind of value."""
    return EvaluationError(_("%(function)s() cannot work with %(kind)s.") % {"function": function, "kind": kind(value)})


def text_of(value: Any, function: str) -> str:
    """``value``, which must be a text."""
    if isinstance(value, str):
        return value
    raise unfit(function, value)


def number_of(value: Any, function: str) -> Any:
    """``value``, which must be a number."""
    if is_number(value):
        return sized(value)
    raise unfit(function, value)


def whole_of(value: Any, function: str) -> int:
    """``value``, which must be a whole number."""
    number = number_of(value, function)
    if number != int(number):
        raise EvaluationError(_("%s() wants a whole number.") % function)
    return int(number)
