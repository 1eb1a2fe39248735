"""The monitor: who may see it, and what its pages say."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from meanwhile.core import clock
from meanwhile.queue.states import State
from tests.contract.making_jobs import make_job, make_lease, make_run, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]

PLACES = ["monitor", "monitor-jobs", "monitor-runs", "monitor-workers", "monitor-mails"]


def text_of(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize("name", PLACES)
def test_a_visitor_is_sent_to_the_sign_in_and_back(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('sign-in')}?next={reverse(name)}"


@pytest.mark.parametrize("name", PLACES)
def test_somebody_who_is_not_staff_is_refused(client: Client, name: str) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("action", ["resume", "skip", "restart", "cancel"])
def test_somebody_who_is_not_staff_cannot_act(client: Client, action: str) -> None:
    job = make_job(make_run(make_version()), State.FAILED)
    client.force_login(User.objects.create_user("bob"))
    assert client.post(f"{reverse('monitor-act', args=[action])}?job={job.pk}").status_code == 403
    job.refresh_from_db()
    assert job.state == State.FAILED


@pytest.mark.parametrize("name", PLACES)
def test_staff_see_every_page_of_an_empty_site_and_nothing_is_cached(staff: Client, name: str) -> None:
    response = staff.get(reverse(name))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "style=" not in response.content.decode()


def test_an_empty_site_says_what_to_do_next(staff: Client) -> None:
    text = text_of(staff, "monitor")
    assert "Nothing has run in the background yet" in text
    assert "None has ever been seen." in text
    assert "meanwhile worker" in text


def test_the_overview_names_what_needs_a_person_first(staff: Client) -> None:
    run = make_run(make_version(), "7")
    make_job(run, State.FAILED)
    make_job(run, State.AVAILABLE, queue="slow", minutes_ago=5)
    make_lease("default")
    text = text_of(staff, "monitor")
    assert "1 job has failed" in text
    assert "The partner is busy." in text
    assert "Nobody serves the queue “slow”" in text
    assert "The oldest waiting job has waited 5 min." in text


def test_the_overview_says_that_nothing_needs_a_person(staff: Client) -> None:
    make_job(make_run(make_version()), State.COMPLETED)
    make_lease()
    assert "Nothing needs a person." in text_of(staff, "monitor")


def test_a_worker_whose_lease_ended_is_not_counted_as_alive(staff: Client) -> None:
    make_lease(seconds=-5)
    assert "No worker is alive" in text_of(staff, "monitor")
    assert "Lost" in text_of(staff, "monitor-workers")


def test_the_workers_page_names_what_each_runs(staff: Client) -> None:
    lease = make_lease("default", name="oven:42")
    job = make_job(make_run(make_version(), "9"), State.RUNNING, lease=lease)
    text = text_of(staff, "monitor-workers")
    assert "oven:42" in text
    assert reverse("monitor-job", args=[job.pk]) in text
    assert "Item 9" in text


def test_a_run_is_told_in_lanes_with_the_moment_at_which_the_person_went_on(staff: Client) -> None:
    now = clock.now()
    synchronous = [
        {
            "node": "n-first",
            "type": "update_field",
            "outcome": "done",
            "at": now.isoformat(),
            "ms": 3,
            "changes": {"name": [None, "A"]},
        }
    ]
    run = make_run(make_version(), "7", steps=synchronous)
    background = [
        {
            "node": "n-price",
            "type": "update_field",
            "outcome": "done",
            "at": (now + timedelta(seconds=1)).isoformat(),
            "ms": 1500,
            "changes": {"price": [Decimal("1.00"), Decimal("1.50")]},
        }
    ]
    make_job(run, State.COMPLETED, steps=background)
    text = text_of(staff, "monitor-run", run.pk)
    assert "Here the person went on to the next page" in text
    assert text.index("While the person waited") < text.index("Here the person went on") < text.rindex("Price it")
    assert "took 1.5 s" in text
    assert "1.50" in text
    assert "Price" in text


def test_a_run_names_the_other_runs_of_its_record_but_not_those_of_another_application(staff: Client) -> None:
    version = make_version()
    run, other = make_run(version, "7"), make_run(version, "7")
    foreign = make_run(make_version("bakery"), "7")
    text = text_of(staff, "monitor-run", run.pk)
    assert "Other runs of this record" in text
    assert reverse("monitor-run", args=[other.pk]) in text
    assert reverse("monitor-run", args=[foreign.pk]) not in text


def test_an_email_and_a_call_are_shown_with_what_was_sent_and_answered(staff: Client) -> None:
    now = clock.now()
    email = {"from": "us@example.org", "to": ["ann@example.org"], "subject": "Your <b>booking</b>", "body": "Dear Ann"}
    call = {
        "function": "fare_quote",
        "arguments": {"seats": 3},
        "answer": {"value": Decimal("12.50")},
        "value": Decimal("12.50"),
    }
    steps = [
        {"node": "x", "type": "send_email", "outcome": "done", "at": now.isoformat(), "key": "t.1", "detail": email},
        {"node": "y", "type": "call", "outcome": "done", "at": now.isoformat(), "key": "t.2", "detail": call},
    ]
    run = make_run(make_version())
    make_job(run, State.COMPLETED, steps=steps)
    text = text_of(staff, "monitor-run", run.pk)
    for part in (
        "ann@example.org",
        "Your &lt;b&gt;booking&lt;/b&gt;",
        "Dear Ann",
        "fare_quote",
        "seats",
        "12.50",
        "t.1",
    ):
        assert part in text
    assert "<b>booking" not in text


def test_a_run_reads_itself_again_while_it_runs_and_no_longer(staff: Client) -> None:
    run = make_run(make_version())
    job = make_job(run, State.AVAILABLE)
    assert 'http-equiv="refresh"' in text_of(staff, "monitor-run", run.pk)
    job.state, job.finished_at = State.COMPLETED, clock.now()
    job.save()
    assert "hx-trigger" not in text_of(staff, "monitor-run", run.pk)


def test_a_failed_job_shows_its_error_in_full_and_what_can_be_done(staff: Client) -> None:
    job = make_job(make_run(make_version()), State.FAILED)
    text = text_of(staff, "monitor-job", job.pk)
    for part in ("The partner is busy.", "ActionFailed", "shop.py:3 ask", "Resume at the action that failed"):
        assert part in text
    for action in ("skip", "restart", "cancel"):
        assert reverse("monitor-act", args=[action]) in text


def test_people_read_what_the_node_is_called_at_which_workers_died(staff: Client) -> None:
    # It said "... the last one at node n-59v2g8d7.", which nobody who has not the document at hand can read.
    error = {"message": "3 workers in a row died.", "type": "WorkerDied", "node": "n-back", "trace": ""}
    run = make_run(make_version())
    job = make_job(run, State.FAILED, error=error)
    told = "3 workers in a row died. The last one died at &quot;Price it&quot; (n-back)."
    for page in (("monitor",), ("monitor-job", job.pk), ("monitor-run", run.pk), ("monitor-jobs",)):
        assert told in text_of(staff, *page)


UNDER_WAY = {"node": "n-price", "type": "call", "outcome": "prepared", "at": "2026-05-04T10:11:12+00:00", "key": "t.1"}


@pytest.mark.parametrize("state", [State.AVAILABLE, State.FAILED, State.CANCELLED])
def test_what_was_under_way_when_its_worker_ended_is_told_as_interrupted(staff: Client, state: State) -> None:
    # It was told as "Under way": until a worker came, or for ever in a job that failed or was cancelled.
    run = make_run(make_version())
    job = make_job(run, state, steps=[UNDER_WAY])
    for page in (("monitor-job", job.pk), ("monitor-run", run.pk)):
        text = text_of(staff, *page)
        assert "Under way" not in text
        assert "Interrupted: what came of this was not kept." in text
        assert 'data-outcome="unknown"' in text


def test_only_the_last_step_of_a_job_that_runs_is_under_way(staff: Client) -> None:
    resumed = {"outcome": "resumed", "at": "2026-05-04T10:12:12+00:00", "note": "By ann."}
    job = make_job(make_run(make_version()), State.RUNNING, steps=[UNDER_WAY])
    assert "Under way" in text_of(staff, "monitor-job", job.pk)
    assert "Interrupted" not in text_of(staff, "monitor-job", job.pk)
    again = make_job(make_run(make_version(), "2"), State.RUNNING, steps=[UNDER_WAY, resumed])
    assert "Under way" not in text_of(staff, "monitor-job", again.pk)


def test_a_finished_job_offers_nothing_to_do(staff: Client) -> None:
    job = make_job(make_run(make_version()), State.COMPLETED)
    assert "monitor/jobs/cancel" not in text_of(staff, "monitor-job", job.pk)


def test_why_a_job_waits(staff: Client) -> None:
    run = make_run(make_version())
    first = make_job(run, State.RETRYING, minutes_ago=3)
    behind = make_job(run, State.AVAILABLE, minutes_ago=1)
    alone = make_job(None, State.AVAILABLE, queue="slow", minutes_ago=2)
    later = make_job(None, State.SCHEDULED)
    assert f"It waits for job {first.pk} of the same record, which is tried again" in text_of(
        staff, "monitor-job", behind.pk
    )
    assert "No worker that is alive serves the queue" in text_of(staff, "monitor-job", alone.pk)
    make_lease()
    assert "It is next" in text_of(staff, "monitor-job", alone.pk)
    assert "It is not due before" in text_of(staff, "monitor-job", later.pk)
    assert "Try 2 of 5 failed." in text_of(staff, "monitor-job", first.pk)


def test_a_job_of_a_worker_that_was_lost_says_so(staff: Client) -> None:
    job = make_job(make_run(make_version()), State.RUNNING, lease=make_lease(seconds=-5))
    assert "Its worker was lost." in text_of(staff, "monitor-job", job.pk)


@pytest.mark.parametrize("place", ["monitor-job", "monitor-run"])
def test_what_does_not_exist_is_not_found(staff: Client, place: str) -> None:
    assert staff.get(reverse(place, args=[12345])).status_code == 404


def test_a_version_that_can_no_longer_be_read_is_still_shown(staff: Client) -> None:
    version = make_version()
    type(version).objects.filter(pk=version.pk).update(document={"application": "shop", "tables": {"item": {"x": 1}}})
    run = make_run(
        version,
        "7",
        steps=[
            {
                "node": "n-first",
                "type": "gone_type",
                "outcome": "done",
                "at": clock.now().isoformat(),
                "changes": {"name": [None, "A"]},
            }
        ],
    )
    job = make_job(run, State.FAILED)
    assert "n-first" in text_of(staff, "monitor-run", run.pk)
    assert "n-price" in text_of(staff, "monitor-job", job.pk)
    assert "The partner is busy." in text_of(staff, "monitor-jobs")


def test_what_people_wrote_is_escaped_everywhere(staff: Client) -> None:
    evil = "<script>alert(1)</script>"
    run = make_run(
        make_version(),
        steps=[
            {
                "type": evil,
                "outcome": "done",
                "at": clock.now().isoformat(),
                "note": evil,
                "changes": {evil: [evil, evil]},
                "detail": {evil: evil},
            }
        ],
    )
    job = make_job(run, State.FAILED, queue=evil, error={"message": evil, "type": evil, "node": evil, "trace": evil})
    for text in (
        text_of(staff, "monitor"),
        text_of(staff, "monitor-jobs", error=evil),
        text_of(staff, "monitor-run", run.pk),
        text_of(staff, "monitor-job", job.pk),
    ):
        assert evil not in text
        assert "&lt;script&gt;" in text
