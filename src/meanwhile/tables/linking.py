"""Links between records: that they lead somewhere, and what they protect.

The database keeps all of it by itself, but says too little about whose fault it was; so we look before.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.core.errors import InvalidValue, ProtectedRecord
from meanwhile.tables.table import Field, Table

# Records that go with one deletion are followed in lists of this length; SQLite takes no longer ones gladly.
_AT_ONCE = 500


def check(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise InvalidValue for a link to a record that does not exist: one statement for each link that has a value."""
    for key in table.links:
        if wanted := {row[key] for row in rows if row.get(key) is not None}:
            _check_link(table, key, wanted)


def _check_link(table: Table, key: str, wanted: set[Any]) -> None:
    column: Any = table.model._meta.get_field(key)
    target = column.remote_field.model
    found = set(target._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
    if missing := {target._meta.pk.to_python(id_) for id_ in wanted} - found:
        message = _("{label}: there is no record {id} to link to.")
        first = min(missing, key=str)
        raise InvalidValue(message.format(label=table.fields[key].label, id=first), field=key)


# The ids of the records of a table whose link leads to one of these ids.
type FindLinked = Callable[[Table, Field, Sequence[Any]], list[Any]]


def refuse_protected(
    table: Table, ids: Sequence[Any], tables: Mapping[str, Table], find: FindLinked | None = None
) -> Mapping[str, set[Any]]:
    """Raise ProtectedRecord where a link protects one of ``ids``, or a record that would be deleted with them.

    Returns what would be deleted, ids by the key of the table. ``find``: who links there; by default the database says.
    """
    find = find or _linked
    doomed: dict[str, set[Any]] = {table.key: set(ids)}
    pending: list[tuple[Table, list[Any]]] = [(table, list(ids))]
    protecting: list[tuple[Table, Table, Field, list[Any]]] = []
    while pending:
        target, gone = pending.pop()
        for other, field, on_delete in links_to(target, tables):
            linked = find(other, field, gone)
            if on_delete == "protect" and linked:
                protecting.append((target, other, field, linked))
            elif on_delete == "cascade" and (fresh := set(linked) - doomed.setdefault(other.key, set())):
                doomed[other.key] |= fresh
                pending.append((other, list(fresh)))
    for target, other, field, linked in protecting:
        if count := len(set(linked) - doomed.get(other.key, set())):
            raise _protected_by(target, other, field, count)
    return doomed


def links_to(table: Table, tables: Mapping[str, Table]) -> Iterator[tuple[Table, Field, str]]:
    """The links that lead to ``table``: whose they are, the field, and what they do when a record there is deleted."""
    for other in tables.values():
        for key in other.links:
            target = other.fields[key].target
            if target and target.table == table.key:
                yield other, other.fields[key], target.on_delete


def _linked(other: Table, field: Field, ids: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        found += other.model._base_manager.filter(**{f"{field.key}__in": some}).values_list("pk", flat=True)
    return found


def _protected_by(table: Table, other: Table, field: Field, count: int) -> ProtectedRecord:
    message = ngettext(
        "This record of {table} cannot be deleted: {count} record of {other} points to it in “{label}”.",
        "This record of {table} cannot be deleted: {count} records of {other} point to it in “{label}”.",
        count,
    )
    return ProtectedRecord(message.format(table=table.label, count=count, other=other.label, label=field.label))


def protected(table: Table) -> ProtectedRecord:
    """What the database says, in words."""
    message = _("This record of {table} cannot be deleted: other records point to it.")
    return ProtectedRecord(message.format(table=table.label))
