"""What the tests of the engine share: functions that a document can call, a worker, and readers of what is stored."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from meanwhile import function
from meanwhile.core.errors import ActionFailed, PermanentError
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.models import Run
from meanwhile.engine.performer import EnginePerformer
from meanwhile.plugins import functions
from meanwhile.queue.models import Job
from meanwhile.queue.worker import Worker
from meanwhile.tables import records


class Partner:
    """A stand-in for a slow partner outside: notes each call, and does what the test says."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answers: str | None = None
        self.failures = 0
        self.is_final = False
        self.before_answer: Callable[[], None] = lambda: None

    def answer(self, word: str) -> str:
        self.calls.append(word)
        self.before_answer()
        if self.failures:
            self.failures -= 1
            raise PermanentError("no such partner") if self.is_final else ActionFailed("the partner is busy")
        return word.upper() if self.answers is None else self.answers


@pytest.fixture
def partner() -> Iterator[Partner]:
    """The functions ``ask`` (with an effect) and ``shout`` (without) of the document."""
    partner = Partner()

    @function
    def ask(word: str = "hello") -> str:
        return partner.answer(word)

    @function(effect=False)
    def shout(word: str) -> str:
        return partner.answer(word)

    yield partner
    for name in ("ask", "shout"):
        functions._functions.pop(name, None)


@pytest.fixture
def work() -> Callable[[], None]:
    """Perform all that is due, in this thread."""

    def work() -> None:
        Worker(EnginePerformer(), threads=0).drain()

    return work


class Site:
    """A published document and what tests ask of it."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def submit(self, table: str = "item", **values: Any) -> intake.Submitted:
        return intake.submit(self.program, table, values)

    def change(self, record_id: Any, table: str = "item", **values: Any) -> intake.Submitted:
        return intake.submit(self.program, table, values, record_id=record_id)

    def read(self, record_id: Any, table: str = "item") -> dict[str, Any] | None:
        return records.read(self.program.tables[table], [record_id]).get(record_id)

    def count(self, table: str = "item") -> int:
        return self.program.tables[table].model._base_manager.count()


@pytest.fixture
def site(publish_yaml: Callable[[str], Program]) -> Callable[[str], Site]:
    """Publish a document whose one table is ``item`` with fields a, b, c, d (text), n (integer), flag, when.

    The text is the table's events, as YAML indented by nothing.
    """

    def site(events: str, more: str = "") -> Site:
        indented = "\n".join("      " + line for line in events.strip().splitlines())
        return Site(publish_yaml(DOCUMENT.format(events=indented, more=more)))

    return site


DOCUMENT = """
application: shop
title: Shop
tables:
  item:
    fields:
      a: {{type: text}}
      b: {{type: text}}
      c: {{type: text}}
      d: {{type: text}}
      n: {{type: integer, min: 0, max: 100}}
      flag: {{type: boolean}}
      when: {{type: datetime}}
      code: {{type: text, unique: true}}
    events:
{events}
  note:
    fields:
      text: {{type: text, required: true}}
      item: {{type: link, table: item}}
    events:
      record_update:
        - update_field: {{field: text, value: "{{{{ record.text }}}}!"}}
forms:
  enter: {{table: item, fields: [a, b]}}
{more}
"""


def steps_of(job: Job) -> list[tuple[str, str]]:
    """The journal of a job, as type and outcome."""
    return [(step.get("type", ""), step["outcome"]) for step in Job.objects.get(pk=job.pk).steps]


def journal_of(submission_id: int) -> list[tuple[str, str]]:
    """The journal of the synchronous part of a submission."""
    return [
        (step.get("type", ""), step["outcome"])
        for run in Run.objects.filter(submission_id=submission_id)
        for step in run.steps
    ]
