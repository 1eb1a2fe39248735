"""The statements of a table of ours, each built once per set of columns, so that the database keeps its plan of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db import connection

from meanwhile.queue import database
from meanwhile.tables.columns import Column, Convert, columns
from meanwhile.tables.table import Table

type Row = tuple[Any, Sequence[Any]]


def statements(table: Table) -> "Statements":
    """The statements of ``table``."""
    found: Statements | None = table.__dict__.get("_statements")
    if found is None:
        found = table.__dict__["_statements"] = Statements(table)
    return found


class Statements:
    """Reads, inserts and updates of one table, on whichever of the two databases the site has."""

    def __init__(self, table: Table) -> None:
        self.columns = columns(table)
        self.id: Column = self.columns["id"]
        self._table = connection.ops.quote_name(table.db_table)
        self._updates: dict[tuple[str, ...], str] = {}
        self._set_updates: dict[tuple[str, ...], str | None] = {}
        self._is_postgresql = database.is_postgresql()
        self._readers = [(key, column.to_memory) for key, column in self.columns.items() if column.to_memory]

    # --- reading ---

    def read(self, ids: Sequence[Any], *, lock: bool) -> list[dict[str, Any]]:
        """The records of ``ids`` in the order of their ids."""
        wanted = [_written(self.id, id_) for id_ in ids]
        locking = " FOR UPDATE" if lock and self._is_postgresql else ""
        if len(wanted) == 1:
            rows = database.fetch(f"{self._select} WHERE {self.id.name} = %s{locking}", wanted)
        elif self._is_postgresql:
            rows = database.fetch(f"{self._select} {self._among} ORDER BY {self.id.name}{locking}", [wanted])
        else:
            rows = database.fetch(f"{self._select} {self._among} ORDER BY {self.id.name}", [json.dumps(wanted)])
        return [self._values(row) for row in rows]

    @cached_property
    def _select(self) -> str:
        return f"SELECT {', '.join(column.selected for column in self.columns.values())} FROM {self._table}"

    @cached_property
    def _among(self) -> str:
        if self._is_postgresql:
            cast = f"::{self.id.array_type}" if self.id.array_type else ""
            return f"WHERE {self.id.name} = ANY(%s{cast})"
        return f"WHERE {self.id.name} IN (SELECT value FROM json_each(%s))"

    def _values(self, row: Iterable[Any]) -> dict[str, Any]:
        values = dict(zip(self.columns, row, strict=True))
        for key, read in self._readers:
            if values[key] is not None:
                values[key] = read(values[key])
        return values

    def distinct(self, key: str) -> Iterable[Any]:
        """Every value that a column holds, once."""
        column = self.columns[key]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT {column.selected} FROM {self._table} WHERE {column.name} IS NOT NULL")
            for (value,) in cursor:
                yield value if column.to_memory is None else column.to_memory(value)

    # --- writing ---

    def insert(self, values: dict[str, Any]) -> Any:
        """The id of the new record; ``values`` has every column but the id."""
        ((id_,),) = database.fetch(self.insert_sql, self.written(values))
        return id_ if self.id.to_memory is None else self.id.to_memory(id_)

    @cached_property
    def _insertable(self) -> list[str]:
        return [key for key in self.columns if key != "id"]

    def written(self, values: dict[str, Any]) -> list[Any]:
        """The parameters of ``insert_sql``; ``values`` has every column but the id."""
        return _parameters(self._writers(self._insertable), [values[key] for key in self._insertable])

    @cached_property
    def insert_sql(self) -> str:
        """Inserts one record and returns its id."""
        names = ", ".join(self.columns[key].name for key in self._insertable)
        places = ", ".join(["%s"] * len(self._insertable))
        return f"INSERT INTO {self._table} ({names}) VALUES ({places}) RETURNING {self.id.name}"

    def update(self, keys: tuple[str, ...], rows: Sequence[Row], stamps: Mapping[str, Any]) -> None:
        """Write the same columns of many records: ``rows`` are ids with the values of ``keys``; ``stamps`` are written
        to each of them."""
        every = (*keys, *stamps)
        stamped = _parameters(self._writers(stamps), stamps.values())
        writers = self._writers(keys)
        written = [[*_parameters(writers, values), *stamped, _written(self.id, id_)] for id_, values in rows]
        if len(written) == 1:
            database.execute(self._update(every), written[0])
        elif self._is_postgresql and (sql := self._set_update(every)):
            database.execute(sql, [list(column) for column in zip(*written, strict=True)])
        else:
            database.execute_many(self._update(every), written)

    def _writers(self, keys: Iterable[str]) -> list[Convert | None]:
        return [self.columns[key].to_database for key in keys]

    def _update(self, keys: tuple[str, ...]) -> str:
        if keys not in self._updates:
            sets = ", ".join(f"{self.columns[key].name} = %s" for key in keys)
            self._updates[keys] = f"UPDATE {self._table} SET {sets} WHERE {self.id.name} = %s"
        return self._updates[keys]

    def _set_update(self, keys: tuple[str, ...]) -> str | None:
        """One UPDATE for any number of records; None where a column is of a type that cannot be passed as a list."""
        if keys not in self._set_updates:
            taken = [*(self.columns[key] for key in keys), self.id]
            arrays = ", ".join(f"%s::{column.array_type}" for column in taken)
            names = ", ".join(column.name for column in taken)
            sets = ", ".join(f"{column.name} = v.{column.name}" for column in taken[:-1])
            self._set_updates[keys] = (
                f"UPDATE {self._table} AS t SET {sets} FROM unnest({arrays}) AS v({names})"
                f" WHERE t.{self.id.name} = v.{self.id.name}"
                if all(column.array_type for column in taken)
                else None
            )
        return self._set_updates[keys]

    def delete(self, id_: Any) -> bool:
        """Whether the record was there."""
        sql = f"DELETE FROM {self._table} WHERE {self.id.name} = %s"
        return database.execute(sql, [_written(self.id, id_)]) > 0


def _parameters(writers: Sequence[Convert | None], values: Iterable[Any]) -> list[Any]:
    return [
        value if value is None or write is None else write(value) for write, value in zip(writers, values, strict=True)
    ]


def _written(column: Column, value: Any) -> Any:
    return value if value is None or column.to_database is None else column.to_database(value)
