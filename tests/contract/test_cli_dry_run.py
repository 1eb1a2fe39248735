"""``meanwhile dry-run`` prints the whole walk and leaves the database as it was."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from meanwhile.engine import intake
from meanwhile.queue.models import Job
from tests.contract.designer.test_dry_run import Publish, everything
from tests.contract.test_cli_documents import Terminal, terminal

__all__ = ["terminal"]

pytestmark = pytest.mark.usefixtures("no_functions_left")
LENDING = """
application: lending
title: Lending
tables:
  loan:
    fields:
      reader: {type: text, required: true}
      email: {type: email}
      days: {type: integer, min: 1, max: 30, default: 7}
      lent: {type: boolean}
    events:
      record_update:
        - background:
          name: Lend it
          do:
            - send_email: {to: "{{ record.email }}", subject: "For {{ record.reader }}", body: "{{ user.username }}"}
            - update_field: {field: lent, value: true}
forms:
  lend: {table: loan, fields: [reader, email, days], next: lending}
pages:
  lending: {kind: wait, table: loan, flag: lent, next: done, text: "We lend it for {{ record.days }} days."}
  done: {kind: content, table: loan, text: "Lent to {{ record.reader }}"}
"""


def test_a_file_is_walked_without_being_published(transactional_db: None, terminal: Terminal) -> None:
    path = terminal.write(LENDING)
    before = everything()
    assert terminal.run("dry-run", path, "--values", "reader=Ada", "days=3") == 0
    assert everything() == before
    for words in (
        "A new record, Loan #1. Nothing is saved, sent or called.",
        "What the person sees now: Lending (it waits)",
        "| We lend it for 3 days.",
        "In the background: Lend it (Loan #1)",
        "Subject: For Ada",
        "Lent: no → yes",
        "What the person sees then: Done",
        "| Lent to Ada",
    ):
        assert words in terminal.printed


def test_an_application_is_walked_on_one_of_its_records(publish_yaml: Publish, terminal: Terminal) -> None:
    program = publish_yaml(LENDING)
    loan = intake.submit(program, "loan", {"reader": "Grace", "email": "grace@example.org"})
    Job.objects.all().delete()
    get_user_model()._default_manager.create(username="desk")
    words = ["--record", str(loan.record_id), "--values", "days=9", "--user", "desk"]
    assert terminal.run("dry-run", "lending", *words) == 0
    assert "To: grace@example.org" in terminal.printed
    assert "| desk" in terminal.printed
    assert "Days: 7 → 9" in terminal.printed
    assert terminal.run("dry-run", "lending", "--table", "loan", "--new", "--record", str(loan.record_id)) == 0
    assert "Reader: empty → Grace" in terminal.printed


def test_what_would_be_refused_ends_with_one(transactional_db: None, terminal: Terminal) -> None:
    assert terminal.run("dry-run", terminal.write(LENDING), "--values", "days=31") == 1
    assert "Nothing would be saved: Days: This may be at most 30." in terminal.printed
    assert "What the person sees now: Lend" in terminal.printed


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nowhere"], 'There is no application "nowhere".'),
        (["{file}", "--form", "x"], 'has no form "x"'),
        (["{file}", "--values", "days"], '"days" is no pair'),
        (["{file}", "--values", "age=3"], "Nothing would be saved"),
        (["{file}", "--record", "7"], "There is no record 7 in Loan."),
        (["{file}", "--user", "nobody"], "There is nobody with the name"),
    ],
)
def test_what_cannot_be_tried_is_said(
    words: list[str], complaint: str, transactional_db: None, terminal: Terminal, tmp_path: Path
) -> None:
    path = terminal.write(LENDING)
    assert terminal.run("dry-run", *(word.format(file=path) for word in words)) == 1
    assert complaint in terminal.printed + terminal.complaint
