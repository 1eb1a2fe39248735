"""Whatever a document says, a dry run tells what then happens, and leaves nothing behind."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import assume, event, given, note

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.program import Program, program
from meanwhile.definitions.publish import plan, publish
from meanwhile.engine import intake
from meanwhile.engine.dry_run import DryRun, Trial, dry_run, starting_values
from meanwhile.engine.models import Submission
from meanwhile.queue.models import Job
from tests.contract.designer.test_dry_run import Told, everything, fields, real_steps, told_steps, work
from tests.contract.generated_documents import Plain, documents
from tests.contract.test_document_fuzz import PUBLISHING, start_again, usable


@pytest.fixture
def database(transactional_db: None) -> Iterator[None]:
    yield
    forget_all()


def forget_all() -> None:
    """Submissions hold on to their versions."""
    Job.objects.all().delete()
    Submission.objects.all().delete()
    start_again()


@PUBLISHING
@given(documents("fuzz"))
def test_any_document_runs_as_its_dry_run_says(database: None, plain: Plain) -> None:
    document = usable(plain)
    assume(document is not None)
    forget_all()
    (version,) = publish(plan([document]))
    published = program(version.pk)
    for table in published.tables:
        values = starting_values(published, Trial(table=table))
        _compare(published, table, values)


def _compare(published: Program, table: str, values: dict[str, Any]) -> None:
    before = everything()
    told = dry_run(published, Trial(table=table, values=values))
    assert everything() == before
    note(f"{table}: {told.problems}")
    submitted = _submitted(published, table, values)
    assert told.refused is (submitted is None)
    if submitted is None:
        event("refused")
        return
    work()
    event("run to its end" if len(told.parts) > 1 else "without background")
    assert plainly(told_now(told)) == plainly(real_steps(submitted.submission_id))
    if all(part.kind != "delay" for part in told.parts):
        found = published.tables[table].model._base_manager.filter(pk=submitted.record_id)
        stored = next(iter(found.values(*published.tables[table].fields)), {})
        assert plainly(fields(told.after, published, table)) == plainly(fields(stored, published, table))


def _submitted(published: Program, table: str, values: dict[str, Any]) -> intake.Submitted | None:
    with suppress(MeanwhileError):
        return intake.submit(published, table, values)
    return None


def told_now(told: DryRun) -> Told:
    """What a dry run tells up to the first job that is due later."""
    parts = tuple(takewhile(lambda part: part.kind != "delay", told.parts))
    return told_steps(DryRun(**{**{name: getattr(told, name) for name in told.__slots__}, "parts": parts}))


def plainly(value: Any) -> Any:
    """``value`` without the moments, which differ between two runs."""
    if isinstance(value, datetime):
        return "moment"
    if isinstance(value, dict):
        return {key: plainly(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plainly(each) for each in value]
    return re.sub(r"\d\d:\d\d(:\d\d(\.\d+)?)?", "TIME", value) if isinstance(value, str) else value
