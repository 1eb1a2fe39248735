"""The contracts of the extension points: conditions, execution objects, actions and field types.

Shipped ones (``meanwhile.contrib``) use these and nothing else of ours, so that anyone's can do what ours do.
A plugin is a class with a ``type`` (its word in the document), a ``label`` and pydantic ``Settings``; it holds no
state. Settings parse expressions and placeholders once (``meanwhile.expressions``), so that running is cheap.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django import forms
from django.db import models
from pydantic import BaseModel, ConfigDict

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class NodeSettings(BaseModel):
    """Base of the settings of conditions, execution objects and actions: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a node or a field, found while designing.

    ``path`` leads from the settings to the place; ``suggestion`` is the nearest thing that would be right.
    """

    message: str
    path: tuple[str | int, ...] = ()
    severity: str = "error"  # or "warning"
    suggestion: str | None = None


class FieldView(Protocol):
    """What a plugin sees of a field of a table. ``type`` is the word of its field type."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def type(self) -> str: ...

    def clean(self, value: Any) -> Any:
        """``value`` as this field keeps it (empty is None). Raises ``InvalidValue``."""


class TableView(Protocol):
    """What a plugin sees of a table."""

    @property
    def key(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, FieldView]: ...


@dataclass(frozen=True, slots=True)
class Checking:
    """What a node can be held against while designing. ``tables``: those of the document, by key. ``events``: table
    key to the keys of its custom events. ``functions``: names of registered functions."""

    table: TableView
    tables: Mapping[str, TableView]
    events: Mapping[str, frozenset[str]]
    functions: frozenset[str]


class Context(NamedTuple):
    """What a node sees when it runs.

    ``scope`` holds the names of expressions (``record``, ``old``, ``event``, ``user``, ``now``, ``link``);
    ``values`` the record's present values by field key, with what this walk has already changed. ``now`` is aware
    UTC, ``zone`` the site's. ``key`` is stable for this node in this branch: the same at every attempt.
    """

    scope: Mapping[str, Any]
    values: Mapping[str, Any]
    table: TableView
    tables: Mapping[str, TableView]
    record_id: Any
    user_id: int | None
    now: datetime
    zone: ZoneInfo
    key: str


class Plugin(ABC):
    """What conditions, execution objects, actions and field types have in common."""

    type: ClassVar[str]
    label: ClassVar[Any]  # a (lazy) string for people
    description: ClassVar[Any] = ""  # one sentence for the reference and the designer


class Node(Plugin):
    """What conditions, execution objects and actions have in common."""

    Settings: ClassVar[type[NodeSettings]]
    # The setting that a bare value under the type stands for: ``if: "expr"`` is ``if: {expression: "expr"}``.
    shorthand: ClassVar[str | None] = None

    def check(self, settings: Any, checking: Checking) -> Iterable[Problem]:
        """What is wrong with ``settings`` beyond their types. Expressions are checked elsewhere, for every plugin."""
        return ()

    def summary(self, settings: Any) -> str:
        """The node in words, such as ``Update status to Received``; plain text for people."""
        return str(self.label)

    def obstacle(self, checking: Checking) -> str | None:
        """Why a new one makes no sense here, as a sentence for the menu; None where it does."""
        return None

    def reads(self, settings: Any) -> frozenset[str]:
        """Fields of the record that it reads beyond those that its expressions name."""
        return frozenset()


class Condition(Node):
    """Decides whether the walk enters ``do`` or ``otherwise``."""

    @abstractmethod
    def holds(self, settings: Any, context: Context) -> bool: ...

    def side_of_new(self, settings: Any) -> str | None:
        """``do`` or ``otherwise`` where only new records go on there; None where it does not ask for that."""
        return None


@dataclass(frozen=True, slots=True)
class Branch:
    """When the children of an execution object run, and how. ``due_at`` None: as soon as possible, that is, now.

    ``skipped`` says why they do not run at all. ``ordered`` False opts out of the order of the record's jobs.
    ``limit_seconds``: how long they may take in all, from their first start; None: as long as they need.
    """

    due_at: datetime | None = None
    queue: str = "default"
    attempts: int | None = None
    backoff_seconds: float | None = None
    limit_seconds: int | None = None
    ordered: bool = True
    skipped: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Execution(Node):
    """Puts its children into a job of their own; the walk goes on with the next sibling."""

    @abstractmethod
    def branch(self, settings: Any, context: Context) -> Branch: ...


