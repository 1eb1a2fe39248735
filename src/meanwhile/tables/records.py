"""Records on their way in and out of the database: plain values by field key, few statements, set-based.

Links are ids; the system columns come along under their names. Nothing here commits. Statements are built once per
table and set of columns. Tables of the host project take the same way through Django's own models.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import Col

from meanwhile.core import clock
from meanwhile.core.errors import InvalidValue, ProtectedRecord
from meanwhile.tables.integrity import explain
from meanwhile.tables.run_time import SYSTEM_COLUMNS
from meanwhile.tables.table import Table

type Values = dict[str, Any]

__all__ = ["clean", "delete", "explain", "insert", "new_values", "read", "update"]


def new_values(table: Table) -> Values:
    """The values of a new record: defaults, and None for everything else."""
    now = clock.now()
    return {key: field.field_type.initial(field.settings, now) for key, field in table.fields.items()}


def clean(table: Table, values: Mapping[str, Any]) -> Values:
    """Each value as its field keeps it. InvalidValue, with ``data["field"]``, for one that does not fit or that the
    table does not have."""
    cleaned = {}
    for key, value in values.items():
        if key not in table.fields:
            raise InvalidValue(f'{table.label} has no field "{key}".', field=key)
        cleaned[key] = table.fields[key].clean(value)
    return cleaned


def read(table: Table, ids: Sequence[Any], *, lock: bool = False) -> dict[Any, Values]:
    """The records of ``ids`` that exist, by id: one statement. ``lock``: locked in the order of their ids."""
    if not ids:
        return {}
    columns = _columns(table)
    names = ", ".join(_quoted(column.column) for column in columns.values())
    key = _quoted(_key(table).column)
    locking = " FOR UPDATE" if lock and connection.features.has_select_for_update else ""
    places = ", ".join(["%s"] * len(ids))
    sql = f"SELECT {names} FROM {_quoted(table.db_table)} WHERE {key} IN ({places}) ORDER BY {key}{locking}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [_to_database(_key(table), id_) for id_ in ids])
        rows = cursor.fetchall()
    readers = [_readers(table, column) for column in columns.values()]
    found = [
        {key: _from_database(value, *reader) for key, value, reader in zip(columns, row, readers, strict=True)}
        for row in rows
    ]
    return {values["id"]: values for values in found}


def insert(table: Table, values: Mapping[str, Any], *, user_id: int | None, now: datetime) -> Any:
    """Write a new record; its id. InvalidValue for a link to a record that does not exist."""
    own = {key: values.get(key) for key in table.fields}
    _check_links(table, [own])
    if table.host:
        return _insert_host(table, own)
    stamped = own | {"created_at": now, "updated_at": now, "created_by": user_id, "updated_by": user_id}
    columns = [_columns(table)[key] for key in stamped]
    names = ", ".join(_quoted(column.column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    sql = f'INSERT INTO {_quoted(table.db_table)} ({names}) VALUES ({places}) RETURNING "id"'
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [_to_database(column, value) for column, value in zip(columns, stamped.values(), strict=True)]
        )
        return cursor.fetchone()[0]


def update(
    table: Table, changes: Sequence[tuple[Any, Mapping[str, Any]]], *, user_id: int | None, now: datetime
) -> None:
    """Write ``changes``, pairs of id and new values: one statement for each set of columns that occurs in them."""
    _check_links(table, [values for _, values in changes])
    groups: dict[tuple[str, ...], list[tuple[Any, Mapping[str, Any]]]] = {}
    for id_, values in changes:
        if values:
            groups.setdefault(tuple(sorted(values)), []).append((id_, values))
    stamps = {} if table.host else {"updated_at": now, "updated_by": user_id}
    for keys, group in groups.items():
        rows = [(id_, {**{key: values[key] for key in keys}, **stamps}) for id_, values in group]
        _update_group(table, [*keys, *stamps], rows)


def delete(table: Table, id_: Any, tables: Mapping[str, Table]) -> bool:
    """Delete a record; whether it was there. What links to it is emptied or deleted by the database.

    ``tables``: all tables of the version. ProtectedRecord where a link of one of them protects it.
    """
    for other in tables.values():
        for field in other.fields.values():
            target = field.target
            if target and target.table == table.key and target.on_delete == "protect":
                _refuse_protected(table, id_, other, field.key)
    with connection.cursor() as cursor:
        key = _key(table)
        sql = f"DELETE FROM {_quoted(table.db_table)} WHERE {_quoted(key.column)} = %s"
        cursor.execute(sql, [_to_database(key, id_)])
        return bool(cursor.rowcount)


def _refuse_protected(table: Table, id_: Any, other: Table, field: str) -> None:
    count = other.model._base_manager.filter(**{field: id_}).count()
    if count:
        label = other.fields[field].label
        raise ProtectedRecord(
            f"This record of {table.label} cannot be deleted: {count} of {other.label} point to it in “{label}”."
        )


def _check_links(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Foreign keys are judged at the commit, too late to say whose fault it was; so they are looked up before."""
    for key, field in table.fields.items():
        if field.target is None:
            continue
        wanted = {row[key] for row in rows if row.get(key) is not None}
        if wanted:
            _check_link(table, key, wanted)


