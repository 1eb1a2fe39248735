"""Pydantic's errors in the words of documents, with the nearest key or word that would be right."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from meanwhile.definitions.problems import Finding, Loc, nearest

# The type of an error that is in our words already.
OURS = "meanwhile"


def findings_of(error: ValidationError, model: type[BaseModel], at: Loc = ()) -> list[Finding]:
    """The errors of reading ``model``, each at its place below ``at``."""
    details = error.errors(include_url=False)
    return [_finding(detail, model, at) for detail in details]


def refusal(findings: Iterable[Finding], title: str) -> ValidationError:
    """``findings`` as an error that pydantic puts below the place of whoever raises it."""
    return ValidationError.from_exception_data(title, [_line(finding) for finding in findings])


def _line(finding: Finding) -> InitErrorDetails:
    context = {
        "message": finding.message,
        "suggestion": finding.suggestion,
        "at_key": finding.at_key,
        "offset": finding.offset,
    }
    return InitErrorDetails(type=PydanticCustomError(OURS, "{message}", context), loc=finding.loc, input=None)


def _finding(detail: Any, model: type[BaseModel], at: Loc) -> Finding:
    kind, loc, context = detail["type"], tuple(detail["loc"]), detail.get("ctx", {})
    if kind == OURS:
        return Finding(
            (*at, *loc), context["message"], context["suggestion"], at_key=context["at_key"], offset=context["offset"]
        )
    if kind == "expression":
        return _of_expression(context, (*at, *loc))
    if kind == "missing":
        return Finding((*at, *loc[:-1]), _('"{key}" is missing.').format(key=loc[-1]))
    if kind == "extra_forbidden":
        suggestion = nearest(loc[-1], keys_of(model, loc[:-1]))
        return Finding((*at, *loc), unknown_key(loc[-1]), suggestion, at_key=True)
    return Finding((*at, *_without_key_mark(loc)), _message(detail), _suggestion(detail), at_key="[key]" in loc)


# Where an expression's own message says that it is wrong; the place in the file says it better.
_OWN_PLACE = re.compile(r"\s*\([^()]*\d\)$")


def _of_expression(context: Mapping[str, Any], loc: Loc) -> Finding:
    """An error within an expression or text. In a text of several lines, its message keeps the place."""
    if context["line"] > 1:
        return Finding(loc, context["reason"])
    return Finding(loc, _OWN_PLACE.sub("", context["reason"]), offset=context["column"] - 1)


def _without_key_mark(loc: Loc) -> Loc:
    return tuple(part for part in loc if part != "[key]")


def unknown_key(key: object) -> str:
    """The message for a key that nothing reads."""
    return _('Unknown key "{key}".').format(key=str(key)[:80])


_MESSAGES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_type": lambda _context: _("This should be text; put it in quotes."),
    "string_too_short": lambda _context: _("This is too short."),
    "list_type": lambda _context: _("This should be a list: each item after a dash."),
    "tuple_type": lambda _context: _("This should be a list: each item after a dash."),
    "frozen_set_type": lambda _context: _("This should be a list: each item after a dash."),
    "dict_type": lambda _context: _('This should be a mapping: "key: value".'),
    "mapping_type": lambda _context: _('This should be a mapping: "key: value".'),
    "model_type": lambda _context: _('This should be a mapping: "key: value".'),
    "model_attributes_type": lambda _context: _('This should be a mapping: "key: value".'),
    "int_type": lambda _context: _("This should be a whole number."),
    "int_parsing": lambda _context: _("This should be a whole number."),
    "int_from_float": lambda _context: _("This should be a whole number."),
    "decimal_type": lambda _context: _("This should be a number."),
    "decimal_parsing": lambda _context: _("This should be a number."),
    "float_type": lambda _context: _("This should be a number."),
    "float_parsing": lambda _context: _("This should be a number."),
    "bool_type": lambda _context: _("This should be true or false."),
    "bool_parsing": lambda _context: _("This should be true or false."),
    "literal_error": lambda context: _("This should be one of {words}.").format(words=context["expected"]),
    "string_pattern_mismatch": lambda _context: _("This is not written as it should be."),
    "greater_than_equal": lambda context: _("This should be at least {limit}.").format(limit=context["ge"]),
    "greater_than": lambda context: _("This should be more than {limit}.").format(limit=context["gt"]),
    "less_than_equal": lambda context: _("This should be at most {limit}.").format(limit=context["le"]),
    "less_than": lambda context: _("This should be less than {limit}.").format(limit=context["lt"]),
}


def _message(detail: Any) -> str:
    context = detail.get("ctx", {})
    if explain := _MESSAGES.get(detail["type"]):
        return explain(context)
    if error := context.get("error"):
        return str(error)
    message: str = context.get("message") or detail["msg"]
    return message if message.endswith((".", "?", "!")) else f"{message}."


def _suggestion(detail: Any) -> str | None:
    context = detail.get("ctx", {})
    if suggestion := context.get("suggestion"):
        return str(suggestion)
    if detail["type"] == "literal_error" and isinstance(detail["input"], str):
        words = [word.strip(" '") for word in context["expected"].replace(" or ", ",").split(",")]
        return nearest(detail["input"], words)
    return None


# --- what pydantic lets pass -------------------------------------------------------------------------------------


def text_for_values(model: type[BaseModel], data: Any, at: Loc = ()) -> Iterator[Finding]:
    """Text where ``model`` wants true, false or a number. Pydantic reads "yes" and "5", but a document says what it
    means, and its JSON Schema agrees."""
    if not isinstance(data, dict):
        return
    for name, info in model.model_fields.items():
        value = data.get(info.alias or name)
        if isinstance(value, str) and (message := _wanted(info.annotation)):
            yield Finding((*at, info.alias or name), message)
        elif isinstance(value, bool) and _plain(info.annotation) in (int, Decimal):
            yield Finding((*at, info.alias or name), _("This should be a number."))


def _wanted(annotation: Any) -> str | None:
    plain = _plain(annotation)
    if plain is bool:
        return _("This should be true or false, without quotes.")
    if plain in (int, Decimal, float):
        return _("This should be a number, without quotes.")
    return None


def _plain(annotation: Any) -> Any:
    """The type in ``X``, ``X | None`` and ``Annotated[X, …]``."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not NoneType]
        return _plain(members[0]) if len(members) == 1 else None
    return annotation


# --- which keys a model knows ------------------------------------------------------------------------------------


def keys_of(model: type[BaseModel], loc: Loc = ()) -> list[str]:
    """The keys that may stand at ``loc`` below a mapping that ``model`` reads; empty where that is not known."""
    found = _model_at(model, loc)
    return [info.alias or name for name, info in found.model_fields.items()] if found else []


def _model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    if not loc:
        return model
    for name, info in model.model_fields.items():
        if loc[0] in (name, info.alias) and (inner := _model_in(info.annotation)):
            rest = loc[1:]
            while rest and not _has_key(inner, rest[0]):  # keys and positions of what holds the models
                rest = rest[1:]
            return _model_at(inner, rest)
    return None


def _has_key(model: type[BaseModel], key: object) -> bool:
    return any(key in (name, info.alias) for name, info in model.model_fields.items())


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
