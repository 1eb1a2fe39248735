"""What a walk starts from, what it gathers on its way, and what it asks of whoever writes. Plain values."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from meanwhile.engine.record import RecordState, Snapshot
from meanwhile.engine.steps import Step
from meanwhile.engine.walk import Cursor
from meanwhile.plugins import contracts


class Origin(NamedTuple):
    """What travels with a walk and with every job that it queues: who started it, and how the record was before.

    ``trace``: the traceparent of the request, for a walk that goes on elsewhere.
    """

    submission_id: int | None
    run_id: int | None
    user_id: int | None
    is_new: bool
    old: Mapping[str, Any]
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class NewBranch:
    """A Background or Delay that was met: its children become a job when the record's id is known."""

    cursor: Cursor
    branch: contracts.Branch
    node_id: str


@dataclass(frozen=True, slots=True)
class Fired:
    """A record update event that a tree fired on purpose; it becomes a run of its own."""

    record: RecordState
    old: Mapping[str, Any]
    is_new: bool
    chain: tuple[str, ...]


class Writer(Protocol):
    """The writing that a walk cannot put off."""

    def flush(self, record: RecordState) -> None:
        """Write what was gathered for ``record``; insert it where it is new."""

    def create(self, table_key: str, values: Mapping[str, Any]) -> RecordState:
        """Insert another record. Raises InvalidValue, MissingDefinition."""

    def delete(self, record: RecordState) -> None:
        """Delete ``record``, with what the links to it say. Raises ProtectedRecord."""

    def savepoint(self) -> AbstractContextManager[Any]:
        """Around one node, where a database error has to be that node's alone."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An effect that is prepared: ``perform`` may be called after the commit, perhaps again with the same ``key``."""

    node: str
    key: str
    request: Mapping[str, Any]

    def to_plain(self) -> dict[str, Any]:
        """For the payload of a job."""
        return {"node": self.node, "key": self.key, "request": dict(self.request)}


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a walk stood before a node that may fail half-way. ``branches`` and ``fired``: how many there were."""

    place: tuple[Cursor, int, int, bool, Pending | None]
    steps: tuple[Step, ...]
    branches: int
    fired: int
    record: Snapshot


@dataclass(frozen=True, slots=True)
class Failure:
    """The action at which a walk stopped, and why."""

    node_id: str
    error: BaseException
