"""A document's tables as checks see them: without models, so that a draft costs nothing and leaves nothing behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.document import Document, FieldDef, TableDef, title_of
from meanwhile.definitions.keys import RECORD_UPDATE, SYSTEM_FIELDS
from meanwhile.plugins.contracts import FieldView, TableView
from meanwhile.plugins.functions import functions
from meanwhile.tables.table import Table, build_table


@dataclass(frozen=True, slots=True)
class CheckedField:
    """A field as it stands in a document."""

    key: str
    definition: FieldDef

    @property
    def label(self) -> str:
        return title_of(self.definition.settings.label or "", self.key)

    @property
    def type(self) -> str:
        return self.definition.type

    def clean(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        return self.definition.field_type.clean(value, self.definition.settings)


class CheckedTable:
    """A table as it stands in a document."""

    def __init__(self, key: str, definition: TableDef) -> None:
        self.key = key
        self.fields: Mapping[str, FieldView] = {
            name: CheckedField(name, field) for name, field in definition.fields.items()
        }


class Checked:
    """A document and what its checks ask about it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        # Why a table of the host project cannot be used, by key.
        self.unusable: dict[str, str] = {}

    @cached_property
    def tables(self) -> Mapping[str, TableView]:
        return {key: self._table(key, table) for key, table in self.document.tables.items()}

    @cached_property
    def events(self) -> Mapping[str, frozenset[str]]:
        """The custom events of each table."""
        return {key: frozenset(table.events) - {RECORD_UPDATE} for key, table in self.document.tables.items()}

    @cached_property
    def functions(self) -> frozenset[str]:
        return frozenset(functions)

    def readable(self, table: str) -> tuple[str, ...]:
        """The names that expressions can read below a record of ``table``."""
        view = self.tables[table]
        return tuple(sorted(view.readable)) if isinstance(view, Table) else (*view.fields, *SYSTEM_FIELDS)

    def link_target(self, table: str, field: str) -> str | None:
        """The table that a link field leads to; None for any other field."""
        view = self.tables.get(table)
        if isinstance(view, Table):
            return view.link_target(field)
        definition = self.document.tables[table].fields.get(field) if view else None
        target = definition.field_type.target(definition.settings) if definition else None
        return target.table if target else None

    def _table(self, key: str, definition: TableDef) -> TableView:
        if definition.model and not definition.fields:
            try:
                return build_table(self.document.application, key, definition, self.document.tables)
            except MeanwhileError as error:
                self.unusable[key] = error.message
        return CheckedTable(key, definition)
