"""A whole number."""

import re
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

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

# What 64 bits hold, and so both databases.
LOWEST, HIGHEST = -(2**63), 2**63 - 1
_NUMBER = re.compile(r"[+-]?[0-9]{1,19}(\.0{1,15})?")


class IntegerSettings(UniqueSettings):
    min: int | None = Field(None, ge=LOWEST, le=HIGHEST, description="The lowest number that it may be.")
    max: int | None = Field(None, ge=LOWEST, le=HIGHEST, description="The highest number that it may be.")

    @model_validator(mode="after")
    def _in_order(self) -> "IntegerSettings":
        ordered_bounds(self)
        return self


@register
class Integer(FieldType):
    type = "integer"
    label = _("Whole number")
    description = _("A whole number of up to 64 bits, between min and max.")
    Settings = IntegerSettings
    widens_to: ClassVar = frozenset({"decimal"})

    def column(self, settings: IntegerSettings) -> "models.Field[Any, Any]":
        return models.BigIntegerField(null=True)

    def control(self, settings: IntegerSettings) -> forms.Field:
        given = {"min": settings.min, "max": settings.max, "step": 1, "inputmode": "numeric"}
        widget = forms.NumberInput({name: value for name, value in given.items() if value is not None})
        return Control(partial(self.clean, settings=settings), widget)

    def clean(self, value: Any, settings: IntegerSettings) -> int | None:
        number = _whole(value)
        if number is not None:
            if not LOWEST <= number <= HIGHEST:
                message = _now("This must be a number between {low} and {high}.")
                raise InvalidValue(message.format(low=LOWEST, high=HIGHEST))
            check_bounds(number, settings)
        return number

    def narrowing(self, before: IntegerSettings, after: IntegerSettings) -> str | None:
        return closer_bounds(before, after)


def _whole(value: Any) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        raise InvalidValue(_now("This must be a whole number."))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (Decimal, float)):
        return _from_number(Decimal(str(value)))
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value.strip().partition(".")[0])
    raise InvalidValue(_now("This must be a whole number."))


def _from_number(number: Decimal) -> int:
    # The size is looked at first: int() of 1E+999999 would take memory without end.
    if not number.is_finite() or number.adjusted() > 20 or number != number.to_integral_value():
        raise InvalidValue(_now("This must be a whole number."))
    return int(number)
