"""A worker that is killed in the middle of an import leaves every row saved exactly once, and every refusal told."""

import random
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connections

from meanwhile.core import clock
from meanwhile.definitions.program import Program
from meanwhile.engine import importing, intake
from meanwhile.engine.models import ImportRow, RecordImport, Run, Submission
from meanwhile.queue import operators
from meanwhile.queue.models import Job
from tests.crash import tally
from tests.crash.counts import COUNTS
from tests.crash.harness import everything_is_done, finishing, until, worker

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 90

DOCUMENT = """
application: crashimport
tables:
  item:
    fields:
      word: {type: text}
      amount: {type: integer, max: 9}
      now: {type: integer}
      later: {type: integer}
    events:
      record_update:
        - update_field: {field: now, value: "{{ 1 if record.now == None else record.now + 1 }}"}
        - background:
          do:
            - update_field: {field: later, value: "{{ 1 if record.later == None else record.later + 1 }}"}
"""


@pytest.fixture
def program(publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(DOCUMENT)


def start_import(program: Program, count: int = ROWS) -> RecordImport:
    """An import in which every tenth row is refused."""
    made = RecordImport.objects.create(
        version_id=program.version_id,
        table="item",
        file_name="items.csv",
        headers=["word", "amount"],
        columns=["word", "amount"],
        created_at=clock.now(),
        total=count,
    )
    cells = ([f"word {number}", "99" if number % 10 == 0 else "1"] for number in range(count))
    ImportRow.objects.bulk_create(
        ImportRow(record_import=made, number=number + 2, cells=row) for number, row in enumerate(cells)
    )
    assert importing.begin(made.pk, program, made.columns)
    made.refresh_from_db()
    return made


def check(program: Program, made: RecordImport) -> None:
    rows = list(program.tables["item"].model._base_manager.values_list("word", "now", "later"))
    wanted = {f"word {number}" for number in range(ROWS) if number % 10}
    assert Counter(word for word, _now, _later in rows) == Counter(wanted)
    assert {(now, later) for _word, now, later in rows} == {(1, 1)}
    assert Submission.objects.count() == Run.objects.count() == len(wanted) == Job.objects.count() - 1
    made.refresh_from_db()
    assert (made.saved, made.refused) == (len(wanted), ROWS - len(wanted))
    kept = list(made.rows.order_by("number").values_list("number", "reason"))
    assert [number for number, _reason in kept] == [number + 2 for number in range(ROWS) if number % 10 == 0]
    assert all("9" in reason for _number, reason in kept)


def clear(program: Program) -> None:
    for model in (Submission, Job, RecordImport, program.tables["item"].model):
        model._base_manager.all().delete()


@pytest.mark.parametrize("failpoint", ["worker.after_claim", "worker.before_commit", "worker.after_commit"])
def test_a_worker_killed_in_an_import_leaves_every_row_saved_once(
    failpoint: str, program: Program, chance: random.Random
) -> None:
    for _ in range(COUNTS.imports):
        made = start_import(program)
        victim = worker(failpoint, at=chance.randint(1, 5))
        until(lambda victim=victim: victim.has_ended or everything_is_done(), what="the failpoint or the end")
        victim.kill()
        with finishing():
            until(everything_is_done, what="the end of all work")
        check(program, made)
        tally.count("rounds checked")
        clear(program)


def test_others_save_while_an_import_runs(program: Program) -> None:
    """On SQLite a worker that went from one turn to the next let nobody else write before the end of the import."""
    made = start_import(program, 3000)
    with finishing():
        until(lambda: _saved(made) > 0, what="the first rows")
        for _ in range(3):
            intake.submit(program, "item", {"word": "somebody else's"})
        assert _saved(made) < 2000
        importing_job = made.job_id or 0
        operators.cancel([importing_job])
        until(everything_is_done, what="the end of all work")


def _saved(made: RecordImport) -> int:
    saved = RecordImport.objects.values_list("saved", flat=True).get(pk=made.pk)
    connections.close_all()
    return saved
