"""Records of the host project's own models, through Django: its ``save``, its signals and its deletes are kept to.

Empty text is None in memory, and goes back as what the column takes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from meanwhile.core.errors import InvalidValue, ProtectedRecord
from meanwhile.tables.table import Field, Table


def new_values(table: Table) -> dict[str, Any]:
    """The defaults of the model, as far as they fit; None for everything else."""
    return {key: _default(table, field) for key, field in table.fields.items()}


def _default(table: Table, field: Field) -> Any:
    column: Any = table.model._meta.get_field(field.key)
    try:
        return field.clean(column.get_default()) if column.has_default() else None
    except InvalidValue:
        return None


def read(table: Table, ids: Sequence[Any], *, lock: bool) -> list[dict[str, Any]]:
    """The records of ``ids`` in the order of their ids, ``lock``: locked in that order."""
    query = table.model._base_manager.filter(pk__in=list(ids)).order_by("pk")
    rows = (query.select_for_update() if lock else query).values_list("pk", *table.fields)
    keys = ("id", *table.fields)
    return [{key: _read(value) for key, value in zip(keys, row, strict=True)} for row in rows]


def _read(value: Any) -> Any:
    return None if value == "" else value


def insert(table: Table, values: Mapping[str, Any]) -> Any:
    """The id of the new record. What has no value gets the model's default."""
    given = {key: value for key, value in values.items() if value is not None}
    record = table.model(**{_attribute(table, key): value for key, value in given.items()})
    record.save(force_insert=True)
    return record.pk


def update(table: Table, changes: Sequence[tuple[Any, Mapping[str, Any]]]) -> None:
    """Write the changes one by one, as the model's own ``save`` does; records that are gone are passed over."""
    found = table.model._base_manager.in_bulk([id_ for id_, _ in changes])
    for id_, values in changes:
        if values and (record := found.get(id_)):
            for key, value in values.items():
                setattr(record, _attribute(table, key), _written(table, key, value))
            record.save(update_fields=[*values, *_automatic(table, values)])


def _automatic(table: Table, values: Mapping[str, Any]) -> list[str]:
    """Fields that Django sets at every save, which a save of chosen fields would leave as they are."""
    return [
        field.name
        for field in table.model._meta.concrete_fields
        if getattr(field, "auto_now", False) and field.name not in values
    ]


def _attribute(table: Table, key: str) -> str:
    column: Any = table.model._meta.get_field(key)
    return str(column.attname)


def _written(table: Table, key: str, value: Any) -> Any:
    column: Any = table.model._meta.get_field(key)
    return "" if value is None and not column.null and column.empty_strings_allowed else value


def delete(table: Table, id_: Any) -> bool:
    """Whether it was there. ProtectedRecord where a link of the host's protects it."""
    record = table.model._base_manager.filter(pk=id_).first()
    if record is None:
        return False
    try:
        record.delete()
    except (ProtectedError, RestrictedError) as error:
        message = _("This record of {table} cannot be deleted: other records point to it.")
        raise ProtectedRecord(message.format(table=table.label)) from error
    return True
