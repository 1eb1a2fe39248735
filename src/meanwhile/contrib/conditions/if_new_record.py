"""Whether the submission made a new record or changed one that was there."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from meanwhile.expressions import Expression, compile_expression
from meanwhile.plugins.contracts import Condition, Context, NodeSettings
from meanwhile.plugins.registry import register


def _is_new() -> Expression:
    return compile_expression("event.is_new")


class IfNewRecordSettings(NodeSettings):
    is_new: bool = Field(True, description="false: for a record that was there before.")


@register
class IfNewRecord(Condition):
    """Enters ``do`` when the record is new (or, set the other way, when it is not)."""

    type = "if_new_record"
    label = gettext_lazy("New record")
    description = gettext_lazy("Goes on with its children when the submission made the record.")
    Settings = IfNewRecordSettings
    shorthand = "is_new"

    def holds(self, settings: IfNewRecordSettings, context: Context) -> bool:
        is_new: Any = _is_new().evaluate(context.scope)
        return bool(is_new) is settings.is_new

    def side_of_new(self, settings: IfNewRecordSettings) -> str:
        return "do" if settings.is_new else "otherwise"

    def summary(self, settings: IfNewRecordSettings) -> str:
        return _("If the record is new") if settings.is_new else _("If the record is not new")
