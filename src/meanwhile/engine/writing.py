"""The unit of work: what walks gathered, written set-based inside the caller's transaction.

One ``UnitOfWork`` serves one transaction: the one of a submission, or the one of a worker's batch. Records come first
(so that ids are known), then runs of fired events, then all jobs in one go.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, transaction

from meanwhile.core import clock
from meanwhile.core.errors import ActionFailed, MissingDefinition
from meanwhile.definitions.program import Program
from meanwhile.engine import payloads, walk
from meanwhile.engine.gathered import Fired, NewBranch, Origin
from meanwhile.engine.models import Run
from meanwhile.engine.record import RecordState, require
from meanwhile.engine.walking import Walking
from meanwhile.queue import store
from meanwhile.queue.jobs import NewJob
from meanwhile.queue.trouble import is_trouble
from meanwhile.tables import records
from meanwhile.tables.integrity import refusal
from meanwhile.tables.table import Table


class UnitOfWork:
    """Writes what walks of one program want, and what they gathered."""

    def __init__(self, program: Program, user_id: int | None) -> None:
        self._program = program
        self._user_id = user_id
        self._now: datetime = clock.now()

    # --- what a walk cannot put off (walking.Writer) ---

    def flush(self, record: RecordState) -> None:
        """Write what was gathered for ``record``; insert it where it is new."""
        if record.is_deleted:
            return
        if record.id is None:
            record.take_changes()
            record.id = records.insert(record.table, record.values, user_id=self._user_id, now=self._now)
            record.values |= self._inserted(record)
        elif changes := record.take_changes():
            records.update(record.table, [(record.id, changes)], user_id=self._user_id, now=self._now)

    def create(self, table_key: str, values: Mapping[str, Any]) -> RecordState:
        """Insert a record with defaults for what ``values`` leaves out."""
        table = self._program.tables.get(table_key)
        if table is None:
            raise MissingDefinition(f'This version has no table "{table_key}".', table=table_key)
        made = RecordState(table, None, records.new_values(table) | records.clean(table, values))
        require(table, made.values)
        self.flush(made)
        return made

    def delete(self, record: RecordState) -> None:
        """Delete ``record`` and do what the links to it say."""
        if record.id is None:
            self.flush(record)  # it was there for a moment: what else was queued finds that it is gone
        records.delete(record.table, record.id, self._program.tables)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A database error of the block undoes the block alone and is explained as one of ours.

        Trouble of the database is nobody's failure and is raised as it is.
        """
        try:
            with transaction.atomic():
                yield
        except (IntegrityError, DataError) as error:
            raise records.explain(error, self._program.tables.values()) from error
        except DatabaseError as error:
            if is_trouble(error):
                raise
            raise ActionFailed(refusal(error)) from error

    def _inserted(self, record: RecordState) -> Mapping[str, Any]:
        """What a new record has that nobody gave it. A model of the host may have set anything."""
        if record.table.host:
            return records.read(record.table, [record.id])[record.id]
        return {
            "id": record.id,
            "created_at": self._now,
            "updated_at": self._now,
            "created_by": self._user_id,
            "updated_by": self._user_id,
        }


def write_records(table_records: Iterable[RecordState], user_ids: Mapping[int, int | None]) -> None:
    """Write the gathered changes of existing records: one statement per table and set of columns.

    ``user_ids``: by ``id()`` of the state, who is written down as having changed it.
    """
    groups: dict[tuple[int, int | None], tuple[Table, list[tuple[Any, dict[str, Any]]]]] = {}
    for record in table_records:
        if record.is_deleted or not record.changes:
            continue
        user_id = user_ids.get(id(record))
        _, changes = groups.setdefault((id(record.table), user_id), (record.table, []))
        changes.append((record.id, record.take_changes()))
    for (_, user_id), (table, changes) in groups.items():
        records.update(table, sorted(changes, key=lambda change: change[0]), user_id=user_id, now=clock.now())


def new_jobs(walking: Walking) -> list[NewJob]:
    """The jobs of the branches that a walk met. The record has its id by now."""
    return [_branch_job(walking, branch) for branch in walking.branches]


def _branch_job(walking: Walking, new: NewBranch) -> NewJob:
    due_at = new.branch.due_at
    is_due = due_at is None or due_at <= walking.now
    return payloads.job(
        walking.program,
        walking.record,
        walking.origin,
        new.cursor,
        due_at=walking.now if due_at is None else due_at,
        is_due=is_due,
        branch=new.branch,
        node_id=new.node_id,
    )


def write_fired(walkings: Iterable[Walking]) -> list[NewJob]:
    """Write a run for each event that the walks fired, and return their jobs."""
    pairs = [(walking, fired) for walking in walkings for fired in walking.fired]
    runs = Run.objects.bulk_create([_run_of(walking, fired) for walking, fired in pairs]) if pairs else []
    return [_fired_job(walking, fired, run.pk) for (walking, fired), run in zip(pairs, runs, strict=True)]


def _run_of(walking: Walking, fired: Fired) -> Run:
    if walking.origin.submission_id is None:
        raise MissingDefinition("Only a submission can fire an event.")
    return Run(
        submission_id=walking.origin.submission_id,
        version_id=walking.program.version_id,
        event=fired.chain[-1],
        table=fired.record.table.key,
        record_id=str(fired.record.id),
        depth=len(fired.chain) - 1,
        chain=list(fired.chain),
        created_at=walking.now,
    )


def _fired_job(walking: Walking, fired: Fired, run_id: int) -> NewJob:
    before = walking.origin
    origin = Origin(before.submission_id, run_id, before.user_id, fired.is_new, fired.old, before.trace)
    cursor = walk.begin(walking.program.trees[fired.chain[-1]], None, fired.chain[:-1])
    return payloads.job(walking.program, fired.record, origin, cursor, due_at=walking.now, is_due=True)


def enqueue_all(walkings: Iterable[Walking]) -> None:
    """Write the jobs of all branches and fired events of the walks, in their order."""
    walkings = list(walkings)
    jobs = [job for walking in walkings for job in new_jobs(walking)] + write_fired(walkings)
    if jobs:
        store.enqueue(jobs)
