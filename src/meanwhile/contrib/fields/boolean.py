"""Yes or no."""

from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from meanwhile.contrib.fields.limits import PlainSettings
from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


class BooleanSettings(PlainSettings):
    # Not None: a flag that nothing has set is false, for expressions and for people.
    default: bool | None = Field(False, description="What a new record has; false unless set.")


@register
class Boolean(FieldType):
    """Required means ticked on a form."""

    type = "boolean"
    label = _("Yes or no")
    description = _("Yes or no; a flag that a tree sets is one of these.")
    Settings = BooleanSettings

    def column(self, settings: BooleanSettings) -> "models.Field[Any, Any]":
        return models.BooleanField(null=True)

    def control(self, settings: BooleanSettings) -> forms.Field:
        return Control(partial(self.clean, settings=settings), forms.CheckboxInput(), must_be_true=True)

    def clean(self, value: Any, settings: BooleanSettings) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if not word:
            return None
        if word not in _WORDS:
            raise InvalidValue(_now("This must be true or false."))
        return _WORDS[word]

    def display(self, value: Any, settings: BooleanSettings, zone: Any) -> str:
        return "" if value is None else (_now("yes") if value else _now("no"))
