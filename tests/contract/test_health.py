"""``/healthz``: what whoever watches the site is told, and when it is red."""

from typing import Any

import pytest
from django.test import Client

from meanwhile.queue import standing
from meanwhile.queue.states import State
from tests.contract.databases_in_trouble import out_of_reach, read_only
from tests.contract.making_jobs import make_job, make_lease


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
    make_lease()
    with django_assert_max_num_queries(6):
        health(client)
