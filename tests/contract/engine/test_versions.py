"""Design 4 and 5, with versions that are published while forms are open and jobs are in flight."""

from collections.abc import Callable
from typing import Any

import pytest

from meanwhile.core.errors import InvalidValue
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Site

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = """
application: shop
tables:
  item:
    fields:
      n: {{type: integer}}
      {field}
    events:
      record_update:
        - background: {{ordered: {ordered}}}
          do:
            - update_field: {{field: n, value: "{{{{ record.n + {step} }}}}"}}
            - {last}
"""


@pytest.fixture
def version(publish_yaml: Callable[[str], Program]) -> Callable[..., Site]:
    """Publish the next version; what it adds to ``n``, its other field, and what its tree does last."""

    def publish(
        step: int,
        field: str = "a: {type: text}",
        last: str = "update_field: {field: n, value: '{{ record.n }}'}",
        ordered: bool = True,
    ) -> Site:
        text = DOCUMENT.format(step=step, field=field, last=last, ordered=str(ordered).lower())
        return Site(publish_yaml(text))

    return publish


def test_a_job_runs_under_the_version_that_it_was_queued_under(
    version: Callable[..., Site], work: Callable[[], None]
) -> None:
    submitted = version(1).submit(n=0)
    newer = version(10)
    work()
    assert newer.read(submitted.record_id)["n"] == 1
    newer.change(submitted.record_id, n=5)
    work()
    assert newer.read(submitted.record_id)["n"] == 15


def test_jobs_of_two_versions_beside_each_other_see_each_others_changes(
    version: Callable[..., Site], work: Callable[[], None]
) -> None:
    # In one batch each version had the record in a state of its own, and the last one to write took the other's back.
    submitted = version(1, ordered=False).submit(n=0)
    newer = version(10, ordered=False)
    newer.change(submitted.record_id, a="x")
    work()
    assert newer.read(submitted.record_id)["n"] == 11
    assert set(Job.objects.values_list("state", flat=True)) == {"completed"}


def test_jobs_of_two_versions_of_different_records_run_together(
    version: Callable[..., Site], work: Callable[[], None]
) -> None:
    first = version(1).submit(n=0)
    newer = version(10)
    second = newer.submit(n=0)
    work()
    assert (newer.read(first.record_id)["n"], newer.read(second.record_id)["n"]) == (1, 10)


def test_a_job_of_an_older_version_still_writes_the_field_that_was_dropped(
    version: Callable[..., Site], work: Callable[[], None]
) -> None:
    older = version(1, last="update_field: {field: a, value: A}")
    submitted = older.submit(n=0)
    version(10, field="b: {type: text}")
    work()
    assert Job.objects.get().state == "completed"
    assert older.read(submitted.record_id)["a"] == "A"


def test_a_form_that_was_opened_under_an_older_version_is_judged_by_the_current_one(
    version: Callable[..., Site],
) -> None:
    version(1)
    newer = version(10, field="b: {type: text, max_length: 3}")
    with pytest.raises(InvalidValue) as dropped:
        intake.submit(newer.program, "item", {"a": "x"})
    assert dropped.value.data["field"] == "a"
    with pytest.raises(InvalidValue) as narrower:
        intake.submit(newer.program, "item", {"b": "long"})
    assert narrower.value.data["field"] == "b"


@pytest.mark.parametrize("value", ["x" * 5000, 7])
def test_a_field_that_became_wider_takes_what_jobs_of_the_older_version_left(
    value: Any, version: Callable[..., Site], work: Callable[[], None]
) -> None:
    submitted = version(1, field="a: {type: text}", last="update_field: {field: a, value: old}").submit(n=0)
    newer = version(10, field="a: {type: long_text}", last="update_field: {field: a, value: new}")
    second = newer.submit(n=0, a=str(value))
    assert newer.read(second.record_id)["a"] == str(value)
    work()
    assert [newer.read(each.record_id)["a"] for each in (submitted, second)] == ["old", "new"]
