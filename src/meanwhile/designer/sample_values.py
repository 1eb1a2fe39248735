"""Values for a record that nobody has entered yet, so that a preview shows more than gaps."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from meanwhile.core import clock
from meanwhile.expressions import Namespace
from meanwhile.tables.table import Field, Table


def with_examples(scope: Mapping[str, Any], table: Table) -> Mapping[str, Any]:
    """``scope`` with an example wherever its record has nothing; links stay empty."""
    record: Namespace = scope["record"]

    def get(name: str) -> Any:
        value = record.get(name)
        return _example(table, name) if value is None else value

    return {**scope, "record": Namespace(get, table.readable)}


def _example(table: Table, name: str) -> Any:
    if name == "id":
        return 1
    if name in ("created_at", "updated_at"):
        return clock.now()
    field = table.fields.get(name)
    make = _EXAMPLES.get(field.type) if field else None
    return make(field) if make and field else None


def _first_word(field: Field) -> Any:
    return next(iter(field.settings.choices), None)


_EXAMPLES: Mapping[str, Callable[[Field], Any]] = {
    "text": lambda field: field.label,
    "long_text": lambda field: field.label,
    "email": lambda _field: "somebody@example.org",
    "url": lambda _field: "https://example.org/",
    "integer": lambda _field: 1,
    "decimal": lambda field: Decimal(1).scaleb(-getattr(field.settings, "places", 0)) * 100,
    "boolean": lambda _field: True,
    "choice": _first_word,
    "date": lambda _field: clock.now().date(),
    "datetime": lambda _field: clock.now(),
}
