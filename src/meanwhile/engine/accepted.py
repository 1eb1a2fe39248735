"""The rows of an accepted save, its submission and its first run, by statements of our own.

Every save writes them, and Django's making of the two statements was half of what a save cost. On PostgreSQL they are
one statement, which the connection keeps prepared. Everything else reads and writes these rows through the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from meanwhile.core.exact_json import dumps
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.database import fetch, is_postgresql, stamp

_SUBMISSION = """
    INSERT INTO meanwhile_submission (key, digest, version_id, form, "table", record_id, is_new, user_id, created_at)
    VALUES (%(key)s, %(digest)s, %(version)s, %(form)s, %(table)s, %(record)s, %(is_new)s, %(user)s, %(now)s)
    RETURNING id
"""
_RUN_SQLITE = """
    INSERT INTO meanwhile_run (submission_id, version_id, event, "table", record_id, depth, chain, created_at, steps)
    VALUES (%(submission)s, %(version)s, %(event)s, %(table)s, %(record)s, 0, %(chain)s, %(now)s, %(steps)s)
    RETURNING id
"""
_BOTH_POSTGRESQL = """
    WITH submission AS ({submission})
    INSERT INTO meanwhile_run (submission_id, version_id, event, "table", record_id, depth, chain, created_at, steps)
    SELECT id, %(version)s, %(event)s, %(table)s, %(record)s, 0, %(chain)s::jsonb, %(now)s, %(steps)s::jsonb
    FROM submission
    RETURNING submission_id, id
""".replace("{submission}", _SUBMISSION)


@dataclass(slots=True)
class NewSubmission:
    """A submission that is about to be written; the names are those of the model. ``pk`` None: it is not written yet.

    Not the model itself, whose making alone would cost a tenth of a save.
    """

    key: str | None
    digest: str
    version_id: int
    form: str
    table: str
    is_new: bool
    user_id: int | None
    created_at: datetime
    record_id: str = ""
    pk: int | None = None

    def write_early(self) -> int:
        """Insert it before its run, and return its id: an address that the walk gives out has to name it."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "pk"}
        self.pk = Submission.objects.create(**values).pk
        return self.pk


def write(submission: NewSubmission, event: str, steps: Any) -> tuple[int, int]:
    """Insert ``submission``, and its run of ``event`` with the journal ``steps``; the ids of both.

    Inside the caller's transaction. One that was written before its time gets only its run. IntegrityError where the
    submission's key was taken.
    """
    now = submission.created_at
    if submission.pk is not None:
        return submission.pk, _write_run(submission.pk, submission, event, steps)
    row = {
        "key": submission.key,
        "digest": submission.digest,
        "version": submission.version_id,
        "form": submission.form,
        "table": submission.table,
        "record": submission.record_id,
        "is_new": submission.is_new,
        "user": submission.user_id,
        "event": event,
        "chain": chain_of(event),
        "steps": dumps(steps),
    }
    if is_postgresql():
        ((submission_id, run_id),) = fetch(_BOTH_POSTGRESQL, row | {"now": now})
        return submission_id, run_id
    return _write_sqlite(row, now)


@lru_cache(maxsize=512)
def chain_of(event: str) -> str:
    """The text of the chain of a submission's own run, which is the same for every one."""
    return dumps([event])


def _write_run(submission_id: int, submission: NewSubmission, event: str, steps: Any) -> int:
    run = Run.objects.create(
        submission_id=submission_id,
        version_id=submission.version_id,
        event=event,
        table=submission.table,
        record_id=submission.record_id,
        chain=[event],
        created_at=submission.created_at,
        steps=steps,
    )
    return run.pk


def _write_sqlite(row: Mapping[str, Any], now: datetime) -> tuple[int, int]:
    stamped = {**row, "now": stamp(now)}
    ((submission_id,),) = fetch(_SUBMISSION, stamped)
    ((run_id,),) = fetch(_RUN_SQLITE, stamped | {"submission": submission_id})
    return submission_id, run_id


def first_of(key: str) -> Submission | None:
    """The submission with that key."""
    return Submission.objects.filter(key=key).first()
