"""A moment."""

from datetime import UTC, date, datetime, time
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

# Defaults that are the moment at which the record is made.
NOW = ("now", "today")


@register
class DateTime(FieldType):
    """What comes without a zone is in the site's; all is kept in UTC."""

    type = "datetime"
    label = _("Date and time")
    description = _("A moment, entered in the site's zone; default: now is the moment at which the record is made.")
    Settings = UniqueSettings

    def column(self, settings: UniqueSettings) -> "models.Field[Any, Any]":
        return models.DateTimeField(null=True)

    def control(self, settings: UniqueSettings) -> forms.Field:
        # "any": a moment with seconds, which a tree may have set, is not refused by the browser.
        widget = forms.DateTimeInput({"type": "datetime-local", "step": "any"}, format="%Y-%m-%dT%H:%M")
        return Control(partial(self.clean, settings=settings), widget, show=_local)

    def clean(self, value: Any, settings: UniqueSettings) -> datetime | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        moment = _read(value)
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=site_zone())).astimezone(UTC)
        except OverflowError as error:
            raise InvalidValue(_now("This moment is outside the calendar.")) from error

    def initial(self, settings: UniqueSettings, now: datetime) -> datetime | None:
        return now if settings.default in NOW else self.clean(settings.default, settings)

    def display(self, value: Any, settings: UniqueSettings, zone: ZoneInfo) -> str:
        return "" if value is None else date_format(value.astimezone(zone), "DATETIME_FORMAT")


def _read(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    try:
        return datetime.fromisoformat(value.strip())
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidValue(_now("This must be a date and time, such as 2026-03-31 14:30.")) from error


def _local(moment: datetime) -> str:
    local = moment.astimezone(site_zone()).replace(tzinfo=None)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds" if local.second else "minutes")
