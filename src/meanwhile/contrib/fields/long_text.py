"""Text of several lines."""

from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from meanwhile.contrib.fields.limits import PlainSettings, read_text, shorter
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register


class LongTextSettings(PlainSettings):
    max_length: int = Field(100_000, ge=1, le=1_000_000, description="How many characters it may have.")


@register
class LongText(FieldType):
    """Line breaks are kept, as one character each."""

    type = "long_text"
    label = _("Long text")
    description = _("Text of several lines, up to max_length characters (100,000 unless set).")
    Settings = LongTextSettings

    def column(self, settings: LongTextSettings) -> "models.Field[Any, Any]":
        return models.TextField(null=True)

    def control(self, settings: LongTextSettings) -> forms.Field:
        widget = forms.Textarea({"maxlength": settings.max_length, "rows": 5})
        return Control(partial(self.clean, settings=settings), widget)

    def clean(self, value: Any, settings: LongTextSettings) -> str | None:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return read_text(value, settings.max_length)

    def narrowing(self, before: Any, after: LongTextSettings) -> str | None:
        return shorter(before, after)
