"""``/healthz``: what whoever watches the site is told, and when it is red."""

import json
from typing import Any

import pytest
from django.test import Client

from meanwhile.queue import rules, standing
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from tests.contract.databases_in_trouble import out_of_reach, read_only
from tests.contract.making_jobs import job_fields, make_job, make_lease


def health(client: Client) -> tuple[int, dict[str, Any]]:
    """The code of the answer and what it says."""
    response = client.get("/healthz")
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.json()


@pytest.mark.django_db
def test_health_is_good_while_a_worker_lives(client: Client) -> None:
    make_lease()
    assert health(client) == (
        200,
        {
            "status": "ok",
            "web": {"status": "ok"},
            "database": {"status": "ok"},
            "worker": {"status": "ok"},
            "queue": {"status": "ok", "oldest_waiting_seconds": 0.0},
        },
    )


@pytest.mark.django_db
def test_health_is_red_when_jobs_wait_and_no_worker_was_seen_lately(client: Client) -> None:
    make_lease(seconds=-1)
    make_job(None, minutes_ago=1)
    code, told = health(client)
    assert (code, told["status"]) == (503, "failing")
    assert told["worker"]["status"] == "absent"
    assert 0 <= told["worker"]["last_seen_seconds_ago"] < 60
    assert told["queue"]["status"] == "stuck"
    assert 60 <= told["queue"]["oldest_waiting_seconds"] < 120


@pytest.mark.django_db
def test_a_missing_worker_is_told_and_no_alarm_while_nothing_waits_for_it(client: Client) -> None:
    make_job(None, State.SCHEDULED)
    make_job(None, State.FAILED)
    code, told = health(client)
    assert code == 200
    assert told["worker"] == {"status": "absent"}


@pytest.mark.django_db
def test_a_job_that_has_only_just_come_may_wait_for_a_worker_that_is_started_again(client: Client) -> None:
    make_job(None)
    assert health(client)[0] == 200


@pytest.mark.django_db
def test_health_is_red_when_a_due_job_waits_in_a_queue_that_no_living_worker_serves(client: Client) -> None:
    # Only `worker --queues mail` lived, jobs waited in another queue for minutes, and the answer was 200 for ever.
    make_lease("mail")
    make_lease("reports", seconds=-1)
    make_job(None, queue="mail", minutes_ago=2)
    assert health(client)[0] == 200
    make_job(None, queue="reports", minutes_ago=1)
    code, told = health(client)
    assert (code, told["status"]) == (503, "failing")
    assert (told["worker"], told["queue"]["status"]) == ({"status": "ok"}, "unserved")
    assert "reports" not in json.dumps(told)


@pytest.mark.django_db
@pytest.mark.parametrize("more", ["reports", None])
def test_a_queue_is_served_by_a_worker_that_names_it_or_names_none(client: Client, more: str | None) -> None:
    make_lease("mail")
    make_lease(*filter(None, [more]))
    make_job(None, queue="reports", minutes_ago=1)
    assert health(client)[0] == 200


@pytest.mark.django_db
def test_an_unserved_queue_may_wait_for_a_moment_and_beside_one_that_has_waited_long(client: Client) -> None:
    make_lease("mail")
    make_job(None, queue="mail", minutes_ago=2)
    make_job(None, queue="reports")
    make_job(None, State.SCHEDULED, queue="reports")
    make_job(None, State.FAILED, queue="reports", minutes_ago=2)
    assert health(client)[0] == 200


@pytest.mark.django_db
@pytest.mark.parametrize("served", [["mail"], None])
def test_what_waits_in_a_paused_queue_is_no_alarm(client: Client, served: list[str] | None) -> None:
    if served:
        make_lease(*served)
    make_job(None, queue="reports", minutes_ago=1)
    rules.pause("reports")
    assert health(client)[0] == 200
    rules.resume("reports")
    assert health(client)[0] == 503


@pytest.mark.django_db
def test_the_oldest_job_of_every_table_is_looked_at_behind_a_flood_of_others(client: Client) -> None:
    make_lease("mail")
    fields = [job_fields(None, State.AVAILABLE, minutes_ago=9, queue="mail", line=f"a:{n}") for n in range(2_000)]
    fields += [job_fields(None, State.AVAILABLE, queue="reports", line=f"b:{n}") for n in range(100)]
    Job.objects.bulk_create(Job(**each) for each in fields)
    assert health(client)[0] == 200
    make_job(None, queue="reports", line="c:1", minutes_ago=1)
    assert health(client)[1]["queue"]["status"] == "unserved"


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.1.2.3", "nobody.example", "[::1]:8000", "not a host"])
def test_health_answers_whatever_host_is_asked_for_and_nothing_else_does(client: Client, host: str) -> None:
    # A load balancer asks by an address; each time, 400 was answered and a traceback logged.
    make_lease()
    response = client.get("/healthz", headers={"Host": host})
    assert (response.status_code, response["X-Content-Type-Options"]) == (200, "nosniff")
    assert not response.cookies
    expected = 302 if host.startswith("[::1]") else 400
    assert client.get("/people/", headers={"Host": host}).status_code == expected


@pytest.mark.django_db
def test_a_lease_of_a_request_is_no_worker(client: Client) -> None:
    make_lease(kind="request")
    assert health(client)[1]["worker"]["status"] == "absent"


@pytest.mark.django_db(transaction=True)
def test_health_is_red_when_the_database_can_only_be_read(client: Client) -> None:
    make_lease()
    with read_only():
        code, told = health(client)
    assert (code, told["database"]["status"], told["worker"]["status"]) == (503, "read-only", "ok")
    assert health(client)[0] == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_trouble", [read_only, out_of_reach])
def test_what_the_database_said_is_one_line_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, in_trouble: Any
) -> None:
    make_lease()
    with in_trouble():
        health(client)
    reason, django = caplog.messages
    assert reason.startswith("The database cannot be used: ")
    assert len(reason) > len("The database cannot be used: ")
    assert "\n" not in reason
    assert django == "Service Unavailable: /healthz"


@pytest.mark.django_db(transaction=True)
def test_health_is_red_when_the_database_is_out_of_reach(client: Client) -> None:
    with out_of_reach():
        code, told = health(client)
    assert (code, told["database"]["status"]) == (503, "unavailable")
    assert told["worker"] == told["queue"] == {"status": "unknown"}
    assert told["web"] == {"status": "ok"}


@pytest.mark.django_db
@pytest.mark.skipif("standing.is_postgresql()", reason="The disk of a PostgreSQL is another machine's.")
def test_health_is_red_when_the_disk_of_sqlite_is_full(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "FEWEST_FREE_BYTES", 1 << 60)
    code, told = health(client)
    assert (code, told["database"]["status"]) == (503, "full")


@pytest.mark.django_db(transaction=True)
def test_somebody_who_writes_at_the_moment_makes_nobody_ill(client: Client) -> None:
    from django.db import connection

    other = connection.copy("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN" if other.vendor == "postgresql" else "BEGIN IMMEDIATE")
            cursor.execute("UPDATE meanwhile_lease SET name = 'other'")
            assert health(client)[0] == 200
            cursor.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.django_db
def test_health_costs_a_handful_of_small_statements(client: Client, django_assert_max_num_queries: Any) -> None:
    make_lease("mail")
    make_job(None, queue="reports", minutes_ago=1)
    with django_assert_max_num_queries(6):
        assert health(client)[0] == 503
