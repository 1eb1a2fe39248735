"""Values as people read them, in placeholders and in ``text(…)``."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meanwhile.core.spans import format_span
from meanwhile.expressions.scope import Namespace


def readable(value: Any, zone: ZoneInfo) -> str:
    """``value`` as plain text; nothing for an empty one. Moments are shown in ``zone``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return (value.astimezone(zone) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return format_span(value)
    if isinstance(value, Namespace):
        return readable(value.get("id"), zone)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {readable(item, zone)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(readable(item, zone) for item in value)
    return str(value)
