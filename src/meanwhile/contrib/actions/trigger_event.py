"""Walk a custom event of the same record, like calling a function."""

from collections.abc import Iterable
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from meanwhile.contrib.looking_up import unknown
from meanwhile.expressions import ValueSetting, value_of
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import Action, Call, Checking, Context, NodeSettings, Outcome, Problem
from meanwhile.plugins.registry import register


class TriggerEventSettings(NodeSettings):
    event: Annotated[str, Chooses("event")] = Field(description="A custom event of this table.")
    parameters: Annotated[dict[str, ValueSetting], Chooses("parameter")] = Field(
        default_factory=dict, description="What the event gets; its expressions read them as event.name."
    )


@register
class TriggerEvent(Action):
    """Walks a custom event of this record here, before the next sibling."""

    type = "trigger_event"
    label = gettext_lazy("Trigger event")
    description = gettext_lazy("Runs a custom event of the same record, with parameters.")
    Settings = TriggerEventSettings
    shorthand = "event"

    def check(self, settings: TriggerEventSettings, checking: Checking) -> Iterable[Problem]:
        known = checking.events.get(checking.table.key, frozenset())
        if settings.event not in known:
            sentence = _('Table "%(table)s" has no custom event "%(key)s".')
            named = sentence % {"table": checking.table.key, "key": "%(key)s"}
            yield unknown(named, settings.event, sorted(known), ("event",))

    def obstacle(self, checking: Checking) -> str | None:
        known = checking.events.get(checking.table.key)
        return None if known else _("This table has no custom event yet.")

    def triggers(self, settings: TriggerEventSettings, table: str) -> frozenset[str]:
        return frozenset({f"{table}.{settings.event}"})

    def summary(self, settings: TriggerEventSettings) -> str:
        return _("Trigger %s") % settings.event

    def run(self, settings: TriggerEventSettings, context: Context) -> Outcome:
        parameters = {name: value_of(given, context.scope) for name, given in settings.parameters.items()}
        return Outcome(call=Call(settings.event, parameters))
