"""Give a field of the record a value."""

from collections.abc import Iterable
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from meanwhile.contrib.actions.wording import in_words
from meanwhile.contrib.looking_up import value_problems, writing_problems
from meanwhile.expressions import ValueSetting, value_of
from meanwhile.plugins.choosing import Chooses, ValueFor
from meanwhile.plugins.contracts import Action, Checking, Context, NodeSettings, Outcome, Problem
from meanwhile.plugins.registry import register


class UpdateFieldSettings(NodeSettings):
    field: Annotated[str, Chooses("field")] = Field(description="The field that changes.")
    value: Annotated[ValueSetting, ValueFor("field")] = Field(description="Its new value; nothing (null) empties it.")
    fires_event: bool = Field(False, description="Whether the change fires the table's record update event.")


@register
class UpdateField(Action):
    """Writes one field of the record."""

    type = "update_field"
    label = gettext_lazy("Update field")
    description = gettext_lazy("Gives a field of the record a value.")
    Settings = UpdateFieldSettings

    def check(self, settings: UpdateFieldSettings, checking: Checking) -> Iterable[Problem]:
        yield from writing_problems(checking.table, settings.field, ("field",))
        yield from value_problems(checking.table, settings.field, settings.value, ("value",))

    def summary(self, settings: UpdateFieldSettings) -> str:
        return _("Update %(field)s to %(value)s") % {"field": settings.field, "value": in_words(settings.value)}

    def writes(self, settings: UpdateFieldSettings) -> frozenset[str]:
        return frozenset({settings.field})

    def triggers(self, settings: UpdateFieldSettings, table: str) -> frozenset[str]:
        return frozenset({f"{table}.record_update"} if settings.fires_event else ())

    def run(self, settings: UpdateFieldSettings, context: Context) -> Outcome:
        value = value_of(settings.value, context.scope)
        return Outcome(values={settings.field: value}, fires_event=settings.fires_event)
