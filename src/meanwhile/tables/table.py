"""Tables and fields of one version, ready for use, with their Django models in a registry of their own.

All versions of an application share one physical table; each version has a model class of its own that names the
columns that it knows. A definition is whatever has the attributes of ``TableDefinition``; documents bring theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.apps import apps as host_apps
from django.db import models

from meanwhile.core.errors import InvalidValue, MissingDefinition
from meanwhile.plugins.contracts import FieldType, Target
from meanwhile.tables.run_time import SYSTEM_COLUMNS, link_column, make_model, table_name, user_column


class FieldDefinition(Protocol):
    """What a document says of a field."""

    @property
    def field_type(self) -> FieldType: ...
    @property
    def settings(self) -> Any: ...


class TableDefinition(Protocol):
    """What a document says of a table."""

    @property
    def label(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of a table."""

    key: str
    label: str
    field_type: FieldType
    settings: Any

    @property
    def type(self) -> str:
        """The word of its type."""
        return self.field_type.type

    @property
    def required(self) -> bool:
        """Whether forms and trees insist on a value."""
        return bool(self.settings.required)

    @property
    def unique(self) -> bool:
        """Whether no two records may have the same value."""
        return bool(self.settings.unique)

    @property
    def help(self) -> str:
        """What stands below its control."""
        return str(self.settings.help)

    @property
    def target(self) -> Target | None:
        """What it points to, when it is a link."""
        return self.field_type.target(self.settings)

    def clean(self, value: Any) -> Any:
        """``value`` as it is kept; empty is None. InvalidValue, with ``data["field"]``, where it does not fit."""
        try:
            return self.field_type.clean(value, self.settings)
        except InvalidValue as error:
            raise InvalidValue(error.message, field=self.key) from error

    def display(self, value: Any, zone: ZoneInfo) -> str:
        """``value`` for people."""
        return self.field_type.display(value, self.settings, zone)


class Table:
    """A table of one version. ``model`` is its Django model; ``host``: a model of the host project."""

    def __init__(
        self, application: str, key: str, label: str, fields: Mapping[str, Field], model: type[models.Model], host: bool
    ) -> None:
        self.application = application
        self.key = key
        self.label = label
        self.fields = fields
        self.model = model
        self.host = host

    @property
    def db_table(self) -> str:
        """The name of the physical table."""
        return self.model._meta.db_table

    @cached_property
    def readable(self) -> frozenset[str]:
        """The names that expressions can read below a record of this table."""
        return frozenset(self.fields) | {"id"} | (frozenset() if self.host else frozenset(SYSTEM_COLUMNS))

    def link_target(self, name: str) -> str | None:
        """The key of the table to which the field ``name`` links; None where it links to none."""
        field = self.fields.get(name)
        target = field.target if field else None
        return target.table if target else None

    def line(self, record_id: Any) -> str:
        """The line of the record's jobs, which run one at a time."""
        return f"{self.db_table}:{record_id}"

    def read_id(self, text: Any) -> Any:
        """A record's id as the model keeps it, from text of a token. InvalidValue where it is none."""
        try:
            return self.model._meta.pk.to_python(text)
        except Exception as error:
            raise InvalidValue(f'"{text}" is no id of a record of {self.label}.') from error

    @cached_property
    def _describing(self) -> Field | None:
        words = ("text", "email", "long_text", "choice")
        return next((field for word in words for field in self.fields.values() if field.type == word), None)

    @property
    def describing_field(self) -> str | None:
        """The key of the field by which people know a record: the first short text."""
        return self._describing.key if self._describing else None

    def describe(self, values: Mapping[str, Any]) -> str:
        """A record in a few words: its first text, else its number."""
        text = values.get(self._describing.key) if self._describing else None
        return str(text) if text else f"#{values.get('id')}"

    def __repr__(self) -> str:
        return f"<Table {self.application}.{self.key}>"


def build_table(
    application: str, key: str, definition: TableDefinition, siblings: Mapping[str, TableDefinition]
) -> Table:
    """The table of a definition. ``siblings``: all tables of the document, for the links between them.

    MissingDefinition where a host model or a linked table does not exist.
    """
    label = definition.label or key.replace("_", " ").capitalize()
    if definition.model:
        from meanwhile.tables.host import host_fields

        model = host_model(definition.model)
        return Table(application, key, label, host_fields(model, siblings, Field), model, host=True)
    fields = {
        name: Field(name, field.settings.label or name.replace("_", " ").capitalize(), field.field_type, field.settings)
        for name, field in definition.fields.items()
    }
    columns = {name: _column(application, field, siblings) for name, field in fields.items()}
    return Table(application, key, label, fields, make_model(application, key, columns), host=False)


def host_model(name: str) -> type[models.Model]:
    """The host project's model ``app_label.Model``. MissingDefinition where there is none."""
    try:
        return host_apps.get_model(name)
    except (LookupError, ValueError) as error:
        raise MissingDefinition(f'There is no model "{name}" in this project.', model=name) from error


def _column(application: str, field: Field, siblings: Mapping[str, TableDefinition]) -> Any:
    target = field.target
    if target is None:
        column: Any = field.field_type.column(field.settings)
        column._unique = field.unique
        column.null = column.blank = True
        return column
    if target.table is None:
        return user_column(unique=field.unique)
    sibling = siblings.get(target.table)
    if sibling is None:
        raise MissingDefinition(f'There is no table "{target.table}" to link to.', table=target.table)
    host = host_model(sibling.model) if sibling.model else None
    name = host._meta.db_table if host else table_name(application, target.table)
    return link_column(name, target.on_delete, unique=field.unique, key=host._meta.pk if host else None)
