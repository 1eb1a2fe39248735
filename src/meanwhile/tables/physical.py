"""The physical tables: what is there, and the statements that change it.

A column is added, replaced and deleted by statements of our own, the same on both databases. Django's schema editor
makes a whole table anew on SQLite, from a model; no model knows the columns that dropped fields left behind, and their
data would be gone. Uniqueness is a unique index. Foreign keys are judged by the statement that breaks them, not at the
commit, where nobody could say any more which action it was.
"""

from hashlib import sha256
from typing import Any

from django.db import connection

from meanwhile.tables.run_time import LONGEST_NAME, make_model
from meanwhile.tables.table import Table

_ON_DELETE = {"clear": "SET NULL", "cascade": "CASCADE", "protect": "NO ACTION"}


# --- what is there -------------------------------------------------------------------------------------------------


def columns(db_table: str) -> dict[str, str]:
    """The columns of a table with their types, as the database names them; empty where there is no such table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
                [connection.ops.quote_name(db_table)],
            )
        else:
            cursor.execute("SELECT name, type FROM pragma_table_info(%s)", [db_table])
        return {name: _normal(type_) for name, type_ in cursor.fetchall()}


def type_of(column: Any) -> str:
    """The type of a model field's column, as ``columns`` names it."""
    return _normal(str(column.db_type(connection)))


def _normal(type_: str) -> str:
    word = type_.lower()
    return {"timestamptz": "timestamp with time zone", "bool": "boolean"}.get(word, word)


def links(db_table: str) -> dict[str, str]:
    """The columns that are foreign keys, with the table that each points to."""
    with connection.cursor() as cursor:
        relations: dict[str, Any] = connection.introspection.get_relations(cursor, db_table)
    return {column: found[1] for column, found in relations.items()}


# --- changes -------------------------------------------------------------------------------------------------------


def create_table(editor: Any, table: Table) -> None:
    """A table with the system's columns alone; fields are added afterwards, when all tables are there."""
    editor.create_model(make_model(table.application, table.key, {}))


def add_column(editor: Any, table: Table, key: str) -> None:
    """The column of a field: nullable, with the default where that is the same for every record, with its index."""
    _run(editor, f"ALTER TABLE {_q(table.db_table)} ADD COLUMN {_definition(table, key, key, _default(table, key))}")
    add_index(editor, table, key)


def _definition(table: Table, key: str, name: str, default: str = "") -> str:
    return f"{_q(name)} {_column(table, key).db_type(connection)} NULL{default}{_references(table, key)}"


def _references(table: Table, key: str) -> str:
    target = table.fields[key].target
    if target is None:
        return ""
    name = _q(name_of(table.db_table, key, "link"))
    return f" CONSTRAINT {name} {_to(table, key, target.on_delete)}"


def _to(table: Table, key: str, on_delete: str) -> str:
    target = _column(table, key).remote_field.model._meta
    return f"REFERENCES {_q(target.db_table)} ({_q(target.pk.column)}) ON DELETE {_ON_DELETE[on_delete]}"


def _default(table: Table, key: str) -> str:
    """What records get that do not know the field: those that are there, and those of jobs of older versions."""
    field = table.fields[key]
    value = None if field.unique else field.fixed_default
    if value is None or field.target:
        return ""
    return f" DEFAULT {_literal(_column(table, key).get_db_prep_save(value, connection=connection))}"


def _literal(value: Any) -> str:
    if connection.vendor == "postgresql":
        from psycopg import sql

        return sql.quote(value, connection.connection)
    if isinstance(value, (bool, int)):
        return str(int(value))
    return "'" + str(value).replace("'", "''") + "'"


def add_index(editor: Any, table: Table, key: str) -> None:
    """The index of a unique field, or of a link, by which deletions find it."""
    field = table.fields[key]
    if field.unique:
        _run(editor, f"CREATE UNIQUE INDEX {_index(table, key)} ON {_q(table.db_table)} ({_q(key)})")
    elif field.target:
        _run(editor, f"CREATE INDEX {_index(table, key)} ON {_q(table.db_table)} ({_q(key)})")


def drop_index(editor: Any, table: Table, key: str) -> None:
    """Whichever index the column has of ours."""
    _run(editor, f"DROP INDEX IF EXISTS {_index(table, key)}")


def renew_index(editor: Any, table: Table, key: str) -> None:
    """The index that the field has to have, instead of the one that its column has."""
    drop_index(editor, table, key)
    add_index(editor, table, key)


def change_column(editor: Any, table: Table, key: str) -> None:
    """Give a column the type that the field has now; every value fits."""
    if connection.vendor != "postgresql":
        _replace_column(editor, table, key, _definition(table, key, _spare(key)))
        return
    type_ = _column(table, key).db_type(connection)
    change = f"ALTER COLUMN {_q(key)} DROP DEFAULT, ALTER COLUMN {_q(key)} TYPE {type_} USING {_q(key)}::{type_}"
    _run(editor, f"ALTER TABLE {_q(table.db_table)} {change}")


def change_link(editor: Any, table: Table, key: str, on_delete: str) -> None:
    """Say anew what becomes of a link when its record is deleted."""
    name = _q(name_of(table.db_table, key, "link"))
    if connection.vendor != "postgresql":
        type_ = _column(table, key).db_type(connection)
        spare = f"{_q(_spare(key))} {type_} NULL CONSTRAINT {name} {_to(table, key, on_delete)}"
        _replace_column(editor, table, key, spare)
        return
    change = f"ADD CONSTRAINT {name} FOREIGN KEY ({_q(key)}) {_to(table, key, on_delete)}"
    _run(editor, f"ALTER TABLE {_q(table.db_table)} DROP CONSTRAINT IF EXISTS {name}, {change}")


def _replace_column(editor: Any, table: Table, key: str, spare: str) -> None:
    """SQLite cannot change a column; a new one takes its values and its place."""
    name, old, new = _q(table.db_table), _q(key), _q(_spare(key))
    drop_index(editor, table, key)
    _run(editor, f"ALTER TABLE {name} ADD COLUMN {spare}")
    _run(editor, f"UPDATE {name} SET {new} = {old}")
    _run(editor, f"ALTER TABLE {name} DROP COLUMN {old}")
    _run(editor, f"ALTER TABLE {name} RENAME COLUMN {new} TO {old}")
    add_index(editor, table, key)


def _spare(key: str) -> str:
    # No key ends with an underscore, so no column is called so.
    return f"{key}_"


def drop_column(editor: Any, table: Table, key: str) -> None:
    """Delete a column and its data."""
    drop_index(editor, table, key)
    _run(editor, f"ALTER TABLE {_q(table.db_table)} DROP COLUMN {_q(key)}")


def name_of(db_table: str, key: str, what: str) -> str:
    """The name of an index or a constraint: the same for the same column at any time, and never too long."""
    name = f"{db_table}__{key}_{what}"
    if len(name) <= LONGEST_NAME:
        return name
    digest = sha256(f"{db_table} {key}".encode()).hexdigest()[:10]
    return f"{name[: LONGEST_NAME - len(what) - 12]}_{digest}_{what}"


def _index(table: Table, key: str) -> str:
    return _q(name_of(table.db_table, key, "index"))


def _column(table: Table, key: str) -> Any:
    return table.model._meta.get_field(key)


def _q(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _run(editor: Any, sql: str) -> None:
    # Without parameters, so that a percent sign in a default is no placeholder.
    editor.execute(sql, None)
