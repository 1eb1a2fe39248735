"""Run the children later: after a span, at a moment, at the start of a day, on the date of a field."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from meanwhile.contrib.executions.job_settings import JobSettings, branch
from meanwhile.contrib.looking_up import SYSTEM_COLUMNS, unknown
from meanwhile.core.errors import MeanwhileError, PermanentError
from meanwhile.core.spans import Offset, OffsetSetting, parse_offset
from meanwhile.core.zone import site_zone
from meanwhile.expressions import TextSetting
from meanwhile.expressions.moments import (
    Unit,
    add_calendar,
    in_zone,
    read_moment,
    start_of_day,
    start_of_next,
    zone_name,
)
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import Branch, Checking, Context, Execution, Problem
from meanwhile.plugins.registry import register

NOW = "now"


def _read_span(value: Any) -> Any:
    if isinstance(value, Offset):
        return value
    if not isinstance(value, str):
        raise ValueError("A span of time is a text with a unit, such as 90s, 2m, 1h30m or 3d.")
    if value.strip() == NOW:
        return Offset(NOW)
    if value.strip()[:1] in ("+", "-"):
        raise ValueError('A span has no sign; "offset" moves a delay earlier or later.')
    return parse_offset(value)


_ForSetting = Annotated[
    Offset,
    BeforeValidator(_read_span),
    PlainSerializer(lambda offset: offset.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["now", "90s", "1h30m", "3d", "1mo"]}),
]


class DelaySettings(JobSettings):
    model_config = ConfigDict(serialize_by_alias=True)

    for_: _ForSetting | None = Field(
        None, alias="for", description="A span of time from now, such as 2h or 3d; or now."
    )
    until: TextSetting | None = Field(
        None, description="now, a date and time such as 2026-05-31 14:30, or a placeholder that gives one."
    )
    start_of: Unit | None = Field(None, description="The start of the next hour, day, week, month or year.")
    field: Annotated[str | None, Chooses("date_field")] = Field(
        None, description="Key of a date or datetime field of the record."
    )
    offset: OffsetSetting | None = Field(None, description="Later or earlier than that, such as +1d or -2h30m.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = [name for name, value in _ways(self).items() if value is not None]
        if len(given) > 1:
            raise ValueError(f"A delay takes one of for, until, start_of and field; {' and '.join(given)} are given.")
        return self


def _ways(settings: DelaySettings) -> dict[str, Any]:
    return {
        "for": settings.for_,
        "until": settings.until,
        "start_of": settings.start_of,
        "field": settings.field,
    }


@register
class Delay(Execution):
    """Its children become a job that is due later. Until now (or nothing said): the same thing as a Background."""

    type = "delay"
    label = gettext_lazy("Delay")
    description = gettext_lazy("Runs its children later; the tree goes on at once.")
    Settings = DelaySettings
    shorthand = "for"

    def check(self, settings: DelaySettings, checking: Checking) -> Iterable[Problem]:
        if settings.until is not None and settings.until.is_plain and not _is_now(settings):
            try:
                read_moment(settings.until.source, site_zone())
            except MeanwhileError as error:
                yield Problem(error.message, ("until",))
        if settings.field is not None:
            yield from _check_field(settings.field, checking)

    def reads(self, settings: DelaySettings) -> frozenset[str]:
        return frozenset({settings.field} if settings.field else ())

    def branch(self, settings: DelaySettings, context: Context) -> Branch:
        if _is_now(settings) and settings.offset is None:
            return branch(settings)
        moment = _moment(settings, context)
        if moment is None:
            return Branch(skipped=_reason(settings))
        if settings.offset is not None:
            moment = _moved(moment, settings.offset, context.zone)
        # A moment that is past is due now; it must not overtake what already stands in the queue.
        return branch(settings, moment if moment > context.now else None, _detail(moment, context.zone))

    def summary(self, settings: DelaySettings) -> str:
        return _way_in_words(settings) + (f" {settings.offset.text}" if settings.offset else "")


def _is_now(settings: DelaySettings) -> bool:
    if settings.until is not None:
        return settings.until.source.strip().lower() == NOW
    if settings.for_ is not None:
        return settings.for_.text == NOW
    return settings.start_of is None and settings.field is None


def _moment(settings: DelaySettings, context: Context) -> datetime | None:
    """The moment that the settings name, before the offset; None where they name an empty value."""
    if _is_now(settings):
        return context.now
    if settings.for_ is not None:
        return _moved(context.now, settings.for_, context.zone)
    if settings.start_of is not None:
        return start_of_next(settings.start_of, context.now, context.zone)
    if settings.until is not None:
        return _as_moment(settings.until.value(context.scope), context, settings.until.source)
    return _as_moment(_field_value(settings, context), context, str(settings.field))


def _field_value(settings: DelaySettings, context: Context) -> Any:
    if settings.field in SYSTEM_COLUMNS:
        return context.scope["record"].get(settings.field)
    return context.values.get(str(settings.field))


def _as_moment(value: Any, context: Context, source: str) -> datetime | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return start_of_day(value, context.zone)
    if isinstance(value, str):
        return context.now if value.strip().lower() == NOW else read_moment(value, context.zone)
    raise PermanentError(_('"%s" gives neither a date nor a date and time.') % source.strip())


def _moved(moment: datetime, offset: Offset, zone: ZoneInfo) -> datetime:
    try:
        return add_calendar(moment, zone, months=offset.months, days=offset.days, seconds=offset.seconds)
    except (ValueError, OverflowError):
        raise PermanentError(_('Moved by "%s" the moment lies outside the calendar.') % offset.text) from None


def _detail(moment: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """For the journal: the moment, and what the clocks of the site showed for it when it was decided."""
    return {"due_at": moment, "zone": zone_name(zone), "wall": in_zone(moment, zone).to_plain().format_iso()}


def _reason(settings: DelaySettings) -> str:
    if settings.field is not None:
        return _('The date in "%s" is empty.') % settings.field
    return _("The date of the delay is empty.")


def _check_field(key: str, checking: Checking) -> Iterable[Problem]:
    field = checking.table.fields.get(key)
    if field is None and key not in {"created_at", "updated_at"}:
        sentence = _('Table "%(table)s" has no field "%(key)s".') % {"table": checking.table.key, "key": "%(key)s"}
        yield unknown(sentence, key, checking.table.fields, ("field",))
    elif field is not None and field.type not in ("date", "datetime"):
        yield Problem(_('"%s" is neither a date nor a date and time.') % key, ("field",))


def _way_in_words(settings: DelaySettings) -> str:
    if _is_now(settings):
        return _("Delay until now")
    if settings.for_ is not None:
        return _("Delay for %s") % settings.for_.text.strip()
    if settings.start_of is not None:
        return _("Delay until the start of the next %s") % settings.start_of
    if settings.until is not None:
        return _("Delay until %s") % settings.until.source.strip()
    return _("Delay until the date in %s") % settings.field
