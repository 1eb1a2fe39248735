"""A number with decimal places, kept exactly."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from meanwhile.contrib.fields.limits import UniqueSettings, check_bounds, closer_bounds, ordered_bounds
from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

# SQLite keeps decimals as binary numbers, which hold 15 digits exactly and no more.
DIGITS = 15
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})")
_WIDE = Context(prec=100)


if TYPE_CHECKING:
    _DecimalField = models.DecimalField[Any, Any]
else:
    _DecimalField = models.DecimalField


class DecimalColumn(_DecimalField):
    """A column without a precision in the database: a later version may have more places without a change of the
    schema. What is read has the places of the field again, which SQLite does not keep, and never fewer than it has."""

    def __init__(self, places: int = 0, **options: Any) -> None:
        self.places = places
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "places": self.places}

    def from_db_value(self, value: Decimal | None, expression: Any, connection: Any) -> Decimal | None:
        if value is None:
            return None
        kept = value.quantize(Decimal(1).scaleb(-self.places), context=_WIDE)
        return kept if kept == value else value


class DecimalSettings(UniqueSettings):
    places: int = Field(2, ge=0, le=DIGITS, description="Digits after the point.")
    digits: int = Field(DIGITS, ge=1, le=DIGITS, description="Digits in total.")
    min: Decimal | None = Field(None, allow_inf_nan=False, description="The lowest number that it may be.")
    max: Decimal | None = Field(None, allow_inf_nan=False, description="The highest number that it may be.")

    @model_validator(mode="after")
    def _in_order(self) -> "DecimalSettings":
        ordered_bounds(self)
        if self.places > self.digits:
            raise ValueError(_now("places may be at most digits, the number of digits in total."))
        return self


@register
class DecimalNumber(FieldType):
    """A number that a person enters with too many places is refused; one that was computed is rounded, half up."""

    type = "decimal"
    label = _("Number")
    description = _("A number with up to places digits after the point, kept exactly; 15 digits in total.")
    Settings = DecimalSettings

    def column(self, settings: DecimalSettings) -> "models.Field[Any, Any]":
        return DecimalColumn(settings.places, null=True)

    def control(self, settings: DecimalSettings) -> forms.Field:
        step = format(Decimal(1).scaleb(-settings.places), "f")
        given = {"min": settings.min, "max": settings.max, "step": step, "inputmode": "decimal"}
        widget = forms.NumberInput({name: str(value) for name, value in given.items() if value is not None})
        return Control(partial(self.clean, settings=settings), widget, show=lambda number: format(number, "f"))

    def clean(self, value: Any, settings: DecimalSettings) -> Decimal | None:
        number = _number(value, settings.places)
        if number is None:
            return None
        _check_size(number, settings)
        kept = number.quantize(Decimal(1).scaleb(-settings.places), ROUND_HALF_UP, _WIDE)
        _check_size(kept, settings)
        check_bounds(kept, settings)
        # No negative zero: PostgreSQL has none.
        return abs(kept) if kept.is_zero() else kept

    def narrowing(self, before: Any, after: DecimalSettings) -> str | None:
        if before.places > after.places:
            return _now("It has {places} decimal places at most now.").format(places=after.places)
        if before.digits - before.places > after.digits - after.places:
            return _now("It has fewer digits before the point now.")
        return closer_bounds(before, after)

    def display(self, value: Any, settings: DecimalSettings, zone: Any) -> str:
        return "" if value is None else format(value, "f")


def _number(value: Any, places: int) -> Decimal | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        return _entered(value.strip(), places)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise InvalidValue(_now("This must be a number."))
    number = Decimal(value) if isinstance(value, int) else Decimal(str(value))
    if not number.is_finite():
        raise InvalidValue(_now("This must be a number."))
    return number


def _entered(text: str, places: int) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise InvalidValue(_now("This must be a number, with a point before the decimal places."))
    if len(text.partition(".")[2].rstrip("0")) > places:
        raise InvalidValue(_now("This may have at most {places} decimal places.").format(places=places))
    return Decimal(text)


def _check_size(number: Decimal, settings: DecimalSettings) -> None:
    whole = settings.digits - settings.places
    if number and number.adjusted() >= whole:
        raise InvalidValue(_now("This may have at most {digits} digits before the point.").format(digits=whole))
