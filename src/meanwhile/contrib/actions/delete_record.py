"""Delete the record."""

from typing import Any

from django.utils.translation import gettext_lazy

from meanwhile.plugins.contracts import Action, Context, NodeSettings, Outcome
from meanwhile.plugins.registry import register


class DeleteRecordSettings(NodeSettings):
    pass


@register
class DeleteRecord(Action):
    """Deletes the present record; what stands after it in the tree no longer has one."""

    type = "delete_record"
    label = gettext_lazy("Delete record")
    description = gettext_lazy("Deletes the record. Refused while another record's link protects it.")
    Settings = DeleteRecordSettings

    def run(self, settings: Any, context: Context) -> Outcome:
        return Outcome(deletes_record=True)
