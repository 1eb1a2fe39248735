"""The one door: save a record and run its event.

``submit`` is one transaction: the record with what the synchronous part of the tree set, the submission, its run and
its jobs; commit means all of it, rollback none. After the commit the request performs the rest of the synchronous
part, if there is one, before it answers. Forms, imports, commands and the API all come in here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, connections, transaction

from meanwhile.core import clock, exact_json, failpoints, telemetry
from meanwhile.core.errors import MeanwhileError, MissingDefinition
from meanwhile.definitions.program import Program
from meanwhile.engine import accepted, at_once, payloads, rest, walk
from meanwhile.engine.accepted import NewSubmission
from meanwhile.engine.gathered import Origin, Writer
from meanwhile.engine.models import Submission
from meanwhile.engine.record import RecordState, require
from meanwhile.engine.walk import Cursor
from meanwhile.engine.walking import Walking
from meanwhile.engine.writing import UnitOfWork, enqueue_all
from meanwhile.queue import retry
from meanwhile.tables import records
from meanwhile.tables.table import Table


class RecordGone(MeanwhileError):
    """The record that was to be changed does not exist any more."""

    can_heal = False


class SubmissionKeyReused(MeanwhileError):
    """This opening of the form was sent already, with other values. ``first`` is what was sent then."""

    can_heal = False

    def __init__(self, first: Submission) -> None:
        super().__init__("This form was sent already. Open what was sent first, or send this as a new one.")
        self.first = first


@dataclass(frozen=True, slots=True)
class Submitted:
    """An accepted save. ``is_repeated``: the same was sent before, and this is the first one."""

    submission_id: int
    record_id: Any
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Save:
    """What is to be saved: values by field key that fit their fields; ``record_id`` None makes a new record."""

    program: Program
    table: Table
    values: Mapping[str, Any]
    record_id: Any = None
    form: str = ""
    user_id: int | None = None
    key: str | None = None

    @property
    def digest(self) -> str:
        """Of what was sent: equal for the same values in the same form for the same record."""
        text = exact_json.dumps([self.table.key, self.form, str(self.record_id), sorted(self.values.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def submit(
    program: Program,
    table_key: str,
    values: Mapping[str, Any],
    *,
    record_id: Any = None,
    form: str = "",
    user_id: int | None = None,
    key: str | None = None,
) -> Submitted:
    """Save a record of ``table_key`` and run its record update event, then that of ``form``.

    Commits, unless the caller opened a transaction. ``key``: of one opening of a form; the same key with the same
    values is answered with the first submission. Raises SubmissionKeyReused, RecordGone, InvalidValue (``data`` may
    name the field), or what an action of the synchronous part raised; then nothing is saved and the key is free.
    """
    table = program.tables.get(table_key)
    if table is None:
        raise MissingDefinition(f'This version has no table "{table_key}".', table=table_key)
    cleaned = records.clean(table, values)
    require(table, cleaned)
    with telemetry.span("meanwhile.submit", table=table_key, form=form, version=program.version_id):
        return _accept(Save(program, table, cleaned, record_id, form, user_id, key))


def _accept(save: Save) -> Submitted:
    submitted, held = retry.on_conflict(lambda: _submit(save))
    if held is not None:
        rest.perform(held)
    return submitted


def _submit(save: Save) -> tuple[Submitted, rest.HeldRest | None]:
    commits = _commits()
    try:
        written = (commits and _write_at_once(save)) or _write_together(save, performs_rest=commits)
    except (IntegrityError, DataError, MeanwhileError) as error:
        # The same may have been sent before: its key is taken, or it left nothing to do for this one. Nobody asks
        # beforehand, since that would take every save a statement, and could not see one that is under way.
        if repeated := _repeated(save):
            return repeated, None
        if isinstance(error, MeanwhileError):
            raise
        raise records.explain(error, save.program.tables.values()) from error
    if commits:
        failpoints.hit("intake.after_commit")
    return written


def _commits() -> bool:
    """Whether what is written now is committed here; else it is part of a transaction of the caller."""
    own = connections[DEFAULT_DB_ALIAS]
    return own.get_autocommit() and not own.in_atomic_block


def _write_at_once(save: Save) -> tuple[Submitted, None] | None:
    """The submission in one statement; None where that cannot be, and nothing was written."""
    if save.record_id is not None or not at_once.may_be(save.program, save.table, save.form):
        return None
    submission = _submission(save)
    try:
        walking = _walk(save, _new_record(save), {}, submission, at_once.NothingYet())
    except at_once.NeedsTransaction:
        at_once.is_refused(save.program, save.table, save.form)
        return None
    if not at_once.fits(walking):
        at_once.is_refused(save.program, save.table, save.form)
        return None
    failpoints.hit("intake.before_commit")
    return Submitted(*at_once.write(submission, walking, _event(save))), None


def _write_together(save: Save, *, performs_rest: bool) -> tuple[Submitted, rest.HeldRest | None]:
    with transaction.atomic():
        written = _write(save, performs_rest=performs_rest)
        failpoints.hit("intake.before_commit")
    return written


def _repeated(save: Save) -> Submitted | None:
    """The first submission of this key; None where it is the first. SubmissionKeyReused when it had other values."""
    first = accepted.first_of(save.key) if save.key else None
    if first is None:
        return None
    if first.digest != save.digest:
        raise SubmissionKeyReused(first)
    return Submitted(first.pk, save.table.read_id(first.record_id), is_repeated=True)


def _write(save: Save, *, performs_rest: bool) -> tuple[Submitted, rest.HeldRest | None]:
    record, old = _record(save)
    submission = _submission(save)
    walking = _walk(save, record, old, submission, UnitOfWork(save.program, save.user_id))
    walking.writer.flush(record)
    submission.record_id = str(record.id)
    steps = walking.steps if walking.pending is None else walking.steps[:-1]
    submission_id, run_id = accepted.write(submission, _event(save), steps)
    walking.origin = Origin(submission_id, run_id, save.user_id, walking.origin.is_new, old)
    held = rest.put_down(walking, performs=performs_rest) if walking.pending else None
    enqueue_all([walking])
    return Submitted(submission_id, record.id), held


def _record(save: Save) -> tuple[RecordState, Mapping[str, Any]]:
    """The record with the values that were sent, and how it was before: nothing for a new one."""
    if save.record_id is None:
        return _new_record(save), {}
    found = records.read(save.table, [save.record_id], lock=True).get(save.record_id)
    if found is None:
        raise RecordGone("This record does not exist any more. Nothing was saved.")
    record = RecordState(save.table, save.record_id, found)
    record.apply(save.values)
    return record, dict(found)


def _new_record(save: Save) -> RecordState:
    return RecordState(save.table, None, records.new_values(save.table) | dict(save.values))


def _event(save: Save) -> str:
    return f"{save.table.key}.record_update"


def _walk(
    save: Save, record: RecordState, old: Mapping[str, Any], submission: NewSubmission, writer: Writer
) -> Walking:
    def open_submission() -> int:
        submission.record_id = str(record.id)
        return submission.write_early()

    walking = Walking(
        program=save.program,
        record=record,
        cursor=_first_cursor(save),
        origin=Origin(None, None, save.user_id, save.record_id is None, old),
        writer=writer,
        token=payloads.new_token(),
        raises=True,
        open_submission=open_submission,
    )
    walking.go()
    return walking


def _first_cursor(save: Save) -> Cursor:
    """The table's event on top, the form's own below it, so that it is walked afterwards."""
    cursor = walk.END
    for event in (f"form:{save.form}", f"{save.table.key}.record_update"):
        if event in save.program.trees:
            cursor += walk.begin(save.program.trees[event])
    return cursor


def _submission(save: Save) -> NewSubmission:
    return NewSubmission(
        key=save.key,
        digest=save.digest if save.key else "",
        version_id=save.program.version_id,
        form=save.form,
        table=save.table.key,
        is_new=save.record_id is None,
        user_id=save.user_id,
        created_at=clock.now(),
    )
