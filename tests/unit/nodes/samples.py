"""A table, a document and a record for trying nodes without a database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from meanwhile.core.errors import InvalidValue
from meanwhile.expressions import Namespace
from meanwhile.plugins import registry
from meanwhile.plugins.contracts import Checking, Context

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def _number(value: Any) -> Any:
    try:
        return None if value is None else Decimal(value)
    except (InvalidOperation, TypeError):
        raise InvalidValue("This must be a number.") from None


@dataclass(frozen=True)
class Field:
    key: str
    type: str = "text"
    reader: Callable[[Any], Any] = lambda value: None if value in (None, "") else str(value)

    @property
    def label(self) -> str:
        return self.key.title()

    def clean(self, value: Any) -> Any:
        return self.reader(value)


@dataclass(frozen=True)
class Table:
    key: str
    fields: Mapping[str, Field]


def table(key: str, *fields: Field) -> Table:
    return Table(key, {field.key: field for field in fields})


BOOKING = table(
    "booking",
    Field("passenger"),
    Field("email", "email"),
    Field("status"),
    Field("fare", "decimal", _number),
    Field("departure", "date", lambda value: value),
    Field("booked_at", "datetime", lambda value: value),
    Field("invoice", "link", lambda value: value),
)
INVOICE = table("invoice", Field("title"), Field("amount", "decimal", _number))
TABLES = {"booking": BOOKING, "invoice": INVOICE}

RECORD = {"id": 12, "passenger": "Ada Lovelace", "email": "ada@example.org", "status": "New", "seats": 5}


def context(*, now: datetime = NOW, zone: ZoneInfo = BERLIN, is_new: bool = True, **values: Any) -> Context:
    record = {**dict.fromkeys(BOOKING.fields), **RECORD, **values}
    scope = {
        "record": Namespace(record.get, record),
        "old": Namespace({}.get),
        "event": Namespace({"is_new": is_new}.get),
        "user": None,
        "now": now,
        "zone": zone,
        "link": lambda page: f"https://example.org/pages/{page}/?a=1&b=2",
    }
    return Context(scope, record, BOOKING, TABLES, 12, None, now, zone, "run-1/n-1")


def node(type_: str, **settings: Any) -> tuple[Any, Any]:
    """The node of that type with settings as a document gives them."""
    plugin = registry.node(type_)
    given = {name.removesuffix("_"): value for name, value in settings.items()}
    return plugin, plugin.Settings.model_validate(given)


def problems(type_: str, functions: frozenset[str] = frozenset(), **settings: Any) -> dict[tuple[Any, ...], str]:
    """What the node's check says, by path."""
    plugin, parsed = node(type_, **settings)
    checking = Checking(BOOKING, TABLES, {"booking": frozenset({"ticketed"})}, functions)
    return {problem.path: problem.message for problem in plugin.check(parsed, checking)}