@dataclass(frozen=True, slots=True)
class Create:
    """A record to be made. ``into``: the link field of the present record that gets its id."""

    table: str
    values: Mapping[str, Any]
    fires_event: bool = False
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A custom event of the same record to be walked here, like a function."""

    event: str
    parameters: Mapping[str, Any]


class Outcome(NamedTuple):
    """What an action wants: the engine does it and journals it.

    ``values``: new values of the present record by field key, which the engine holds against their fields.
    ``fires_event``: the change fires the table's record update event. ``detail``: whatever helps a reader of the
    journal; exact JSON. ``note``: one sentence.
    """

    values: Mapping[str, Any] = _NOTHING
    creates: tuple[Create, ...] = ()
    deletes_record: bool = False
    call: Call | None = None
    fires_event: bool = False
    note: str = ""
    detail: Mapping[str, Any] = _NOTHING


class Action(Node):
    """Does something. Either pure (``run``), or with an effect (``prepare``, ``perform``, ``conclude``)."""

    def has_effect(self, settings: Any) -> bool:
        """Whether it acts outside the transaction."""
        return False

    # A pure action that touches the database itself (not through its Outcome) has gathered values flushed first.
    needs_database: ClassVar[bool] = False

    def writes(self, settings: Any) -> frozenset[str]:
        """Fields of the record that it may change."""
        return frozenset()

    def triggers(self, settings: Any, table: str) -> frozenset[str]:
        """Events that it may start, such as ``booking.record_update``. ``table``: that of the present record."""
        return frozenset()

    def run(self, settings: Any, context: Context) -> Outcome:
        """Pure: inside the transaction, without side effects. Raises MeanwhileError."""
        return Outcome()

    def prepare(self, settings: Any, context: Context) -> Mapping[str, Any]:
        """The effect in full, as exact JSON, inside the transaction: what ``perform`` needs and the journal shows."""
        return {}

    def timeout_seconds(self, settings: Any) -> float | None:
        """How long ``perform`` may take; None: the site's ``effect_seconds``."""
        return None

    def perform(self, request: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Do the effect, outside any transaction of ours, perhaps again with the same ``key``. Returns the answer as
        exact JSON. Raises ActionFailed (try again) or PermanentError (do not); any other exception is tried again."""
        return {}

    def rehearse(self, settings: Any, request: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
        """The answer that a dry run assumes instead of ``perform``: what it would be when all goes well.

        Acts on nothing. Where the person who tries it says what is to be answered, that takes the place of ``value``.
        """
        return {}

    def conclude(
        self, settings: Any, request: Mapping[str, Any], answer: Mapping[str, Any], context: Context
    ) -> Outcome:
        """Inside the next transaction: what the answer changes."""
        return Outcome()


class FieldSettings(BaseModel):
    """Base of a field's settings in the document. ``help`` stands below its control; ``default`` is checked against
    the field itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str | None = None
    help: str = ""
    required: bool = False
    unique: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Target:
    """What the values of a link point to. ``table``: key of a table of the same document; None: a user of the site.

    ``on_delete``: what becomes of this record when that one is deleted (``clear``, ``protect``, ``cascade``).
    ``display``: the field of the linked table that people see.
    """

    table: str | None
    on_delete: str = "clear"
    display: str | None = None


class FieldType(Plugin):
    """A kind of field: its column, its control, and its values on the way in and out.

    Values in memory are Python's own: str, int, Decimal, bool, date, aware datetime, dict or list (json), or the id
    of the linked record. Empty is always None in memory, also for text.
    """

    Settings: ClassVar[type[FieldSettings]]
    # The types that a published field of this type may become: every value that it can hold fits there as it is.
    widens_to: ClassVar[frozenset[str]] = frozenset()

    def column(self, settings: Any) -> "models.Field[Any, Any]":
        """A fresh, nullable model field. Links have none: ``tables`` makes theirs."""
        raise NotImplementedError(f"{type(self).__name__} has no column")

    def target(self, settings: Any) -> Target | None:
        """What its values point to, when it is a link."""
        return None

    def initial(self, settings: Any, now: datetime) -> Any:
        """The value of a new record: the default as it is kept. ``now``: aware UTC."""
        return None if settings.default is None else self.clean(settings.default, settings)

    @abstractmethod
    def control(self, settings: Any) -> forms.Field:
        """A fresh form field with its widget, limits and messages; not required (``tables`` decides that)."""

    @abstractmethod
    def clean(self, value: Any, settings: Any) -> Any:
        """``value`` (text, JSON or Python) as it is kept. Raises InvalidValue with a sentence that says the limit."""

    def narrowing(self, before: Any, after: Any) -> str | None:
        """Why settings ``after`` would not hold every value that ``before`` allowed, or None when they do."""
        return None

    def display(self, value: Any, settings: Any, zone: ZoneInfo) -> str:
        """``value`` for people, as plain text; empty for None."""
        return "" if value is None else str(value)
