"""An e-mail address."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from meanwhile.contrib.fields.limits import UniqueSettings, read_text
from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

# The longest address that SMTP carries (RFC 3696, erratum 1690, with room for what Django's own field allows).
MAX_LENGTH = 254
_is_address = EmailValidator()


@register
class Email(FieldType):
    type = "email"
    label = _("E-mail address")
    description = _("One e-mail address.")
    Settings = UniqueSettings
    widens_to: ClassVar = frozenset({"text", "long_text"})

    def column(self, settings: UniqueSettings) -> "models.Field[Any, Any]":
        return models.TextField(null=True)

    def control(self, settings: UniqueSettings) -> forms.Field:
        widget = forms.EmailInput({"maxlength": MAX_LENGTH, "autocomplete": "email"})
        return Control(partial(self.clean, settings=settings), widget)

    def clean(self, value: Any, settings: UniqueSettings) -> str | None:
        address = read_text(value.strip() if isinstance(value, str) else value, MAX_LENGTH)
        if address is not None:
            _check(address)
        return address


def _check(address: str) -> None:
    try:
        _is_address(address)
    except ValidationError as error:
        raise InvalidValue(_now("This must be one e-mail address, such as name@example.org.")) from error
