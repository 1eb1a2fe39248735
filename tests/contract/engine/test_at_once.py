"""A submission in one statement writes what one in several statements writes, and is refused as that is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from meanwhile.core.errors import InvalidValue
from meanwhile.engine import at_once, intake
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Site

pytestmark = pytest.mark.django_db(transaction=True)

TREE = """
record_update:
  - update_field: {field: a, value: "A {{ record.b }} {{ record.n / 2 }}"}
  - background: {ordered: false, attempts: 2}
    do: [{update_field: {field: b, value: first}}]
  - delay: {for: 2d, queue: slow}
    do: [{update_field: {field: c, value: later}}]
  - background:
    do: [{update_field: {field: d, value: last}}]
"""
# What differs between any two submissions.
OWN = {"id", "created_at", "due_at", "submission_id", "run_id", "updated_at", "code"}


def written(shop: Site, submitted: intake.Submitted) -> list[Any]:
    """Every row of a submission, without what is its own; jobs in the order in which they were queued."""
    record = {key: value for key, value in (shop.read(submitted.record_id) or {}).items() if key not in OWN}
    kept: list[Any] = [record]
    rows: list[Model] = [
        Submission.objects.get(pk=submitted.submission_id),
        *Run.objects.filter(submission_id=submitted.submission_id),
        *Job.objects.filter(submission_id=submitted.submission_id).order_by("id"),
    ]
    for row in rows:
        values = {name: value for name, value in vars(row).items() if name not in OWN and not name.startswith("_")}
        kept.append(_without_id(values, submitted.record_id))
    return kept


def _without_id(values: dict[str, Any], record_id: Any) -> dict[str, Any]:
    changed = dict(values)
    if "record_id" in changed:
        changed["record_id"] = changed["record_id"] == str(record_id)
    if changed.get("line"):
        changed["line"] = changed["line"].removesuffix(f":{record_id}")
    if "payload" in changed:
        changed["payload"] = {**changed["payload"], "token": "", "record": changed["payload"]["record"] == record_id}
    for step in changed.get("steps", ()):
        step["at"] = ""
        step.pop("ms", None)
        step.pop("detail", None)
    return changed


def test_one_statement_writes_the_same_rows_as_several(site: Callable[..., Site]) -> None:
    shop = site(TREE)
    together = shop.submit(b="x", n=7, code="1")
    with transaction.atomic():  # inside a transaction of a caller it is always several
        singly = shop.submit(b="x", n=7, code="2")
    assert written(shop, together) == written(shop, singly)
    assert [job.queue for job in Job.objects.order_by("id")] == ["default", "slow", "default"] * 2


def test_a_new_record_takes_one_statement_where_the_database_can(site: Callable[..., Site]) -> None:
    shop = site(TREE)
    table = shop.program.tables["item"]
    assert at_once.may_be(shop.program, table, "") is (connection.vendor == "postgresql")
    shop.submit(b="x")
    assert at_once.may_be(shop.program, table, "") is (connection.vendor == "postgresql")


@pytest.mark.parametrize(
    "node",
    [
        'update_field: {field: a, value: "{{ record.id }}"}',
        "create_record: {table: note, values: {text: x}}",
        "delete_record:",
        "send_email: {to: person@example.org, subject: Hello, body: x}",
    ],
)
def test_a_tree_that_needs_the_database_is_walked_in_a_transaction(site: Callable[..., Site], node: str) -> None:
    shop = site(f"record_update:\n  - {node}\n")
    first, second = shop.submit(b="x"), shop.submit(b="y")
    assert Submission.objects.filter(pk__in=[first.submission_id, second.submission_id]).count() == 2
    assert not at_once.may_be(shop.program, shop.program.tables["item"], "")


def test_what_the_database_refuses_is_said_at_its_field_and_leaves_nothing(site: Callable[..., Site]) -> None:
    shop = site(TREE)
    shop.submit(code="taken")
    with pytest.raises(InvalidValue) as refused:
        shop.submit(code="taken")
    assert refused.value.data["field"] == "code"
    assert (shop.count(), Submission.objects.count(), Job.objects.count()) == (1, 1, 3)


def test_a_link_to_nothing_is_refused(site: Callable[..., Site]) -> None:
    shop = site(TREE)
    with pytest.raises(InvalidValue, match="no record 99"):
        shop.submit("note", text="x", item=99)
    assert shop.count("note") == 0
