"""Tables and fields of one version, ready for use, with their Django models in a registry of their own.

All versions of an application share one physical table; each version has a model class of its own that names the
columns that it knows. A definition is whatever has the attributes of ``TableDefinition``; documents bring theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.apps import apps as host_apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from meanwhile.core.errors import InvalidValue, MissingDefinition
from meanwhile.plugins.contracts import FieldType, Target
from meanwhile.plugins.registry import field_type
from meanwhile.tables.host import described_fields
from meanwhile.tables.run_time import SYSTEM_COLUMNS, link_column, make_model, table_name, user_column

# A default that is the same at both is the same at all times.
_TWO_MOMENTS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 2, 3, 4, 5, tzinfo=UTC))


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
    # The primary key of what it links to; None where it is no link.
    id_type: Any = None

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

    @property
    def fixed_default(self) -> Any:
        """The value of every new record; None where there is none, or where it depends on the moment."""
        one, other = (self.field_type.initial(self.settings, moment) for moment in _TWO_MOMENTS)
        return one if one == other else None

    def clean(self, value: Any) -> Any:
        """``value`` as it is kept; empty is None. InvalidValue, with ``data["field"]``, where it does not fit."""
        try:
            cleaned = self.field_type.clean(value, self.settings)
            return cleaned if self.id_type is None or cleaned is None else read_id(self.id_type, cleaned)
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
        return self._link_targets.get(name)

    @cached_property
    def _link_targets(self) -> Mapping[str, str]:
        targets = {key: field.target for key, field in self.fields.items()}
        return {key: target.table for key, target in targets.items() if target and target.table}

    @cached_property
    def links(self) -> tuple[str, ...]:
        """The keys of the fields that link to a record or a user."""
        return tuple(key for key, field in self.fields.items() if field.target)

    def column_name(self, key: str) -> str:
        """The name of a field's column."""
        column: Any = self.model._meta.get_field(key)
        return str(column.column)

    def line(self, record_id: Any) -> str:
        """The line of the record's jobs, which run one at a time."""
        return f"{self.db_table}:{record_id}"

    def read_id(self, text: Any) -> Any:
        """A record's id as the model keeps it, from text of a token. InvalidValue where it is none."""
        return read_id(self.model._meta.pk, text)

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


def read_id(key: Any, value: Any) -> Any:
    """``value`` as the primary key ``key`` keeps it. InvalidValue where it is no id."""
    try:
        id_ = key.to_python(value)
    except ValidationError as error:
        raise _no_id(value) from error
    if isinstance(id_, int) and not -(2**63) <= id_ < 2**63:
        raise _no_id(value)
    return id_


def _no_id(value: Any) -> InvalidValue:
    return InvalidValue(_('"{id}" is no id of a record.').format(id=str(value)[:80]))


def build_table(
    application: str, key: str, definition: TableDefinition, siblings: Mapping[str, TableDefinition]
) -> Table:
    """The table of a definition. ``siblings``: all tables of the document, for the links between them.

    MissingDefinition where a host model or a linked table does not exist.
    """
    label = definition.label or key.replace("_", " ").capitalize()
    if definition.model:
        model = host_model(definition.model)
        return Table(application, key, label, _host_fields(model, siblings), model, host=True)
    columns = {name: _column(application, field, siblings) for name, field in definition.fields.items()}
    fields = {name: _field(name, field, columns[name]) for name, field in definition.fields.items()}
    return Table(application, key, label, fields, make_model(application, key, columns), host=False)


def _host_fields(model: type[models.Model], siblings: Mapping[str, TableDefinition]) -> dict[str, Field]:
    return {
        column.name: Field(
            column.name,
            given["label"],
            field_type(word),
            field_type(word).Settings.model_validate(given),
            _id_type(column),
        )
        for column, word, given in described_fields(model, siblings)
    }


def _id_type(column: Any) -> Any:
    return column.remote_field.model._meta.pk if column.is_relation else None


def _field(key: str, definition: FieldDefinition, column: Any) -> Field:
    settings = definition.settings
    label = settings.label or key.replace("_", " ").capitalize()
    return Field(key, label, definition.field_type, settings, _id_type(column))


def host_model(name: str) -> type[models.Model]:
    """The host project's model ``app_label.Model``. MissingDefinition where there is none."""
    try:
        return host_apps.get_model(name)
    except (LookupError, ValueError) as error:
        message = _('There is no model "{name}" in this project.').format(name=name)
        raise MissingDefinition(message, model=name) from error


def _column(application: str, field: FieldDefinition, siblings: Mapping[str, TableDefinition]) -> Any:
    target = field.field_type.target(field.settings)
    if target is None:
        column: Any = field.field_type.column(field.settings)
        column.null = column.blank = True
        return column
    if target.table is None:
        return user_column()
    sibling = siblings.get(target.table)
    if sibling is None:
        message = _('There is no table "{table}" to link to.').format(table=target.table)
        raise MissingDefinition(message, table=target.table)
    host = host_model(sibling.model) if sibling.model else None
    name = host._meta.db_table if host else table_name(application, target.table)
    return link_column(name, host._meta.pk if host else None)
