"""Design 5, rules 1 to 3: one transaction, Background and Delay, and later on the record as it is then."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from meanwhile.core import clock
from meanwhile.core.errors import InvalidValue
from meanwhile.core.mail_folder import read_folder
from meanwhile.engine import intake
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.models import Job
from meanwhile.tables import records
from tests.contract.engine.conftest import Site, journal_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

FIELDS = """
record_update:
  - update_field: {field: a, value: A}
  - background:
    do:
      - update_field: {field: b, value: B}
      - update_field: {field: c, value: C}
      - send_email: {to: person@example.org, subject: Hello, body: "B is {{ record.b }}"}
  - update_field: {field: d, value: D}
"""


def test_a_and_d_are_committed_and_b_and_c_are_not_when_the_submission_returns(site: Callable[..., Site]) -> None:
    shop = site(FIELDS)
    submitted = shop.submit()
    assert {key: shop.read(submitted.record_id)[key] for key in "abcd"} == {"a": "A", "b": None, "c": None, "d": "D"}
    job = Job.objects.get(submission_id=submitted.submission_id)
    assert job.state == "available"


def test_the_background_is_done_by_the_worker_afterwards(
    site: Callable[..., Site], work: Callable[[], None], settings: Any, tmp_path: Path
) -> None:
    settings.MEANWHILE = {"mail_folder": str(tmp_path)}
    shop = site(FIELDS)
    submitted = shop.submit()
    work()
    assert {key: shop.read(submitted.record_id)[key] for key in "abcd"} == {"a": "A", "b": "B", "c": "C", "d": "D"}
    job = Job.objects.get()
    assert job.state == "completed"
    assert steps_of(job) == [("update_field", "done"), ("update_field", "done"), ("send_email", "done")]
    assert [(mail.to, mail.text.strip()) for mail in read_folder()] == [("person@example.org", "B is B")]


def test_a_failing_action_of_the_synchronous_part_leaves_nothing_behind(site: Callable[..., Site]) -> None:
    shop = site(
        "record_update:\n"
        "  - background: {}\n"
        "    do: [{update_field: {field: b, value: B}}]\n"
        "  - update_field: {field: n, value: '{{ 100 + 1 }}'}"
    )
    with pytest.raises(InvalidValue) as caught:
        shop.submit(a="x")
    assert caught.value.data["field"] == "n"
    assert (shop.count(), Submission.objects.count(), Run.objects.count(), Job.objects.count()) == (0, 0, 0, 0)


def test_a_rollback_of_the_callers_transaction_takes_everything_back(site: Callable[..., Site]) -> None:
    shop = site(FIELDS)
    with transaction.atomic():
        shop.submit()
        transaction.set_rollback(True)
    assert (shop.count(), Submission.objects.count(), Job.objects.count()) == (0, 0, 0)


DELAYS = {
    "background": "background: {}",
    "now": "delay: now",
    "until now": "delay: {until: now}",
    "for nothing": "delay: {for: 0s}",
}


@pytest.mark.parametrize("word", DELAYS)
def test_delay_now_is_the_same_as_background(word: str, site: Callable[..., Site], work: Callable[[], None]) -> None:
    shop = site(f"record_update:\n  - {DELAYS[word]}\n    do: [{{update_field: {{field: b, value: B}}}}]")
    submitted = shop.submit()
    job = Job.objects.get()
    assert (job.state, job.queue, job.max_attempts, job.due_at <= clock.now()) == ("available", "default", 5, True)
    assert [outcome for _, outcome in journal_of(submitted.submission_id)] == ["queued"]
    work()
    assert steps_of(job) == [("update_field", "done")]
    assert shop.read(submitted.record_id)["b"] == "B"


def test_a_delay_waits_and_the_walk_goes_on_below(site: Callable[..., Site], work: Callable[[], None]) -> None:
    shop = site(
        "record_update:\n"
        "  - delay: 2h\n"
        "    do: [{update_field: {field: b, value: B}}]\n"
        "  - update_field: {field: c, value: C}"
    )
    submitted = shop.submit()
    work()
    job = Job.objects.get()
    assert job.state == "scheduled"
    assert timedelta(hours=1, minutes=59) < job.due_at - clock.now() <= timedelta(hours=2)
    assert (shop.read(submitted.record_id)["b"], shop.read(submitted.record_id)["c"]) == (None, "C")


def test_a_delay_until_an_empty_date_does_not_run_and_says_so(site: Callable[..., Site]) -> None:
    shop = site("record_update:\n  - delay: {field: when}\n    do: [{update_field: {field: b, value: B}}]")
    submitted = shop.submit()
    assert Job.objects.count() == 0
    assert journal_of(submitted.submission_id) == [("delay", "skipped")]
    assert Run.objects.get().steps[0]["note"]


def test_a_past_date_is_due_now(site: Callable[..., Site], work: Callable[[], None]) -> None:
    shop = site("record_update:\n  - delay: {field: when}\n    do: [{update_field: {field: b, value: B}}]")
    submitted = shop.submit(when=clock.now() - timedelta(days=1))
    work()
    assert shop.read(submitted.record_id)["b"] == "B"


def test_backgrounds_nest(site: Callable[..., Site], work: Callable[[], None]) -> None:
    shop = site(
        "record_update:\n"
        "  - background:\n"
        "    do:\n"
        "      - update_field: {field: a, value: A}\n"
        "      - background:\n"
        "        do: [{update_field: {field: b, value: '{{ record.a }}{{ record.c }}'}}]\n"
        "      - update_field: {field: c, value: C}"
    )
    submitted = shop.submit()
    work()
    assert shop.read(submitted.record_id)["b"] == "AC"
    assert Job.objects.filter(submission_id=submitted.submission_id, state="completed").count() == 2


def test_conditions_in_the_background_are_judged_on_the_record_as_it_is_then(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - if_new_record:\n"
        "    do:\n"
        "      - background:\n"
        "        do:\n"
        "          - if: record.n > 5\n"
        "            do: [{update_field: {field: b, value: many}}]\n"
        "            otherwise: [{update_field: {field: b, value: few}}]"
    )
    submitted = shop.submit(n=1)
    shop.change(submitted.record_id, n=9)
    work()
    assert shop.read(submitted.record_id)["b"] == "many"


def test_old_and_is_new_and_the_user_travel_with_the_job(
    site: Callable[..., Site], work: Callable[[], None], django_user_model: type
) -> None:
    shop = site(
        "record_update:\n"
        "  - background:\n"
        "    do:\n"
        "      - update_field: {field: b, value: '{{ old.a }}>{{ record.a }} {{ event.is_new }} {{ user.username }}'}"
    )
    first = shop.submit(a="x")
    work()
    user = django_user_model.objects.create_user("ada")
    intake.submit(shop.program, "item", {"a": "y"}, record_id=first.record_id, user_id=user.pk)
    work()
    assert shop.read(first.record_id)["b"] == "x>y no ada"


def test_a_record_that_is_gone_completes_the_job_with_the_reason(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site("record_update:\n  - background:\n    do: [{update_field: {field: b, value: B}}]")
    submitted = shop.submit()
    records.delete(shop.program.tables["item"], submitted.record_id, shop.program.tables)
    work()
    job = Job.objects.get()
    assert (job.state, job.steps[-1]["outcome"]) == ("completed", "gone")
