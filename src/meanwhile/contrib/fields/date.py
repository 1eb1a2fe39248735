"""A day."""

from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from meanwhile.contrib.fields.limits import UniqueSettings
from meanwhile.core.errors import InvalidValue
from meanwhile.core.zone import site_zone
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

# Defaults that are the day on which the record is made.
TODAY = ("today", "now")


@register
class Date(FieldType):
    type = "date"
    label = _("Date")
    description = _("A day; default: today is the day on which the record is made.")
    Settings = UniqueSettings

    def column(self, settings: UniqueSettings) -> "models.Field[Any, Any]":
        return models.DateField(null=True)

    def control(self, settings: UniqueSettings) -> forms.Field:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        return Control(partial(self.clean, settings=settings), widget, show=date.isoformat)

    def clean(self, value: Any, settings: UniqueSettings) -> date | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, datetime):
            return value.astimezone(site_zone()).date() if value.tzinfo else value.date()
        if isinstance(value, date):
            return value
        return _entered(value)

    def initial(self, settings: UniqueSettings, now: datetime) -> date | None:
        if settings.default in TODAY:
            return now.astimezone(site_zone()).date()
        return self.clean(settings.default, settings)

    def display(self, value: Any, settings: UniqueSettings, zone: ZoneInfo) -> str:
        return "" if value is None else date_format(value, "DATE_FORMAT")


def _entered(value: Any) -> date:
    try:
        return date.fromisoformat(value.strip())
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidValue(_now("This must be a date, such as 2026-03-31.")) from error
