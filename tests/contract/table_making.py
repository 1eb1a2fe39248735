"""Makes and changes tables straight from definitions, for tests of ``meanwhile.tables``."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from meanwhile.definitions.document import TableDef
from meanwhile.definitions.loading import load_plain
from meanwhile.tables import schema
from meanwhile.tables.schema import SchemaPlan
from meanwhile.tables.table import Table, build_table

APPLICATION = "shop"


def definitions(tables: Mapping[str, Any]) -> Mapping[str, TableDef]:
    """``{"item": {"name": {"type": "text"}}}`` or ``{"item": "app.Model"}`` as a document has them."""
    plain = {
        key: {"model": fields} if isinstance(fields, str) else {"fields": dict(fields)}
        for key, fields in tables.items()
    }
    return load_plain({"application": APPLICATION, "tables": plain}).tables


def plan(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> SchemaPlan:
    return schema.plan(APPLICATION, None if before is None else definitions(before), definitions(after))


def migrate(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, Table]:
    """Carry out the plan and give the tables."""
    planned = plan(before, after)
    assert planned.problems == []
    with connection.schema_editor(atomic=True) as editor:
        schema.execute(planned, editor)
    return built(after)


def built(tables: Mapping[str, Any]) -> dict[str, Table]:
    found = definitions(tables)
    return {key: build_table(APPLICATION, key, each, found) for key, each in found.items()}
