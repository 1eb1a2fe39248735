"""The errors of Meanwhile: one root, and a class per thing that a caller can react to."""

from asyncio import CancelledError
from typing import Any

# What code that is not ours may raise and has then failed, no more. Neither sys.exit() nor a task of asyncio that was
# cancelled is an Exception, and both would end the loop of a worker, with all that it holds.
FAILURES = (Exception, SystemExit, CancelledError)


class MeanwhileError(Exception):
    """Root of all errors of this package. ``message`` is a sentence for people: what, where, what next."""

    # Whether trying again later can help. An error that cannot heal fails its job at once.
    can_heal = True

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data

    def __str__(self) -> str:
        return self.message


class PermanentError(MeanwhileError):
    """An error that no retry mends: a missing field, a value out of range, events nested too deep."""

    can_heal = False


class InvalidValue(PermanentError):
    """A value does not fit its field. ``data["field"]`` names the field where it is known."""


class MissingDefinition(PermanentError):
    """The version at hand has no such table, field, event or node."""


class TooDeep(PermanentError):
    """Events that trigger events went past the limit; the message holds the chain."""


class ProtectedRecord(PermanentError):
    """The record cannot be deleted: another record's link protects it."""


class ActionFailed(MeanwhileError):
    """An action could not do its work this time; trying again may help."""


class NotRegistered(MeanwhileError):
    """No code in this process registers what a document calls. Trying again may help: another process may have it."""


class OutcomeUnknown(ActionFailed):
    """An effect may or may not have happened. It is tried again with the same key."""


class EffectTimedOut(OutcomeUnknown):
    """An effect did not come back within its time limit; whether it happened is unknown."""


class JobOutOfTime(EffectTimedOut):
    """A job used up its own time limit. No retry mends that: a person changes the limit, or sends the job on."""

    can_heal = False