def _check_link(table: Table, key: str, wanted: set[Any]) -> None:
    column: Any = table.model._meta.get_field(key)
    target = column.remote_field.model._meta
    names = _quoted(target.pk.column), _quoted(target.db_table)
    places = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names[0]} FROM {names[1]} WHERE {names[0]} IN ({places})",
            [_to_database(target.pk, id_) for id_ in wanted],
        )
        found = {target.pk.to_python(row[0]) for row in cursor.fetchall()}
    missing = {target.pk.to_python(id_) for id_ in wanted} - found
    if missing:
        label = table.fields[key].label
        raise InvalidValue(f"{label}: there is no record {min(missing, key=str)} to link to.", field=key)


def _update_group(table: Table, keys: Sequence[str], rows: Sequence[tuple[Any, Values]]) -> None:
    columns = [_columns(table)[key] for key in keys]
    key = _key(table)
    parameters = [
        [
            *(_to_database(column, values[name]) for name, column in zip(keys, columns, strict=True)),
            _to_database(key, id_),
        ]
        for id_, values in rows
    ]
    with connection.cursor() as cursor:
        if len(rows) == 1 or connection.vendor != "postgresql":
            sets = ", ".join(f"{_quoted(column.column)} = %s" for column in columns)
            sql = f"UPDATE {_quoted(table.db_table)} SET {sets} WHERE {_quoted(key.column)} = %s"
            cursor.executemany(sql, parameters)
        else:
            sql = _update_from_values(table, columns, key, len(rows))
            cursor.execute(sql, [value for row in parameters for value in row])


def _update_from_values(table: Table, columns: Sequence[Any], key: Any, count: int) -> str:
    """One UPDATE for all rows; the types stand in the first of them."""
    every = [*columns, key]
    names = [_quoted(f"c{number}") for number in range(len(every))]
    sets = ", ".join(f"{_quoted(column.column)} = v.{name}" for column, name in zip(columns, names, strict=False))
    typed = ", ".join(f"%s::{_type(column)}" for column in every)
    plain = ", ".join(["%s"] * len(every))
    values = ", ".join([f"({typed})", *[f"({plain})"] * (count - 1)])
    return (
        f"UPDATE {_quoted(table.db_table)} AS t SET {sets} FROM (VALUES {values}) AS v({', '.join(names)})"
        f" WHERE t.{_quoted(key.column)} = v.{names[-1]}"
    )


def _type(column: Any) -> str:
    """The type that a value of the column has: of a serial key, the integer behind it."""
    if column.primary_key:
        return str(column.rel_db_type(connection))
    return str(column.db_type(connection))


def _insert_host(table: Table, values: Values) -> Any:
    given = {_columns(table)[key].attname: value for key, value in values.items() if value is not None}
    return table.model._base_manager.create(**given).pk


# --- columns -------------------------------------------------------------------------------------------------------


def _columns(table: Table) -> dict[str, Any]:
    """Model fields by key: the id, the fields, the system columns."""
    found: dict[str, Any] = table.__dict__.get("_record_columns", {})
    if not found:
        meta = table.model._meta
        found = {"id": meta.pk, **{key: meta.get_field(key) for key in table.fields}}
        if not table.host:
            found |= {key: meta.get_field(key) for key in SYSTEM_COLUMNS}
        table.__dict__["_record_columns"] = found
    return found


def _key(table: Table) -> Any:
    return table.model._meta.pk


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _to_database(column: Any, value: Any) -> Any:
    return column.get_db_prep_save(value, connection=connection)


def _readers(table: Table, column: Any) -> tuple[Any, list[Any]]:
    target = column.target_field if column.is_relation else column
    expression = Col(table.db_table, target)
    return expression, connection.ops.get_db_converters(expression) + target.get_db_converters(connection)


def _from_database(value: Any, expression: Any, converters: list[Any]) -> Any:
    for convert in converters:
        value = convert(value, expression, connection)
    return None if value == "" else value
