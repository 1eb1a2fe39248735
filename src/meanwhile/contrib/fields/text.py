"""One line of text."""

import re
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from meanwhile.contrib.fields.limits import UniqueSettings, read_text, refuse_long_unique, shorter
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

_LINE_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


class TextSettings(UniqueSettings):
    max_length: int = Field(200, ge=1, le=2000, description="How many characters it may have.")

    @model_validator(mode="after")
    def _fits_index(self) -> "TextSettings":
        refuse_long_unique(self)
        return self


@register
class Text(FieldType):
    """Line breaks become spaces; blanks at the ends are dropped."""

    type = "text"
    label = _("Text")
    description = _("One line of text, up to max_length characters (200 unless set).")
    Settings = TextSettings
    widens_to: ClassVar = frozenset({"long_text"})

    def column(self, settings: TextSettings) -> "models.Field[Any, Any]":
        # No length in the database: a later version may allow more without a change of the schema.
        return models.TextField(null=True)

    def control(self, settings: TextSettings) -> forms.Field:
        return Control(partial(self.clean, settings=settings), forms.TextInput({"maxlength": settings.max_length}))

    def clean(self, value: Any, settings: TextSettings) -> str | None:
        if isinstance(value, str):
            value = (value if value.isprintable() else _LINE_BREAKS.sub(" ", value)).strip()
        return read_text(value, settings.max_length)

    def narrowing(self, before: TextSettings, after: TextSettings) -> str | None:
        return shorter(before, after)
