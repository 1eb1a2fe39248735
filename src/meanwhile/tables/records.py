"""Records on their way in and out of the database: plain values by field key, few statements, set-based.

Links are ids; the system columns come along under their names. Nothing here commits. Tables of the host project take
the same way through Django's own models.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import InvalidValue
from meanwhile.tables import host_records, linking
from meanwhile.tables.integrity import explain
from meanwhile.tables.statements import statements
from meanwhile.tables.table import Table

type Values = dict[str, Any]

__all__ = ["clean", "delete", "explain", "insert", "new_values", "read", "update"]


def new_values(table: Table) -> Values:
    """The values of a new record: defaults, and None for everything else."""
    if table.host:
        return host_records.new_values(table)
    now = clock.now()
    return {key: field.field_type.initial(field.settings, now) for key, field in table.fields.items()}


def clean(table: Table, values: Mapping[str, Any]) -> Values:
    """Each value as its field keeps it. InvalidValue, with ``data["field"]``, for one that does not fit or that the
    table does not have."""
    cleaned = {}
    for key, value in values.items():
        if key not in table.fields:
            raise InvalidValue(_('{table} has no field "{field}".').format(table=table.label, field=key), field=key)
        cleaned[key] = table.fields[key].clean(value)
    return cleaned


def read(table: Table, ids: Sequence[Any], *, lock: bool = False) -> dict[Any, Values]:
    """The records of ``ids`` that exist, by id: one statement. ``lock``: locked in the order of their ids."""
    if not ids:
        return {}
    rows = host_records.read(table, ids, lock=lock) if table.host else statements(table).read(ids, lock=lock)
    return {values["id"]: values for values in rows}


def insert(table: Table, values: Mapping[str, Any], *, user_id: int | None, now: datetime) -> Any:
    """Write a new record; its id. InvalidValue for a link to a record that does not exist; IntegrityError, which
    ``explain`` explains, for a value that has to be unique and is not."""
    own = {key: values.get(key) for key in table.fields}
    linking.check(table, [own])
    if table.host:
        return host_records.insert(table, own)
    stamps = {"created_at": now, "updated_at": now, "created_by": user_id, "updated_by": user_id}
    return statements(table).insert(own | stamps)


def update(
    table: Table, changes: Sequence[tuple[Any, Mapping[str, Any]]], *, user_id: int | None, now: datetime
) -> None:
    """Write ``changes``, pairs of id and new values: one statement for each set of columns that occurs in them.

    Only fields are written, and who changed the record when. Records that are gone are passed over."""
    linking.check(table, [values for _, values in changes])
    if table.host:
        host_records.update(table, changes)
        return
    groups: dict[tuple[str, ...], list[tuple[Any, Sequence[Any]]]] = {}
    for id_, values in changes:
        if keys := tuple(sorted(key for key in values if key in table.fields)):
            groups.setdefault(keys, []).append((id_, [values[key] for key in keys]))
    for keys, rows in groups.items():
        statements(table).update(keys, rows, {"updated_at": now, "updated_by": user_id})


def delete(table: Table, id_: Any, tables: Mapping[str, Table]) -> bool:
    """Delete a record; whether it was there. What links to it is emptied or deleted by the database.

    ``tables``: all tables of the version. ProtectedRecord where a link of one of them protects it, or one of the
    records that would go with it.
    """
    linking.refuse_protected(table, [id_], tables)
    try:
        return host_records.delete(table, id_) if table.host else statements(table).delete(id_)
    except IntegrityError as error:
        # Somebody linked to it after we looked, or a table of another application does.
        raise linking.protected(table) from error
