"""A link to a record of the same application."""

from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from meanwhile.contrib.fields.integer import HIGHEST
from meanwhile.contrib.fields.limits import UniqueSettings, refuse_unstorable
from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import FieldType, Target
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register


class LinkSettings(UniqueSettings):
    table: Annotated[str, Chooses("table")] = Field(description="The table whose records it points to.")
    on_delete: Literal["clear", "protect", "cascade"] = Field(
        "clear",
        description="When the linked record is deleted: `clear` empties this field, `protect` refuses, `cascade` "
        "deletes this record too.",
    )
    display: Annotated[str | None, Chooses("linked_field")] = Field(
        None, description="The field of the linked table that people choose by."
    )


@register
class Link(FieldType):
    """Its value is the id of the linked record."""

    type = "link"
    label = _("Link to a record")
    description = _("A record of a table of this application.")
    Settings = LinkSettings

    def target(self, settings: LinkSettings) -> Target:
        return Target(settings.table, settings.on_delete, settings.display)

    def control(self, settings: LinkSettings) -> forms.Field:
        return Control(partial(self.clean, settings=settings), forms.Select())

    def clean(self, value: Any, settings: Any) -> Any:
        return read_id(value)

    def narrowing(self, before: LinkSettings, after: LinkSettings) -> str | None:
        if before.table == after.table:
            return None
        return _now("It pointed to records of {before}.").format(before=before.table)

    def display(self, value: Any, settings: Any, zone: Any) -> str:
        return "" if value is None else f"#{value}"


def read_id(value: Any) -> Any:
    """``value`` as an id: a number, else text (``tables`` holds it against the linked table's own kind of id)."""
    if isinstance(value, str):
        refuse_unstorable(value)
        value = value.strip()
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 20 else value
    if value is None or value == "":
        return None
    if isinstance(value, bool) or (not isinstance(value, (int, str, UUID)) and value != _integral(value)):
        raise InvalidValue(_now("This must be the id of a record."))
    if isinstance(value, (str, UUID)):
        return value
    if not 0 < value <= HIGHEST:
        raise InvalidValue(_now("This must be the id of a record."))
    return int(value)


def _integral(value: Any) -> Any:
    """``value`` as a whole number, as it comes out of a computation; None where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
