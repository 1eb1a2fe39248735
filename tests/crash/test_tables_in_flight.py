"""A table that changes with jobs in flight (faults.md): each job stays on its version; what is really missing fails
clearly, and only what needs it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections

from meanwhile.definitions.program import Program
from meanwhile.engine import intake, operate
from meanwhile.queue.models import Job
from tests.crash.harness import DOCUMENT, Ledger, check, everything_is_done, until, worker

pytestmark = pytest.mark.django_db(transaction=True)

WITHOUT_ANSWER = DOCUMENT.replace("      answer: {type: text}\n", "").replace(", into: answer", "")


def test_jobs_in_flight_stay_on_the_version_under_which_they_were_queued(
    publish_yaml: Callable[[str], Program], ledger: Ledger, slow: Path
) -> None:
    before = publish_yaml(DOCUMENT)
    for _ in range(3):
        intake.submit(before, "item", {"word": "x"})
    busy = worker()
    until(lambda: bool(ledger.lines()), what="the effect")
    after = publish_yaml(WITHOUT_ANSWER)
    assert after.version_id != before.version_id
    slow.unlink()
    until(everything_is_done, what="the end of all work")
    busy.end()
    check(before, ledger)


OTHER = """
application: other
tables:
  item:
    fields: {word: {type: text}, done: {type: boolean}}
    events:
      record_update:
        - background:
          do: [update_field: {field: done, value: true}]
"""


def test_a_column_that_somebody_took_away_fails_its_jobs_clearly_and_no_others(
    publish_yaml: Callable[[str], Program], ledger: Ledger
) -> None:
    broken, well = publish_yaml(DOCUMENT), publish_yaml(OTHER)
    intake.submit(broken, "item", {"word": "x"})
    intake.submit(well, "item", {"word": "y"})
    table = connection.ops.quote_name(broken.tables["item"].db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME COLUMN after TO elsewhere")
    busy = worker()
    job = Job.objects.get(version_id=broken.version_id)
    until(lambda: _reread(job).error is not None, what="the failure")
    if connection.vendor == "postgresql":  # SQLite takes the name of a column that is not there for a text
        assert "after" in job.error["message"]
    until(lambda: _reread(Job.objects.get(version_id=well.version_id)).state == "completed", what="the other job")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME COLUMN elsewhere TO after")
    assert operate.resume([job.pk], None) == 1
    until(everything_is_done, what="the end of the mended one")
    busy.end()
    assert set(Job.objects.values_list("state", flat=True)) == {"completed"}


def _reread(job: Job) -> Job:
    job.refresh_from_db()
    connections.close_all()
    return job
