"""Resume, skip, restart, cancel: for one job and for all that a filter shows."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from meanwhile.engine.inspect import bulk
from meanwhile.engine.inspect.filters import JobFilter
from meanwhile.monitor import acting
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from tests.contract.making_jobs import make_job, make_run, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]


def address(action: str, query: str) -> str:
    return f"{reverse('monitor-act', args=[action])}?{query}"


def states() -> list[str]:
    return list(Job.objects.order_by("pk").values_list("state", flat=True))


def test_a_failed_job_is_resumed_at_the_action_that_failed(staff: Client) -> None:
    job = make_job(make_run(make_version()), State.FAILED)
    response = staff.post(address("resume", f"job={job.pk}"), follow=True)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempt, job.at_node) == (State.AVAILABLE, None, 0, "n-price")
    assert "1 job goes on." in response.content.decode()
    assert job.steps[-1]["note"] == "By ann."


def test_the_action_that_failed_is_skipped(staff: Client) -> None:
    job = make_job(make_run(make_version()), State.FAILED)
    assert "Left out: <strong>" in staff.get(address("skip", f"job={job.pk}")).content.decode()
    staff.post(address("skip", f"job={job.pk}"))
    job.refresh_from_db()
    assert (job.state, job.at_node) == (State.AVAILABLE, "n-last")


def test_a_job_is_restarted_as_a_new_branch_with_new_keys(staff: Client) -> None:
    job = make_job(make_run(make_version()), State.FAILED)
    staff.post(address("restart", f"job={job.pk}"))
    old, new = Job.objects.order_by("pk")
    assert (old.state, new.state) == (State.CANCELLED, State.AVAILABLE)
    assert new.payload["token"] != old.payload["token"]


def test_a_job_is_cancelled_and_one_that_runs_is_asked_to_stop(staff: Client) -> None:
    version = make_version()
    waiting = make_job(make_run(version, "1"), State.AVAILABLE)
    running = make_job(make_run(version, "2"), State.RUNNING)
    for job in (waiting, running):
        staff.post(address("cancel", f"job={job.pk}"))
        job.refresh_from_db()
    assert waiting.state == State.CANCELLED
    assert (running.state, running.cancel_requested) == (State.RUNNING, True)


@pytest.mark.parametrize("state", [State.SCHEDULED, State.AVAILABLE, State.RETRYING, State.FAILED])
def test_the_journal_says_who_cancelled_a_job_that_rested(staff: Client, state: State) -> None:
    # Cancelling wrote the state alone, so that nobody could tell afterwards who had ended a job; only the
    # journal of one that ran had an entry.
    price = Decimal("1.50")
    job = make_job(make_run(make_version()), state, steps=[{"outcome": "done", "changes": {"price": [None, price]}}])
    staff.post(address("cancel", f"job={job.pk}"))
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert [(step["outcome"], step.get("note")) for step in job.steps] == [("done", None), ("cancelled", "By ann.")]
    assert job.steps[0]["changes"]["price"] == [None, price]
    assert "By ann." in staff.get(reverse("monitor-job", args=[job.pk])).content.decode()


def test_asking_changes_nothing_and_says_how_many_and_what_happens(staff: Client) -> None:
    run = make_run(make_version())
    for _ in range(3):
        make_job(run, State.FAILED)
    make_job(run, State.COMPLETED)
    text = staff.get(address("resume", "state=failed&application=shop")).content.decode()
    assert "Resume: 3 jobs?" in text
    assert "What was done before is not repeated." in text
    assert "Application: shop" in text
    assert states().count(State.FAILED) == 3


def test_all_that_a_filter_shows_are_resumed_in_batches_and_no_others(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    shop, bakery = make_run(make_version()), make_run(make_version("bakery"))
    for _ in range(5):
        make_job(shop, State.FAILED)
    other = make_job(bakery, State.FAILED)
    response = staff.post(address("resume", "state=failed&application=shop"), follow=True)
    assert "5 jobs go on." in response.content.decode()
    assert states() == [State.AVAILABLE] * 5 + [State.FAILED]
    other.refresh_from_db()
    assert other.error is not None


def test_a_filter_without_a_state_acts_only_on_those_for_which_the_action_is(staff: Client) -> None:
    run = make_run(make_version())
    make_job(run, State.FAILED)
    make_job(run, State.COMPLETED)
    make_job(run, State.SCHEDULED)
    assert "Resume: 1 job?" in staff.get(address("resume", f"run={run.pk}")).content.decode()
    staff.post(address("resume", f"run={run.pk}"))
    assert states() == [State.AVAILABLE, State.COMPLETED, State.SCHEDULED]


def test_jobs_that_came_after_the_person_decided_are_left_alone(staff: Client) -> None:
    run = make_run(make_version())
    seen = make_job(run, State.FAILED)
    make_job(run, State.FAILED)
    staff.post(address("resume", "state=failed"), {"up_to": str(seen.pk)})
    assert states() == [State.AVAILABLE, State.FAILED]


def test_a_deed_that_takes_long_stops_between_batches_and_goes_on_where_it_stood(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(acting, "SECONDS", -1.0)
    run = make_run(make_version())
    for _ in range(3):
        make_job(run, State.FAILED)
    first = staff.post(address("resume", "state=failed"))
    assert "2 jobs so far" in first.content.decode()
    assert states() == [State.FAILED, State.AVAILABLE, State.AVAILABLE]
    context = first.context
    going_on = {"cursor": context["cursor"], "done": context["done"], "up_to": context["up_to"]}
    second = staff.post(address("resume", "state=failed"), going_on, follow=True)
    assert "3 jobs go on." in second.content.decode()
    assert states() == [State.AVAILABLE] * 3


def test_without_a_filter_nothing_is_done(staff: Client) -> None:
    make_job(make_run(make_version()), State.FAILED)
    for query in ("", "state=&application=", "state=nonsense"):
        response = staff.post(address("cancel", query), follow=True)
        assert "Say first which jobs" in response.content.decode()
    assert states() == [State.FAILED]


def test_a_job_that_has_moved_on_meanwhile_is_left_alone(staff: Client) -> None:
    job = make_job(make_run(make_version()), State.COMPLETED)
    response = staff.post(address("resume", f"job={job.pk}"), follow=True)
    assert "Nothing was done: the job has moved on meanwhile." in response.content.decode()
    assert "cannot be done" in staff.get(address("cancel", f"job={job.pk}")).content.decode()


def test_an_action_needs_the_proof_that_the_form_came_from_us() -> None:
    job = make_job(make_run(make_version()), State.FAILED)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("ann", is_staff=True))
    assert client.post(address("resume", f"job={job.pk}")).status_code == 403
    assert states() == [State.FAILED]


@pytest.mark.parametrize("query", ["job=", "job=x", "job=99999999999999999999", "job=-1", "job=12345"])
def test_a_job_that_does_not_exist_is_not_found(staff: Client, query: str) -> None:
    assert staff.post(address("resume", query)).status_code == 404


def test_an_action_that_does_not_exist_is_not_found(staff: Client) -> None:
    assert staff.get(address("destroy", "state=failed")).status_code == 404


def test_counting_for_a_confirmation_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "COUNT", 3)
    run = make_run(make_version())
    for _ in range(5):
        make_job(run, State.FAILED)
    asked = JobFilter({"state": "failed"})
    assert asked.is_valid()
    assert str(bulk.count(bulk.Action.RESUME, asked)) == "3+"
