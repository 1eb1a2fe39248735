"""The work that is measured: three tables with a tree each, and any number of submissions of them made at once.

A submission sets two fields while the person waits and queues one job. The job of an *item* sets two fields and its
flag; that of a *letter* sends an e-mail in between; that of a *call* has a Python function do what a letter's does.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection

from meanwhile.core import clock
from meanwhile.definitions.loading import load
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import Program, program
from meanwhile.definitions.publish import plan, publish
from meanwhile.engine import intake, payloads
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.models import Job
from meanwhile.tables.table import Table

_TABLE = """
  {key}:
    fields:
      word: {{type: text}}
      email: {{type: email}}
      a: {{type: text}}
      b: {{type: text}}
      c: {{type: text}}
      d: {{type: text}}
      done: {{type: boolean}}
    events:
      record_update:
        - update_field: {{field: a, value: "Received {{{{ record.word }}}}"}}
        - background:
          do:
            {job}
        - update_field: {{field: d, value: "Queued"}}
"""
_FIELDS = """
            - update_field: {field: b, value: "Checked {{ record.word }}"}
            - update_field: {field: c, value: "Filed"}
"""
_E_MAIL = """
            - send_email:
                to: "{{ record.email }}"
                subject: "Done: {{ record.word }}"
                body: "Dear {{ record.word }}"
"""
_DONE = """
            - update_field: {field: done, value: true}
"""
_CALL = """
            - call: {function: finish, arguments: {record: "{{ record.id }}"}}
"""
ITEM, LETTER, CALL = "item", "letter", "call"
DOCUMENT = f"""
application: bench
tables:
{_TABLE.format(key=ITEM, job=_FIELDS + _DONE)}
{_TABLE.format(key=LETTER, job=_FIELDS + _E_MAIL + _DONE)}
{_TABLE.format(key=CALL, job=_CALL)}
"""
ADDRESS = "someone@example.org"


def prepare() -> Program:
    """Bring the database up to date and publish the document; the program in force."""
    call_command("migrate", verbosity=0)
    (version,) = publish(plan([load(DOCUMENT, "bench.yaml")]))
    return program(version.pk)


def in_force() -> Program:
    """The program that ``prepare`` has published, in another process."""
    return program(Version.objects.latest("pk").pk)


def values(number: int) -> dict[str, Any]:
    """What a person sends."""
    return {"word": f"word {number}", "email": ADDRESS}


def filled_tables(bench: Program) -> list[str]:
    """The names of all tables that the work fills."""
    names = [table.db_table for table in bench.tables.values()]
    return [*names, *(model._meta.db_table for model in (Job, Run, Submission))]


def clear(bench: Program) -> None:
    """Empty all tables that the work fills."""
    names = filled_tables(bench)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)}")
        else:
            for name in names:
                cursor.execute(f"DELETE FROM {name}")


def fill(bench: Program, table_key: str, count: int) -> None:
    """``count`` submissions whose jobs wait: one real one, and copies of its rows. The tables are empty before."""
    first = intake.submit(bench, table_key, values(0))
    table = bench.table(table_key)
    copies = _copy_records(table, first.record_id, count - 1)
    submissions = _copy_submissions(first.submission_id, copies)
    _copy_runs_and_jobs(table, first.submission_id, submissions)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy_records(table: Table, record_id: Any, count: int) -> list[Any]:
    manager = table.model._base_manager
    columns = manager.values().get(pk=record_id)
    del columns["id"]
    copies = [table.model(**columns | values(number)) for number in range(1, count + 1)]
    return [copy.pk for copy in manager.bulk_create(copies, batch_size=500)]


def _copy_submissions(submission_id: int, record_ids: list[Any]) -> list[Submission]:
    columns = Submission.objects.values().get(pk=submission_id)
    copies = [Submission(**columns | {"id": None, "record_id": str(record_id)}) for record_id in record_ids]
    return Submission.objects.bulk_create(copies, batch_size=500)


def _copy_runs_and_jobs(table: Table, submission_id: int, submissions: list[Submission]) -> None:
    run = Run.objects.values().get(submission_id=submission_id)
    job = Job.objects.values().get(submission_id=submission_id)
    runs = [Run(**run | {"id": None, "submission_id": each.pk, "record_id": each.record_id}) for each in submissions]
    Run.objects.bulk_create(runs, batch_size=500)
    Job.objects.bulk_create([_copy_job(table, job, each, at) for at, each in enumerate(runs)], batch_size=500)


def _copy_job(table: Table, job: Mapping[str, Any], run: Run, place: int) -> Job:
    record_id = table.read_id(run.record_id)
    payload = job["payload"] | {"record": record_id, "token": payloads.new_token()}
    return Job(
        **dict(job)
        | {
            "id": None,
            "line": table.line(record_id),
            "due_at": job["due_at"] + timedelta(microseconds=place),
            "submission_id": run.submission_id,
            "run_id": run.pk,
            "payload": payload,
        }
    )


def require_done(bench: Program, table_key: str, count: int) -> None:
    """AssertionError unless all jobs are completed and all records have their flag: a contender that does less work
    than the others is no contender."""
    completed = Job.objects.filter(state="completed", finished_at__lte=clock.now() + timedelta(minutes=1)).count()
    flagged = bench.table(table_key).model._base_manager.filter(done=True, c="Filed").count()
    assert (completed, flagged) == (count, count), f"{completed} jobs and {flagged} records of {count} are done"
