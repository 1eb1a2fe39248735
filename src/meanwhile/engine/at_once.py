"""A submission in one statement, a transaction by itself: record, submission, run, jobs and the hint to workers.

Only on PostgreSQL, only for a new record whose tree asks nothing of the database while it is walked, and outside any
transaction of a caller. Everything else, and what turns out to need more, takes the way of several statements.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from meanwhile.core.exact_json import dumps
from meanwhile.definitions.program import Program
from meanwhile.engine.accepted import NewSubmission, chain_of
from meanwhile.engine.record import RecordState
from meanwhile.engine.walking import Walking
from meanwhile.engine.writing import new_jobs
from meanwhile.queue.database import fetch, is_postgresql
from meanwhile.queue.jobs import NewJob
from meanwhile.queue.store import new_row
from meanwhile.queue.wake import CHANNEL
from meanwhile.tables import linking
from meanwhile.tables.statements import statements
from meanwhile.tables.table import Table


class NeedsTransaction(Exception):
    """The walk wants something written before its end; it has to be begun again inside a transaction."""


class NothingYet:
    """The ``Writer`` of a walk that is written at once, when it has ended: what cannot wait is refused."""

    def flush(self, record: RecordState) -> None:
        raise NeedsTransaction

    def create(self, table_key: str, values: Mapping[str, Any]) -> RecordState:
        raise NeedsTransaction

    def delete(self, record: RecordState) -> None:
        raise NeedsTransaction

    def savepoint(self) -> AbstractContextManager[Any]:
        raise NeedsTransaction


# Forms and tables of versions whose trees were found to need a transaction; not to be walked twice the next time.
_needing: set[tuple[int, str, str]] = set()


def may_be(program: Program, table: Table, form: str) -> bool:
    """Whether a new record of ``table`` may be saved in one statement, outside any transaction."""
    return is_postgresql() and not table.host and (program.version_id, table.key, form) not in _needing


def is_refused(program: Program, table: Table, form: str) -> None:
    """Remember that this way was tried in vain."""
    _needing.add((program.version_id, table.key, form))


def fits(walking: Walking) -> bool:
    """Whether the walk came to its end with nothing but values and branches."""
    return walking.pending is None and not walking.fired and not walking.record.is_deleted


def write(submission: NewSubmission, walking: Walking, event: str) -> tuple[int, Any]:
    """Write it all, and commit; the ids of the submission and of the record. IntegrityError, DataError or InvalidValue
    where the database refuses a value; nothing is written then."""
    record, jobs = walking.record, new_jobs(walking)
    own = {key: record.values.get(key) for key in record.table.fields}
    linking.check(record.table, [own])
    now, user = submission.created_at, submission.user_id
    stamps = {"created_at": now, "updated_at": now, "created_by": user, "updated_by": user}
    columns = statements(record.table)
    parameters = [
        *columns.written(own | stamps),
        *_submission_parameters(submission),
        *_run_parameters(submission, event, walking.steps),
        *_job_parameters(record.table, jobs),
    ]
    due = sum(job.is_due for job in jobs)
    ((submission_id, record_id),) = fetch(_sql(columns.insert_sql, len(jobs), due), parameters)
    return submission_id, record_id if columns.id.to_memory is None else columns.id.to_memory(record_id)


def _submission_parameters(submission: NewSubmission) -> list[Any]:
    return [
        submission.key,
        submission.digest,
        submission.version_id,
        submission.form,
        submission.table,
        submission.is_new,
        submission.user_id,
        submission.created_at,
    ]


def _run_parameters(submission: NewSubmission, event: str, steps: Any) -> list[Any]:
    return [submission.version_id, event, submission.table, chain_of(event), submission.created_at, dumps(steps)]


def _job_parameters(table: Table, jobs: list[NewJob]) -> list[Any]:
    """The rows of the jobs without what only the statement knows: the ids."""
    parameters: list[Any] = []
    for place, job in enumerate(jobs):
        row = new_row(job)
        line = None if job.line is None else f"{table.db_table}:"
        queue, state, _line, due_at, attempts, backoff, _submission, _run, version, branch, at, payload, steps = row
        parameters += [place, queue, state, line, due_at, attempts, backoff, version, branch, at, payload, steps]
    return parameters


_JOB = (
    "(%s::int, %s::text, %s::text, %s::text, %s::timestamptz, %s::int, %s::float8, %s::bigint, %s::text, %s::text,"
    " %s::jsonb, %s::jsonb)"
)


@lru_cache(maxsize=512)
def _sql(insert_record: str, jobs: int, due: int) -> str:
    """The statement for a table and a number of jobs, of which ``due`` are due; its text is always the same, so that it
    stays prepared."""
    # A function in FROM is called once, also where nobody reads what it returns.
    name = "(SELECT id::text FROM job WHERE state = 'available')" if due == 1 else "''"
    hint = f", pg_notify('{CHANNEL}', {name}) AS hint" if due else ""
    return f"""
        WITH record AS ({insert_record}),
        submission AS (
            INSERT INTO meanwhile_submission (
                key, digest, version_id, form, "table", record_id, is_new, user_id, created_at)
            SELECT %s::text, %s::text, %s::bigint, %s::text, %s::text, record.id::text, %s::bool, %s::bigint,
                   %s::timestamptz
            FROM record RETURNING id
        ), run AS (
            INSERT INTO meanwhile_run (
                submission_id, version_id, event, "table", record_id, depth, chain, created_at, steps)
            SELECT submission.id, %s::bigint, %s::text, %s::text, record.id::text, 0, %s::jsonb, %s::timestamptz,
                   %s::jsonb
            FROM submission, record RETURNING id
        ){_jobs_sql(jobs)}
        SELECT submission.id, record.id FROM submission, record{hint}
    """


def _jobs_sql(count: int) -> str:
    if not count:
        return ""
    return f""", job AS (
            INSERT INTO meanwhile_job (
                queue, state, line, due_at, epoch, attempt, max_attempts, backoff_seconds, alone, deaths,
                cancel_requested, created_at, submission_id, run_id, version_id, branch_node, at_node, payload, steps)
            SELECT new.queue, new.state, new.line || record.id, new.due_at, 0, 0, new.max_attempts,
                   new.backoff_seconds, false, 0, false, clock_timestamp(), submission.id, run.id, new.version_id,
                   new.branch_node, new.at_node, new.payload || jsonb_build_object('record', record.id), new.steps
            FROM record, submission, run, (VALUES {", ".join([_JOB] * count)}) AS new (
                place, queue, state, line, due_at, max_attempts, backoff_seconds, version_id, branch_node, at_node,
                payload, steps)
            ORDER BY new.place RETURNING id, state
        )"""
