"""The monitor on what the engine really writes: a submission, its worker, a failure, and what a person does then."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from meanwhile import ActionFailed, function
from meanwhile.core import clock
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.models import Run
from meanwhile.engine.performer import EnginePerformer
from meanwhile.plugins import functions
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from meanwhile.queue.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = """
application: shop
title: Shop
tables:
  item:
    label: Article
    fields:
      name: {type: text, label: What it is called}
      price: {type: decimal, places: 2, label: Price}
      sold: {type: boolean}
    events:
      record_update:
        - update_field: {field: name, value: "{{ record.name }}!"}
        - background: {attempts: 2, backoff: 1s}
          name: Ask for the price
          do:
            - call: {function: monitored_price, arguments: {name: "{{ record.name }}"}, into: price}
            - trigger_event: {event: sell}
      sell:
        - update_field: {field: sold, value: true}
        - background:
          name: Tell the shop
          do:
            - send_email: {to: shop@example.org, subject: "Sold {{ record.name }}", body: "For {{ record.price }}"}
"""


@pytest.fixture
def partner() -> Iterator[list[Exception]]:
    """What the function ``monitored_price`` raises, one after the other; then it answers."""
    raises: list[Exception] = []

    @function
    def monitored_price(name: str) -> str:
        if raises:
            raise raises.pop(0)
        return "12.50"

    yield raises
    functions._functions.pop("monitored_price", None)


@pytest.fixture
def submit(partner: list[Exception], publish_yaml: Callable[[str], Program]) -> Callable[[], Run]:
    program = publish_yaml(DOCUMENT)

    def submit() -> Run:
        submitted = intake.submit(program, "item", {"name": "<Lamp>"})
        return Run.objects.get(submission_id=submitted.submission_id, depth=0)

    return submit


def work() -> None:
    Job.objects.filter(state=State.RETRYING).update(retry_at=clock.now() - timedelta(seconds=1))
    Worker(EnginePerformer(), threads=0).drain()


def page_of(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def test_a_run_tells_both_parts_with_what_changed_and_what_was_sent(
    staff: Client, submit: Callable[[], Run], partner: list[Exception]
) -> None:
    run = submit()
    before = page_of(staff, "monitor-run", run.pk)
    assert "Nothing has run in it yet." in before
    work()
    text = page_of(staff, "monitor-run", run.pk)
    for part in ("Article", "What it is called", "&lt;Lamp&gt;!", "Ask for the price", "monitored_price", "12.50"):
        assert part in text, part
    for part in ("Tell the shop", "Sold &lt;Lamp&gt;!", "shop@example.org", "For 12.5", "sell"):
        assert part in text, part
    assert "hx-trigger" not in text


def test_a_job_that_failed_is_resumed_from_its_page_and_done(
    staff: Client, submit: Callable[[], Run], partner: list[Exception]
) -> None:
    partner += [ActionFailed("No answer <yet>."), ActionFailed("Still none.")]
    run = submit()
    work()
    job = Job.objects.get(run_id=run.pk)
    assert job.state == State.RETRYING
    assert "No answer &lt;yet&gt;." in page_of(staff, "monitor-job", job.pk)
    work()
    text = page_of(staff, "monitor-job", job.pk)
    assert "Still none." in text
    assert "It rests at the action that failed" in text
    staff.post(f"{reverse('monitor-act', args=['resume'])}?job={job.pk}")
    work()
    assert "Everything in it is done." in page_of(staff, "monitor-job", job.pk)
    journal = page_of(staff, "monitor-run", run.pk)
    assert journal.count('data-outcome="failed"') == 2
    assert "By ann." in journal


def test_a_job_that_failed_is_restarted_as_a_new_lane_of_the_same_run(
    staff: Client, submit: Callable[[], Run], partner: list[Exception]
) -> None:
    partner += [ActionFailed("No answer."), ActionFailed("No answer.")]
    run = submit()
    work()
    work()
    failed = Job.objects.get(run_id=run.pk)
    staff.post(f"{reverse('monitor-act', args=['restart'])}?job={failed.pk}")
    work()
    text = page_of(staff, "monitor-run", run.pk)
    assert "Cancelled" in text
    assert "12.50" in text
    assert not Job.objects.filter(state=State.FAILED).exists()


def test_the_list_of_a_record_has_all_its_jobs(
    staff: Client, submit: Callable[[], Run], partner: list[Exception]
) -> None:
    run = submit()
    submit()
    work()
    address = f"{reverse('monitor-jobs')}?application=shop&table=item&record={run.record_id}"
    text = staff.get(address).content.decode()
    listed = Job.objects.filter(submission_id=run.submission_id)
    assert listed.count() == 2
    for job in listed:
        assert reverse("monitor-job", args=[job.pk]) in text
    assert text.count('role="rowheader"') == 2
