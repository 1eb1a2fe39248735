"""Steps: the entries of the journal, as plain mappings that travel in exact JSON.

A step says which node (``node``, ``type``, ``event``), when (``at``, as ISO 8601 writes it, and ``ms``), what came of
it (``outcome``), and, where there is any, ``changes``, ``detail``, ``note``, ``key``, ``attempt``, ``error``.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from meanwhile.core.errors import MeanwhileError, OutcomeUnknown

type Step = dict[str, Any]


class Outcome(StrEnum):
    """What came of a step."""

    DONE = "done"
    TRUE = "true"  # a condition that held
    FALSE = "false"
    QUEUED = "queued"  # its children became a job
    CALLED = "called"  # a custom event is walked next
    SKIPPED = "skipped"  # it did not run; the note says why
    DISABLED = "disabled"
    PREPARED = "prepared"  # an effect that is about to be performed
    UNKNOWN = "unknown"  # an effect that may or may not have happened; it is performed again with the same key
    FAILED = "failed"
    GONE = "gone"  # the record does not exist any more
    CANCELLED = "cancelled"
    RESUMED = "resumed"  # a person sent the job on; the note says who
    RESTARTED = "restarted"  # a person ended the job and started its branch anew
    MOVED = "moved"  # a person put the job under another version; the note says who, and which


LABELS = {
    Outcome.DONE: _("Done"),
    Outcome.TRUE: _("Yes"),
    Outcome.FALSE: _("No"),
    Outcome.QUEUED: _("Queued"),
    Outcome.CALLED: _("Called"),
    Outcome.SKIPPED: _("Skipped"),
    Outcome.DISABLED: _("Disabled"),
    Outcome.PREPARED: _("Under way"),
    Outcome.UNKNOWN: _("Unknown"),
    Outcome.FAILED: _("Failed"),
    Outcome.GONE: _("Record gone"),
    Outcome.CANCELLED: _("Cancelled"),
    Outcome.RESUMED: _("Resumed"),
    Outcome.RESTARTED: _("Restarted"),
    Outcome.MOVED: _("Moved"),
}


def step(outcome: Outcome, at: datetime, *, node: Any = None, event: str = "", **more: Any) -> Step:
    """A new entry. ``more`` holds only what there is: empty values are left out."""
    entry: Step = {"outcome": outcome.value, "at": at.isoformat()}
    if node is not None:
        entry["node"], entry["type"] = node.id, node.type
        if node.name:
            entry["name"] = node.name
    if event:
        entry["event"] = event
    for key, value in more.items():
        if value:
            entry[key] = value
    return entry


def conclude(steps: list[Step], outcome: Outcome, **more: Any) -> None:
    """Turn the last entry, an effect under way, into what came of it."""
    steps[-1] = steps[-1] | {"outcome": outcome.value} | {key: value for key, value in more.items() if value}


def outcome_of(error: BaseException) -> Outcome:
    """What is known of an effect that came back with ``error``."""
    return Outcome.UNKNOWN if isinstance(error, OutcomeUnknown) else Outcome.FAILED


def describe(error: BaseException) -> dict[str, Any]:
    """An error for the journal: its sentence and its kind, and what became of each recipient of an e-mail where that is
    known; never locals."""
    message = error.message if isinstance(error, MeanwhileError) else str(error)
    said: dict[str, Any] = {"message": message or type(error).__name__, "type": type(error).__name__}
    if isinstance(error, MeanwhileError) and "recipients" in error.data:
        said["recipients"] = error.data["recipients"]
    return said
