"""The address of a web page."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from meanwhile.contrib.fields.limits import UniqueSettings, read_text, refuse_long_unique, shorter
from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

# Nothing else: an address of another scheme (javascript:, data:, file:) would act when a person opens it.
_is_web_address = URLValidator(schemes=["http", "https"])


class UrlSettings(UniqueSettings):
    max_length: int = Field(500, ge=1, le=2000, description="How many characters it may have.")

    @model_validator(mode="after")
    def _fits_index(self) -> "UrlSettings":
        refuse_long_unique(self)
        return self


@register
class Url(FieldType):
    type = "url"
    label = _("Web address")
    description = _("The address of a web page; http and https only.")
    Settings = UrlSettings
    widens_to: ClassVar = frozenset({"text", "long_text"})

    def column(self, settings: UrlSettings) -> "models.Field[Any, Any]":
        return models.TextField(null=True)

    def control(self, settings: UrlSettings) -> forms.Field:
        widget = forms.URLInput({"maxlength": settings.max_length, "autocomplete": "url"})
        return Control(partial(self.clean, settings=settings), widget)

    def clean(self, value: Any, settings: UrlSettings) -> str | None:
        address = read_text(value.strip() if isinstance(value, str) else value, settings.max_length)
        if address is not None:
            _check(address)
        return address

    def narrowing(self, before: Any, after: UrlSettings) -> str | None:
        return shorter(before, after)


def _check(address: str) -> None:
    try:
        _is_web_address(address)
    except ValidationError as error:
        raise InvalidValue(_now("This must be a web address that starts with http:// or https://.")) from error
