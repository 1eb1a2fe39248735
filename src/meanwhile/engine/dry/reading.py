"""Records for a dry run: read through the tables that exist, seen as the document at hand has them.

A draft may have tables and fields that the database does not have yet. Tables are then empty, and new fields have what
publishing would give to records that are there: the default, where it is the same for every record.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Max

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.program import Program
from meanwhile.plugins.contracts import Target
from meanwhile.tables import records
from meanwhile.tables.table import Field, Table


class Reading:
    """Reads for ``program`` what ``published`` has in the database; nothing is there where it is None."""

    def __init__(self, program: Program, published: Program | None) -> None:
        self._program = program
        self._published = published

    def source(self, table_key: str) -> Table | None:
        """The table as it is in the database; None where there is none."""
        table = self._program.tables.get(table_key)
        if table is not None and table.host:
            return table
        found = self._published.tables.get(table_key) if self._published else None
        return None if found is None or found.host else found

    def record(self, table_key: str, id_: Any) -> dict[str, Any] | None:
        """The values of a record, as the document has its fields; None where it is not there."""
        source = self.source(table_key)
        values = records.read(source, [id_]).get(id_) if source else None
        if source is None or values is None:
            return None
        return self._seen(self._program.tables[table_key], source, values)

    def newest(self, table_key: str, most: int, wanted: str = "") -> list[tuple[Any, str]]:
        """The ids of the newest records with a few words for each; ``wanted``: the one of that id comes first."""
        source = self.source(table_key)
        if source is None:
            return []
        ids = list(source.model._base_manager.order_by("-pk").values_list("pk", flat=True)[:most])
        if (id_ := _id_or_none(source, wanted)) is not None:
            ids = [id_, *(each for each in ids if each != id_)]
        found = records.read(source, ids)
        return [(each, source.describe(found[each])) for each in ids if each in found]

    def exists(self, target: Target, id_: Any) -> bool:
        """Whether what a link points to is in the database."""
        if target.table is None:
            return bool(get_user_model()._base_manager.filter(pk=id_).exists())
        source = self.source(target.table)
        return source is not None and bool(source.model._base_manager.filter(pk=id_).exists())

    def with_value(self, table: Table, key: str, values: Sequence[Any]) -> list[Any]:
        """The ids of the records in whose field ``key`` stands one of ``values``."""
        source = self.source(table.key)
        if source is None or key not in source.fields or source.fields[key].type != table.fields[key].type:
            return []
        found = source.model._base_manager.filter(**{f"{key}__in": list(values)})
        return list(found.values_list("pk", flat=True))

    def free_id(self, table_key: str) -> Any:
        """An id that no record has. It is made up: the real one is known only once something is saved."""
        table = self._program.tables[table_key]
        key: Any = table.model._meta.pk
        if key.has_default():
            return key.get_default()
        source = self.source(table_key)
        highest = source.model._base_manager.aggregate(highest=Max("pk"))["highest"] if source else None
        return highest + 1 if isinstance(highest, int) else 1

    def _seen(self, table: Table, source: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        others = {key: value for key, value in values.items() if key not in source.fields}
        return others | {
            key: _seen(field, source.fields.get(key), values.get(key)) for key, field in table.fields.items()
        }


def _seen(field: Field, source: Field | None, value: Any) -> Any:
    """The value of a stored field, ``source``, as ``field`` has it."""
    if source is None:
        return None if field.unique else field.fixed_default
    if source.type == field.type:
        return value
    try:
        return field.clean(value)
    except (MeanwhileError, TypeError, ValueError):
        return None


def _id_or_none(table: Table, text: str) -> Any:
    try:
        return table.read_id(text) if text else None
    except MeanwhileError:
        return None
