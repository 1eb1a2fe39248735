"""The shipped actions, one per module."""

from meanwhile.contrib.actions.call import Call
from meanwhile.contrib.actions.create_record import CreateRecord
from meanwhile.contrib.actions.delete_record import DeleteRecord
from meanwhile.contrib.actions.send_email import SendEmail
from meanwhile.contrib.actions.trigger_event import TriggerEvent
from meanwhile.contrib.actions.update_field import UpdateField

__all__ = ["Call", "CreateRecord", "DeleteRecord", "SendEmail", "TriggerEvent", "UpdateField"]
