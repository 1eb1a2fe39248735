"""Make a record of this or another table."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from meanwhile.contrib.looking_up import cleaned, table_of, unknown, value_problems, writing_problems
from meanwhile.expressions import ValueSetting, value_of
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import Action, Checking, Context, Create, NodeSettings, Outcome, Problem
from meanwhile.plugins.registry import register


class CreateRecordSettings(NodeSettings):
    table: Annotated[str, Chooses("table")] = Field(description="The table that gets the record.")
    values: Annotated[dict[str, ValueSetting], Chooses("linked_field")] = Field(
        default_factory=dict, description="Its values, by the keys of its fields."
    )
    into: Annotated[str | None, Chooses("link_field")] = Field(
        None, description="Link field of the present record that is to point to the new one."
    )
    fires_event: bool = Field(False, description="Whether it fires the record update event of that table.")


@register
class CreateRecord(Action):
    """Makes a record; fields that are not named get their defaults."""

    type = "create_record"
    label = gettext_lazy("Create record")
    description = gettext_lazy("Makes a record of a table, and can link the present record to it.")
    Settings = CreateRecordSettings

    def check(self, settings: CreateRecordSettings, checking: Checking) -> Iterable[Problem]:
        table = checking.tables.get(settings.table)
        if table is None:
            yield unknown(_('There is no table "%(key)s".'), settings.table, checking.tables, ("table",))
        else:
            for key, value in settings.values.items():
                yield from writing_problems(table, key, ("values", key))
                yield from value_problems(table, key, value, ("values", key))
        yield from self._check_into(settings, checking)

    def _check_into(self, settings: CreateRecordSettings, checking: Checking) -> Iterator[Problem]:
        if settings.into is None:
            return
        yield from writing_problems(checking.table, settings.into, ("into",))
        field = checking.table.fields.get(settings.into)
        if field is not None and field.type != "link":
            yield Problem(_('"%s" is not a link to a record.') % settings.into, ("into",))

    def summary(self, settings: CreateRecordSettings) -> str:
        return _("Create a record of %s") % settings.table

    def writes(self, settings: CreateRecordSettings) -> frozenset[str]:
        return frozenset({settings.into} if settings.into else ())

    def triggers(self, settings: CreateRecordSettings, table: str) -> frozenset[str]:
        return frozenset({f"{settings.table}.record_update"} if settings.fires_event else ())

    def run(self, settings: CreateRecordSettings, context: Context) -> Outcome:
        table = table_of(context.tables, settings.table)
        values = {key: cleaned(table, key, value_of(given, context.scope)) for key, given in settings.values.items()}
        return Outcome(creates=(Create(settings.table, values, settings.fires_event, settings.into),))
