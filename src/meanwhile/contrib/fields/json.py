"""Structured data: lists and mappings."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from meanwhile.contrib.fields.limits import PlainSettings, refuse_unstorable
from meanwhile.core import exact_json
from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

# Deeper data is more likely a mistake, and readers of JSON give up at some depth.
DEPTH = 40
# Longer numbers are refused by JSON's own readers.
DIGITS = 1000


if TYPE_CHECKING:
    _JSONField = models.JSONField[Any]
else:
    _JSONField = models.JSONField


class JsonColumn(_JSONField):
    """On SQLite a text column that is told from others, so that a dropped text does not come back as JSON."""

    def __init__(self, **options: Any) -> None:
        super().__init__(null=True, encoder=exact_json.ExactEncoder, decoder=exact_json.ExactDecoder)

    def db_type(self, connection: Any) -> str | None:
        return "text json" if connection.vendor == "sqlite" else super().db_type(connection)


class JsonSettings(PlainSettings):
    max_length: int = Field(100_000, ge=2, le=1_000_000, description="How many characters it may have as JSON text.")


@register
class Json(FieldType):
    """A list or a mapping, or text that is the JSON of one. Fractions are decimals, exactly."""

    type = "json"
    label = _("Structured data")
    description = _("A list or a mapping, written as JSON.")
    Settings = JsonSettings

    def column(self, settings: JsonSettings) -> "models.Field[Any, Any]":
        return JsonColumn()

    def control(self, settings: JsonSettings) -> forms.Field:
        widget = forms.Textarea({"rows": 5, "spellcheck": "false", "maxlength": settings.max_length})
        return Control(partial(self.clean, settings=settings), widget, show=partial(_text, indent=2))

    def clean(self, value: Any, settings: JsonSettings) -> Any:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        data = _kept(_parse(value, settings) if isinstance(value, str) else value, DEPTH)
        if not isinstance(data, (dict, list)):
            raise InvalidValue(_now("This must be a list or a mapping in JSON."))
        if len(exact_json.dumps(data)) > settings.max_length:
            raise _too_long(settings)
        return data

    def narrowing(self, before: Any, after: JsonSettings) -> str | None:
        if after.max_length >= before.max_length:
            return None
        return _now("It may have at most {limit} characters now.").format(limit=after.max_length)

    def display(self, value: Any, settings: JsonSettings, zone: Any) -> str:
        return "" if value is None else _text(value)


def _parse(text: str, settings: JsonSettings) -> Any:
    if len(text) > settings.max_length:
        raise _too_long(settings)
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidValue(_now("This must be JSON: a list or a mapping.")) from error


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def _kept(value: Any, depth: int) -> Any:
    """``value`` of nothing but dict, list, str, int, Decimal, bool and None."""
    if depth < 0:
        raise InvalidValue(_now("This is nested deeper than {limit} levels.").format(limit=DEPTH))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        refuse_unstorable(value)
        return str(value)
    if isinstance(value, (int, float, Decimal)):
        return _kept_number(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_kept_key(key): _kept(item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_kept(item, depth - 1) for item in value]
    raise InvalidValue(_now("JSON cannot hold a value of the type {type}.").format(type=type(value).__name__))


def _kept_key(key: Any) -> str:
    if not isinstance(key, str):
        raise InvalidValue(_now("The keys of a mapping must be text."))
    refuse_unstorable(key)
    return str(key)


def _kept_number(value: int | float | Decimal) -> int | Decimal:
    number = value if isinstance(value, int) else Decimal(str(value))
    size = Decimal(number)
    if not size.is_finite() or abs(size.adjusted()) > DIGITS or len(size.as_tuple().digits) > DIGITS:
        raise InvalidValue(_now("JSON holds numbers of up to {limit} digits.").format(limit=DIGITS))
    return number


def _too_long(settings: JsonSettings) -> InvalidValue:
    return InvalidValue(_now("This may have at most {limit} characters.").format(limit=settings.max_length))


def _text(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain_number)


def _plain_number(value: Any) -> Any:
    # Only decimals get here. A number that a float would change stays exact as text.
    return float(value) if Decimal(str(float(value))) == value else str(value)
