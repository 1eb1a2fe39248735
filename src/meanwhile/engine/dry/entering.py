"""What is sent: the values of a form as they reach the engine, and plausible ones for who has none at hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from meanwhile.core.errors import InvalidValue
from meanwhile.definitions.document import FormDef
from meanwhile.definitions.program import Program
from meanwhile.engine.dry.reading import Reading
from meanwhile.engine.record import RecordState, require
from meanwhile.engine.scope import ReadRecord, ScopeBuilder
from meanwhile.engine.tokens import linker
from meanwhile.expressions import value_of
from meanwhile.plugins.samples import sample_of
from meanwhile.tables import records
from meanwhile.tables.table import Field, Table


def asked(table: Table, form: FormDef | None) -> list[str]:
    """The keys of the fields that the person fills in: those of the form, or all of the table."""
    if form is None:
        return list(table.fields)
    return [item.field for item in form.fields if not item.hidden and item.field in table.fields]


def sample(table: Table, reading: Reading, user_id: int | None, now: datetime) -> dict[str, Any]:
    """A plausible record: every field with a value that it takes; links to records that are there."""
    return {key: _sample(field, reading, user_id, now) for key, field in table.fields.items()}


def _sample(field: Field, reading: Reading, user_id: int | None, now: datetime) -> Any:
    if field.target is None:
        return sample_of(field, now)
    if field.target.table is None:
        return user_id
    newest = reading.newest(field.target.table, 1)
    return newest[0][0] if newest else None


class Entering:
    """One sending of a form, or of a table's values where ``form`` is None."""

    def __init__(
        self, program: Program, table: Table, form: FormDef | None, user_id: int | None, read: ReadRecord, now: datetime
    ) -> None:
        self._program = program
        self._table = table
        self._form = form
        self._user_id = user_id
        self._read = read
        self._now = now

    def values(self, given: Mapping[str, Any], before: Mapping[str, Any], record_id: Any) -> dict[str, Any]:
        """``given`` as its fields keep it, with the presets of hidden fields. InvalidValue where something does not fit
        its field, is missing, or breaks a rule of the form. ``before``: the record as it was, or how it begins."""
        hidden = [item for item in self._form.fields if item.hidden] if self._form else []
        scope = self._scope(before, record_id)
        presets = {item.field: None if item.preset is None else value_of(item.preset, scope) for item in hidden}
        cleaned = records.clean(self._table, {**given, **presets})
        require(self._table, cleaned)
        self._judge({**before, **cleaned}, record_id)
        return cleaned

    def _judge(self, values: Mapping[str, Any], record_id: Any) -> None:
        scope = self._scope(values, record_id)
        for rule in self._form.rules if self._form else ():
            if not rule.rule.evaluate(scope):
                raise InvalidValue(rule.message)

    def _scope(self, values: Mapping[str, Any], record_id: Any) -> Mapping[str, Any]:
        record = RecordState(self._table, record_id, values)
        link = linker(self._program, record, None)
        builder = ScopeBuilder(self._program, self._user_id, self._now, self._read)
        return builder.build(record, lambda: record_id, values, {"is_new": record_id is None}, link)
