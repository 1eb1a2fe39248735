"""What a dry run tells: the whole walk as plain values, ready to be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from meanwhile.engine.inspect import words
from meanwhile.engine.steps import LABELS, Outcome
from meanwhile.tables.table import Table

type PartKind = Literal["now", "background", "delay", "event"]
type PageKind = Literal["content", "wait", "thanks", "form", "gone", "none"]


@dataclass(frozen=True, slots=True)
class Change:
    """A field before and after a node. ``was`` and ``becomes`` are the same for people; empty text for no value."""

    field: str
    label: str
    before: Any
    after: Any
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Made:
    """A record that a node would make, with a made-up id."""

    table: str
    label: str
    id: Any
    values: Mapping[str, Any]
    shown: tuple[tuple[str, str], ...]  # labels and values, for people


@dataclass(frozen=True, slots=True)
class Line:
    """What one node would do. ``depth`` counts from 0. ``request``: an effect as it would be performed; ``answer``:
    what was assumed that it answers. ``waits``: the person would wait for it."""

    node: str
    type: str
    event: str
    title: str
    outcome: Outcome
    depth: int = 0
    changes: tuple[Change, ...] = ()
    made: tuple[Made, ...] = ()
    request: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] | None = None
    note: str = ""
    error: str = ""
    waits: bool = False

    @property
    def label(self) -> str:
        """The outcome for people."""
        return str(LABELS[self.outcome])

    @property
    def email(self) -> Mapping[str, Any] | None:
        """The e-mail that would be sent: ``from``, ``to``, ``subject``, ``body`` and more. None for other requests."""
        return self.request if self.request and {"to", "subject", "body"} <= set(self.request) else None

    @property
    def call(self) -> str:
        """The function that would be called; empty for other requests."""
        return str(self.request["function"]) if self.request and "function" in self.request else ""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The request in names and values for people: the arguments of a call, the parts of any other one."""
        given = self.request or {}
        inner = given.get("arguments", {}) if self.call else given
        return [(str(name), words.plain(value)) for name, value in inner.items() if value not in (None, "", [])]

    @property
    def answered(self) -> str:
        """The assumed answer for people; empty where there is nothing to say."""
        return words.plain((self.answer or {}).get("value"))


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the walk that runs by itself, on one record: what is done before the page returns (``now``), or a
    job. ``due_at``: when it would begin; None: at once. ``failure``: what its failing would mean."""

    kind: PartKind
    title: str
    record: str
    due_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PageShown:
    """What the person sees. ``key`` is that of the page, or of the form which they would see again. ``text`` is what
    ``render`` made of its words. ``state``: of a wait page. ``flag``: the field that it waits for, with its value."""

    kind: PageKind
    key: str
    title: str
    text: Any = ""
    state: str = ""
    flag: str = ""
    flag_label: str = ""
    flag_value: Any = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """A walk that never was. ``page``: at the moment when the page returns; ``later``: where a wait page goes on to,
    after the part number ``goes_on_after`` (its index in ``parts``), None where it never moves on.

    ``before`` and ``after``: the record's values by field key, without and with all that would have been done.
    ``refused``: nothing would be saved at all. ``problems``: sentences about the run as a whole.
    """

    table: Table
    record_id: Any
    is_new: bool
    started_at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    parts: Sequence[Part]
    page: PageShown
    later: PageShown | None = None
    goes_on_after: int | None = None
    refused: bool = False
    problems: Sequence[str] = field(default_factory=tuple)

    @property
    def lines(self) -> list[Line]:
        """All lines, in order."""
        return [line for part in self.parts for line in part.lines]

    @property
    def scenes(self) -> list[Part | PageShown]:
        """The parts with the pages that the person sees in between, as it would come about."""
        scenes: list[Part | PageShown] = []
        for index, part in enumerate(self.parts):
            scenes.append(part)
            if index == 0:
                scenes.append(self.page)
            if index == self.goes_on_after and self.later:
                scenes.append(self.later)
        if not self.parts:
            scenes.append(self.page)
        if self.later and self.goes_on_after is None:
            scenes.append(self.later)
        return [scene for scene in scenes if isinstance(scene, Part) or scene.kind != "none"]

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is different in the end, field by field."""
        keys = [key for key in self.table.fields if self.before.get(key) != self.after.get(key)]
        return tuple(change(self.table, key, self.before.get(key), self.after.get(key)) for key in keys)


def change(table: Table, key: str, before: Any, after: Any) -> Change:
    """A change of the field ``key``, with the words for it."""
    label = words.field_label(table, key)
    return Change(key, label, before, after, words.shown(table, key, before), words.shown(table, key, after))
