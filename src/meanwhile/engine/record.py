"""One record while trees walk over it: its values in memory, what they were, and what has changed since.

Changes are gathered here and written set-based by ``writing``; nothing in this module writes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import InvalidValue, MissingDefinition
from meanwhile.tables.table import Table

type Snapshot = tuple[dict[str, Any], dict[str, Any], bool]


class RecordState:
    """A record of ``table``. ``id`` None: it has not been inserted yet.

    ``values``: present values by field key, system columns included. ``changes``: those that are not written yet.
    """

    __slots__ = ("changes", "id", "is_deleted", "table", "values")

    def __init__(self, table: Table, id_: Any, values: Mapping[str, Any]) -> None:
        self.table = table
        self.id = id_
        self.values = dict(values)
        self.changes: dict[str, Any] = {}
        self.is_deleted = False

    def set(self, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Hold ``values`` against their fields and take them over, all or none. InvalidValue, MissingDefinition.

        Returns what really changed: ``{field: [before, after]}``."""
        return self.apply({key: self._fitting(key, value) for key, value in values.items()})

    def apply(self, fitting: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Take over values that fit their fields. Returns what really changed."""
        held, changed = self.values, {}
        for key, value in fitting.items():
            before = held.get(key)
            if before != value:
                changed[key] = [before, value]
                held[key] = self.changes[key] = value
        return changed

    def _fitting(self, key: str, value: Any) -> Any:
        field = self.table.fields.get(key)
        if field is None:
            raise MissingDefinition(f'Table "{self.table.key}" has no field "{key}".', field=key)
        try:
            fitting = field.clean(value)
        except InvalidValue as error:
            raise InvalidValue(f"{field.label}: {error.message}", field=key) from error
        if fitting is None:
            require(self.table, {key: fitting})
        return fitting

    def take_changes(self) -> dict[str, Any]:
        """What is to be written, and forget that it is."""
        changes, self.changes = self.changes, {}
        return changes

    def snapshot(self) -> Snapshot:
        """How it is before a node that may fail."""
        return dict(self.values), dict(self.changes), self.is_deleted

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to how it was then; in place, since scopes look at ``values``."""
        values, self.changes, self.is_deleted = snapshot
        self.values.clear()
        self.values.update(values)


def require(table: Table, values: Mapping[str, Any]) -> None:
    """Raise InvalidValue, with ``data["field"]``, where one of ``values`` is empty and its field is required."""
    for key, value in values.items():
        if value is None and table.fields[key].required:
            message = _("{label}: a value is required.").format(label=table.fields[key].label)
            raise InvalidValue(message, field=key)


class Linked:
    """The records that expressions reach through links, read once per walk. ``read``: table key and id to values."""

    __slots__ = ("_cache", "_read")

    def __init__(self, read: Callable[[str, Any], Mapping[str, Any] | None]) -> None:
        self._read = read
        self._cache: dict[tuple[str, Any], Mapping[str, Any] | None] = {}

    def get(self, table_key: str, id_: Any) -> Mapping[str, Any] | None:
        """The values of that record; None when it is gone."""
        place = (table_key, id_)
        if place not in self._cache:
            self._cache[place] = self._read(table_key, id_)
        return self._cache[place]
