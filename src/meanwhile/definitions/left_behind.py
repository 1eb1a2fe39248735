"""What dropped fields left in the database: columns that no version in force has, and how many records hold a value."""

from dataclasses import dataclass

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.program import program
from meanwhile.tables import physical
from meanwhile.tables.table import Table


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A dropped field whose data is still there. ``values``: how many records have one."""

    table: str
    field: str
    label: str
    values: int
    last_version: int


def left_behind(application: str) -> list[LeftBehind]:
    """All of an application, by table and field. Reads the database."""
    current = Application.objects.select_related("current").filter(key=application, current__isnull=False).first()
    if current is None or current.current is None:
        return []
    in_force = _fields(current.current.document)
    found: dict[tuple[str, str], LeftBehind] = {}
    versions = Version.objects.filter(application=current).order_by("-number")
    for version in versions:
        for table, field in _fields(version.document) - in_force - found.keys():
            if left := _left(version, table, field):
                found[table, field] = left
    return [found[key] for key in sorted(found)]


def _fields(document: dict[str, dict[str, dict[str, dict[str, object]]]]) -> set[tuple[str, str]]:
    tables = document.get("tables") or {}
    return {(key, field) for key, table in tables.items() for field in (table or {}).get("fields") or {}}


def _left(version: Version, key: str, field: str) -> LeftBehind | None:
    """None where the column is gone, or where what is installed cannot read the version any more."""
    try:
        table: Table = program(version.pk).table(key)
    except MeanwhileError:
        return None
    there = physical.columns(table.db_table)
    if field not in there or not table.fields.keys() <= there.keys():
        return None
    count = table.model._base_manager.exclude(**{f"{field}__isnull": True}).count()
    return LeftBehind(key, field, str(table.fields[field].label), count, version.number)
