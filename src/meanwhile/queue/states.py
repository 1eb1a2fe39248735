"""The states of a job and the moves between them; CHECK, diagram and guards are made from this one table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a job stands."""

    SCHEDULED = "scheduled", _("Scheduled")  # due later
    AVAILABLE = "available", _("Waiting")  # due; its turn comes
    RUNNING = "running", _("Running")  # claimed by the holder of a lease
    RETRYING = "retrying", _("Retrying")  # an action failed; tried again at retry_at
    FAILED = "failed", _("Failed")  # rests until a person acts
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


# From each state, where a job may go and what takes it there.
TRANSITIONS: dict[State, dict[State, str]] = {
    State.SCHEDULED: {State.AVAILABLE: "promote", State.CANCELLED: "cancel"},
    State.AVAILABLE: {State.RUNNING: "claim", State.CANCELLED: "cancel"},
    State.RUNNING: {
        State.COMPLETED: "settle",
        State.RETRYING: "settle",
        State.FAILED: "settle, rescue",
        State.CANCELLED: "settle, rescue",
        State.AVAILABLE: "release, rescue",
    },
    State.RETRYING: {State.AVAILABLE: "promote, resume", State.CANCELLED: "cancel"},
    State.FAILED: {State.AVAILABLE: "resume, skip", State.CANCELLED: "cancel"},
    State.COMPLETED: {},
    State.CANCELLED: {},
}

TERMINAL = frozenset(state for state, moves in TRANSITIONS.items() if not moves)
# Jobs in these states hold back the later jobs of their line.
HOLDING = frozenset({State.AVAILABLE, State.RUNNING, State.RETRYING})
UNFINISHED = frozenset(State) - TERMINAL


def sources(target: State) -> frozenset[State]:
    """The states from which a job may go to ``target``."""
    return frozenset(state for state, moves in TRANSITIONS.items() if target in moves)
