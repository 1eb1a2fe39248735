"""The writer of a dry run (``engine.gathered.Writer``): everything it is asked to write it keeps in memory.

It refuses what the database would refuse: a value that has to be unique and is not, a link that leads nowhere, the
deletion of a protected record.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from meanwhile.core.errors import ActionFailed, InvalidValue, MissingDefinition
from meanwhile.definitions.program import Program
from meanwhile.engine.dry.read_only import WritingRefused, is_refusal
from meanwhile.engine.dry.reading import Reading
from meanwhile.engine.record import RecordState, require
from meanwhile.tables import linking, records
from meanwhile.tables.table import Field, Table

type Place = tuple[str, Any]  # key of a table, id of a record


class Keeping:
    """The records of one dry run, as they would be by now. ``now``: the moment that the walk is at."""

    def __init__(self, program: Program, reading: Reading, user_id: int | None, now: datetime) -> None:
        self._program = program
        self._reading = reading
        self._user_id = user_id
        self.now = now
        # What nodes made, in order; whoever walks takes it away.
        self.made: list[RecordState] = []
        self._states: dict[Place, RecordState] = {}
        self._gone: set[Place] = set()

    def hold(self, record: RecordState) -> None:
        """Know of a record that is there."""
        self._states[record.table.key, record.id] = record

    def read(self, table_key: str, id_: Any) -> Mapping[str, Any] | None:
        """A record as it would be by now, for expressions that follow a link."""
        if (table_key, id_) in self._gone:
            return None
        if state := self._states.get((table_key, id_)):
            return dict(state.values)
        values = self._reading.record(table_key, id_)
        return None if values is None else self._without_gone(self._program.tables[table_key], values)

    # --- engine.gathered.Writer ----------------------------------------------------------------------------------

    def flush(self, record: RecordState) -> None:
        """Take note of what was gathered; a new record gets an id that is made up."""
        if record.is_deleted:
            return
        changes = record.take_changes()
        is_new = record.id is None
        own = {key: record.values.get(key) for key in record.table.fields} if is_new else changes
        self._check(record, own)
        if is_new:
            record.id = self._free_id(record.table.key)
            record.values |= self._stamps(record)
        self.hold(record)

    def create(self, table_key: str, values: Mapping[str, Any]) -> RecordState:
        """Another record, in memory, with defaults for what ``values`` leaves out."""
        table = self._program.tables.get(table_key)
        if table is None:
            raise MissingDefinition(_('This version has no table "{key}".').format(key=table_key), table=table_key)
        made = RecordState(table, None, records.new_values(table) | records.clean(table, values))
        require(table, made.values)
        self.flush(made)
        self.made.append(made)
        return made

    def delete(self, record: RecordState) -> None:
        """Let go of a record, with what the links to it say."""
        if record.id is None:
            self.flush(record)
        doomed = linking.refuse_protected(record.table, [record.id], self._program.tables, self._linked)
        self._gone |= {(key, id_) for key, ids in doomed.items() for id_ in ids}
        for place, state in self._states.items():
            state.is_deleted = state.is_deleted or place in self._gone
            if not state.is_deleted:
                state.values |= self._without_gone(state.table, state.values)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What the block did is forgotten where it fails; an error of the database is explained as one of ours."""
        states, gone, made = dict(self._states), set(self._gone), len(self.made)
        kept = [(state, state.snapshot()) for state in states.values()]
        try:
            with transaction.atomic():
                yield
        except BaseException as error:
            self._states, self._gone = states, gone
            del self.made[made:]
            for state, snapshot in kept:
                state.restore(snapshot)
            if isinstance(error, DatabaseError):
                raise self._explained(error) from error
            raise

    # --- what the database would say -----------------------------------------------------------------------------

    def _explained(self, error: DatabaseError) -> Exception:
        if isinstance(error, (IntegrityError, DataError)):
            return records.explain(error, self._program.tables.values())
        if is_refusal(error):
            return WritingRefused()
        return ActionFailed(_("The database refused: {error}").format(error=str(error).strip()))

    def _check(self, record: RecordState, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            field = record.table.fields.get(key)
            if field is not None and value is not None:
                self._check_link(field, value)
                self._check_unique(record, field, value)

    def _check_link(self, field: Field, value: Any) -> None:
        target = field.target
        if target is None or (target.table, value) in self._states:
            return
        if (target.table, value) in self._gone or not self._reading.exists(target, value):
            message = _("{label}: there is no record {id} to link to.")
            raise InvalidValue(message.format(label=field.label, id=value), field=field.key)

    def _check_unique(self, record: RecordState, field: Field, value: Any) -> None:
        column: Any = record.table.model._meta.get_field(field.key)
        is_unique = field.unique or column.unique  # a host's model says it of its column
        if is_unique and any(id_ != record.id for id_ in self._linked(record.table, field, [value])):
            message = _("{label}: another record has this value already.")
            raise InvalidValue(message.format(label=field.label), field=field.key)

    def _linked(self, table: Table, field: Field, wanted: Sequence[Any]) -> list[Any]:
        """The ids of the records in whose ``field`` stands one of ``wanted``, as it would be by now."""
        known = {id_ for key, id_ in self._states if key == table.key}
        stored = self._reading.with_value(table, field.key, wanted)
        there = [id_ for id_ in stored if id_ not in known and (table.key, id_) not in self._gone]
        states = [state for (key, _id), state in self._states.items() if key == table.key and not state.is_deleted]
        return there + [state.id for state in states if state.values.get(field.key) in wanted]

    def _without_gone(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        """``values`` with links emptied that lead to what was deleted."""
        emptied = {
            key: None
            for key in table.links
            if (target := table.fields[key].target) and (target.table, values.get(key)) in self._gone
        }
        return {**values, **emptied}

    def _free_id(self, table_key: str) -> Any:
        id_ = self._reading.free_id(table_key)
        while (table_key, id_) in self._states or (table_key, id_) in self._gone:
            id_ += 1
        return id_

    def _stamps(self, record: RecordState) -> Mapping[str, Any]:
        if record.table.host:
            return {"id": record.id}
        who = {"created_by": self._user_id, "updated_by": self._user_id}
        return {"id": record.id, "created_at": self.now, "updated_at": self.now, **who}
