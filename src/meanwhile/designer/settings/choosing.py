"""What a setting can be a key of: the tables, fields, events, functions and queues of a draft, with their labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.document import title_of
from meanwhile.definitions.editing import tree
from meanwhile.definitions.inspection import Inspection
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.plugins.choosing import Choosable
from meanwhile.plugins.functions import Function, functions

type Plain = Mapping[str, Any]
type Choices = list[tuple[str, str]]

_TYPES: Mapping[str, tuple[str, ...]] = {
    "link_field": ("link",),
    "date_field": ("date", "datetime"),
    "boolean_field": ("boolean",),
}
# Moments that every record has, and that a delay may count from.
_MOMENTS = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class ChosenField:
    """A field as a list names it. ``words``: what it may be, where that is a list."""

    key: str
    label: str
    type: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChosenTable:
    """A table as a list names it. ``events``: its custom events, each with its label and its parameters."""

    key: str
    label: str
    fields: Mapping[str, ChosenField]
    events: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Choosing:
    """What can be chosen. ``table``: the key of the table that the settings are about; "" for none."""

    table: str = ""
    tables: Mapping[str, ChosenTable] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    queues: tuple[str, ...] = ("default",)

    def choices(self, what: Choosable, siblings: Plain) -> Choices:
        """The keys of that sort with labels. ``siblings``: the settings beside it, as far as they are known."""
        if what == "table":
            return [(key, _labelled(table.label, key)) for key, table in self.tables.items()]
        if what == "event":
            return [(key, _labelled(label, key)) for key, (label, _names) in self._own.events.items()]
        if what in ("function", "argument", "parameter", "queue"):
            return [(name, name) for name in self._names(what, siblings)]
        return [(each.key, _labelled(each.label, each.key)) for each in self._fields(what, siblings)]

    def field(self, key: Any, table: str | None = None) -> ChosenField | None:
        """The field of that key, of ``table`` or of the own one; None where there is none."""
        found = self.tables.get(self.table if table is None else table)
        return found.fields.get(key) if found and isinstance(key, str) else None

    @property
    def _own(self) -> ChosenTable:
        return self.tables.get(self.table) or ChosenTable("", "", {})

    def _names(self, what: Choosable, siblings: Plain) -> tuple[str, ...]:
        if what == "queue":
            return self.queues
        if what == "function":
            return tuple(sorted(self.functions))
        if what == "parameter":
            return self._own.events.get(str(siblings.get("event")), ("", ()))[1]
        known = self.functions.get(str(siblings.get("function")))
        return tuple(known.signature.parameters) if known else ()

    def _fields(self, what: Choosable, siblings: Plain) -> Iterator[ChosenField]:
        linked = self.tables.get(str(siblings.get("table")))
        table = linked if what == "linked_field" else self._own
        wanted = _TYPES.get(what)
        yield from (each for each in (table.fields.values() if table else ()) if not wanted or each.type in wanted)
        if what == "date_field":
            yield from (ChosenField(key, title_of("", key), "datetime") for key in _MOMENTS)


def choosing_for(inspection: Inspection, event: str = "", *, table: str = "") -> Choosing:
    """What the settings of a node of ``event`` ("booking.record_update", "form:book") can name, or those of a field of
    ``table``."""
    plain = inspection.plain
    return Choosing(
        table or table_of(plain, event),
        {key: _table(key, _mapping(value), inspection) for key, value in _mapping(plain.get("tables")).items()},
        dict(functions),
        tuple(dict.fromkeys(["default", *_queues(plain)])),
    )


def table_of(plain: Plain, event: str) -> str:
    """The key of the table whose record an event is about."""
    if not event.startswith("form:"):
        return event.partition(".")[0]
    form = _mapping(_mapping(plain.get("forms")).get(event.removeprefix("form:")))
    return str(form.get("table") or "")


def _table(key: str, plain: Plain, inspection: Inspection) -> ChosenTable:
    fields = {name: _field(name, _mapping(value)) for name, value in _mapping(plain.get("fields")).items()}
    if plain.get("model") and not fields and inspection.document and key in inspection.document.tables:
        views = Checked(inspection.document).tables[key].fields.values()
        fields = {view.key: ChosenField(view.key, str(view.label), view.type) for view in views}
    events = {name: _event(name, value) for name, value in _mapping(plain.get("events")).items()}
    events.pop(RECORD_UPDATE, None)
    return ChosenTable(key, _title(plain, key), fields, events)


def _field(key: str, plain: Plain) -> ChosenField:
    words = plain.get("choices") if plain.get("type") == "choice" else None
    listed = tuple(str(word) for word in words) if isinstance(words, (list, dict)) else ()
    return ChosenField(key, _title(plain, key), str(plain.get("type") or ""), listed)


def _event(key: str, plain: Any) -> tuple[str, tuple[str, ...]]:
    parameters = _mapping(plain).get("parameters")
    return _title(_mapping(plain), key), tuple(map(str, parameters if isinstance(parameters, list) else ()))


def _queues(plain: Any) -> Iterator[str]:
    for event in tree.events(plain):
        for found in tree.walk(tree.roots(plain, event)):
            settings = _mapping(found.node.get(tree.type_or_nothing(found.node)))
            if isinstance(queue := settings.get("queue"), str):
                yield queue


def _title(plain: Plain, key: str) -> str:
    return title_of(str(plain.get("label") or ""), key)


def _labelled(label: str, key: str) -> str:
    return f"{label} ({key})" if label != key else key


def _mapping(value: Any) -> Plain:
    return value if isinstance(value, dict) else {}
