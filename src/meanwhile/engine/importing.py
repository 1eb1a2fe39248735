"""Imports: a job in the queue that saves the rows of a file, a few in each turn of a worker.

What a turn saves, which rows are left and how far the import is are committed together, so that every row is saved
exactly once whatever is killed. Each row comes in through ``intake.submit`` like any other save, in a savepoint of its
own: one that is refused is rolled back alone, and told.
"""

import logging
import time
from collections.abc import Sequence
from functools import partial

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import InvalidValue, MeanwhileError
from meanwhile.definitions.program import Program, program
from meanwhile.engine.import_rows import read_row
from meanwhile.engine.models import ImportRow, RecordImport
from meanwhile.engine.steps import Outcome, step
from meanwhile.queue import store
from meanwhile.queue.database import is_postgresql
from meanwhile.queue.jobs import Advance, Claimed, Effect, NewJob, Ready
from meanwhile.queue.trouble import is_trouble

logger = logging.getLogger(__name__)

# Rows of one turn: the jobs of others wait for no more than these.
ROWS = 20
_LONGEST_REASON = 1000
# SQLite has one writer at a time, and who waits for it looks only now and then: without a pause between two turns,
# nobody else would save anything before the end of the import.
_PAUSE_SECONDS = 0.03


def begin(import_id: int, version: Program, columns: Sequence[str]) -> bool:
    """Queue the job that saves the rows. False when it was started before. Commits."""
    with transaction.atomic():
        found = RecordImport.objects.select_for_update().get(pk=import_id)
        if found.job_id is not None:
            return False
        found.version_id, found.columns = version.version_id, list(columns)
        (found.job_id,) = store.enqueue([_job(found)])
        found.save(update_fields=["version", "columns", "job_id"])
    return True


def _job(found: RecordImport) -> NewJob:
    """It has no line: its rows are many records. Where it stands is in the rows, not in the payload."""
    return NewJob(line=None, due_at=clock.now(), payload={"import": found.pk}, version_id=found.version_id)


def is_import(job: Claimed) -> bool:
    """Whether ``job`` is one of ``begin``'s."""
    return "import" in job.payload


def advance(ready: Ready) -> Advance:
    """Save the next rows, inside the worker's transaction. Raises what the database or a mistake in here raises.

    On SQLite a job that was just claimed first waits a moment, outside any transaction.
    """
    job = ready.job
    found = RecordImport.objects.filter(pk=job.payload["import"]).first()
    if found is None:
        return _ended(job, Outcome.GONE, _("The import does not exist any more."))
    if job.cancel_requested:
        steps = [*job.steps, step(Outcome.CANCELLED, clock.now(), name=_("Import"), note=tell(found))]
        return Advance.cancelled(job.id, payload=job.payload, steps=steps)
    if ready.answer is None and not is_postgresql():
        return _paused(job)
    rows = list(found.rows.filter(reason="").order_by("number")[: ROWS + 1])
    _save(found, rows[:ROWS])
    if len(rows) > ROWS:
        return Advance.released(job.id, payload=job.payload, steps=job.steps, at_node="", progressed=True)
    return _ended(job, Outcome.DONE, tell(found))


def _paused(job: Claimed) -> Advance:
    effect = Effect(job.id, partial(time.sleep, _PAUSE_SECONDS))
    return Advance.pending(job.id, payload=job.payload, steps=job.steps, at_node="", effect=effect, progressed=False)


def tell(found: RecordImport) -> str:
    """How far it came, in a sentence."""
    left = found.total - found.saved - found.refused
    sentence = _("Rows saved: {saved}. Refused: {refused}.").format(saved=found.saved, refused=found.refused)
    return sentence + (" " + _("Not done: {left}.").format(left=left) if left else "")


def _ended(job: Claimed, outcome: Outcome, note: str) -> Advance:
    steps = [*job.steps, step(outcome, clock.now(), name=_("Import"), note=note)]
    return Advance.done(job.id, payload=job.payload, steps=steps)


def _save(found: RecordImport, rows: Sequence[ImportRow]) -> None:
    version, user_id, saved = program(found.version_id), _living(found.user_id), []
    for row in rows:
        row.reason = _refusal(found, version, row, user_id)
        if not row.reason:
            saved.append(row.pk)
    refused = [row for row in rows if row.reason]
    ImportRow.objects.filter(pk__in=saved).delete()
    ImportRow.objects.bulk_update(refused, ["reason"])
    found.saved += len(saved)
    found.refused += len(refused)
    found.save(update_fields=["saved", "refused"])


def _living(user_id: int | None) -> int | None:
    return user_id if get_user_model()._base_manager.filter(pk__in=[user_id]).exists() else None


def _refusal(found: RecordImport, version: Program, row: ImportRow, user_id: int | None) -> str:
    """Save one row; why it was refused, empty when it was saved."""
    # Not above: intake imports the performer, which imports this module.
    from meanwhile.engine import intake

    try:
        read = read_row(version.table(found.table), found.columns, row.cells)
        with transaction.atomic():
            intake.submit(version, found.table, read.values, record_id=read.record_id, user_id=user_id)
    except intake.RecordGone:
        return _("There is no record {id} to change.").format(id=read.record_id)
    except MeanwhileError as error:
        return _reason(version, found.table, error)
    except Exception as error:
        if is_trouble(error):
            raise
        logger.exception("Row %s of import %s failed outside any of its actions.", row.number, found.pk)
        return f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
    return ""


def _reason(version: Program, table: str, error: MeanwhileError) -> str:
    """The error's sentence, which names the field that is to blame."""
    field = version.table(table).fields.get(str(error.data.get("field", "")))
    is_named = field is None or not isinstance(error, InvalidValue) or error.message.startswith(f"{field.label}:")
    sentence = error.message if is_named or field is None else f"{field.label}: {error.message}"
    return sentence[:_LONGEST_REASON] or type(error).__name__
