"""The lists: filters in the address, pages by key, and a price that does not grow with the table."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meanwhile.core import clock
from meanwhile.engine.inspect import listing, paging
from meanwhile.engine.inspect.filters import JobFilter, RunFilter
from meanwhile.engine.models import Run
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from tests.contract.making_jobs import job_fields, make_job, make_run, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]


def found(**asked: Any) -> list[int]:
    query = JobFilter(asked)
    assert query.is_valid(), query.errors
    return [row.job.pk for row in listing.list_jobs(query)[0]]


def walk(size: int, **asked: Any) -> list[int]:
    """All ids that pages of ``size`` show, in order."""
    query, cursor, ids = JobFilter(asked), "", []
    assert query.is_valid(), query.errors
    while True:
        rows, page = listing.list_jobs(query, cursor, size)
        ids += [row.job.pk for row in rows]
        if page.older is None:
            return ids
        cursor = page.older


def test_each_filter_finds_its_jobs_and_no_others() -> None:
    shop, bakery = make_version(), make_version("bakery")
    run, other = make_run(shop, "1"), make_run(bakery, "2")
    failed = make_job(run, State.FAILED)
    slow = make_job(other, State.AVAILABLE, queue="slow", at_node="n-last")
    old = make_job(other, State.COMPLETED, minutes_ago=600)
    assert found(state="failed") == [failed.pk]
    assert found(state="completed") == [old.pk]
    assert found(queue="slow") == [slow.pk]
    assert found(node="n-last") == [slow.pk]
    assert found(node="n-back") == [old.pk, slow.pk, failed.pk]
    assert found(application="shop") == [failed.pk]
    assert found(table="item") == [old.pk, slow.pk, failed.pk]
    assert found(table="cake") == []
    assert found(table="item", record="2") == [old.pk, slow.pk]
    assert found(submission=str(run.submission_id)) == [failed.pk]
    assert found(run=str(other.pk)) == [old.pk, slow.pk]
    assert found(error="PARTNER is") == [failed.pk]
    assert found(since="1h") == [slow.pk, failed.pk]
    assert found(until="1h") == [old.pk]
    assert found(since="1h", application="bakery", state="available") == [slow.pk]


def test_a_moment_may_be_a_span_a_date_or_a_time() -> None:
    for text in ("2h", "1d2h", "2026-01-31", "2026-01-31 06:00", "2026-01-31T06:00:00Z"):
        assert JobFilter({"since": text}).is_valid(), text
    for text in ("yesterday", "2026-02-31", "2026-13-01 06:00", "99999999w", "1.5h"):
        assert not JobFilter({"since": text}).is_valid(), text


@pytest.mark.parametrize("state", [State.AVAILABLE, State.SCHEDULED, State.RETRYING, State.FAILED, State.COMPLETED, ""])
def test_pages_show_every_job_once_also_where_many_are_due_at_the_same_moment(state: State | str) -> None:
    run, at = make_run(make_version()), clock.now()
    for number in range(11):
        when = at + timedelta(seconds=number // 4)
        fields: dict[str, Any] = {"retry_at": when} if state == State.RETRYING else {}
        make_job(run, State(state or State.COMPLETED), due_at=when, **fields)
    expected = sorted(Job.objects.values_list("pk", flat=True), reverse=True)
    assert walk(3, **({"state": state} if state else {})) == expected


def test_a_page_that_found_little_offers_to_look_further_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "SCAN", 10)
    run = make_run(make_version())
    rare = make_job(run, State.COMPLETED, queue="rare")
    for _ in range(25):
        make_job(run, State.COMPLETED)
    query = JobFilter({"queue": "rare"})
    assert query.is_valid()
    rows, page = listing.list_jobs(query)
    assert (rows, page.is_partial) == ([], True)
    assert walk(50, queue="rare") == [rare.pk]


@pytest.mark.parametrize("cursor", ["x", "1~2~3", "2026-01-01~5", "99999999999999999999", "2026-01-01T00:00:00~7", "٣"])
@pytest.mark.parametrize("state", ["", "available"])
def test_a_cursor_that_is_none_begins_at_the_newest(cursor: str, state: str) -> None:
    make_job(make_run(make_version()), State.AVAILABLE)
    query = JobFilter({"state": state})
    assert query.is_valid()
    assert len(listing.list_jobs(query, cursor)[0]) == 1


def test_runs_are_found_by_what_became_of_their_jobs() -> None:
    version = make_version()
    failed, working, finished, without = (make_run(version, str(number)) for number in range(1, 5))
    make_job(failed, State.FAILED)
    make_job(failed, State.COMPLETED)
    make_job(working, State.SCHEDULED)
    make_job(finished, State.CANCELLED)

    def runs(**asked: str) -> list[int]:
        query = RunFilter(asked)
        assert query.is_valid(), query.errors
        return [row.run.pk for row in listing.list_runs(query)[0]]

    assert runs(state="failed") == [failed.pk]
    assert runs(state="unfinished") == [working.pk]
    assert runs(state="finished") == [without.pk, finished.pk]
    assert runs(event="item.record_update", table="item", record="2") == [working.pk]
    assert runs(submission=str(failed.submission_id)) == [failed.pk]


def test_the_list_keeps_its_filter_from_page_to_page(staff: Client) -> None:
    run = make_run(make_version())
    for _ in range(60):
        make_job(run, State.FAILED)
    first = staff.get(reverse("monitor-jobs"), {"state": "failed", "application": "shop"}).content.decode()
    older = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert older
    address = older[1].replace("&amp;", "&")
    assert parse_qs(urlsplit(address).query).keys() == {"state", "application", "after"}
    second = staff.get(address).content.decode()
    assert second.count("Price it") == 10


def test_a_filter_that_cannot_be_read_says_what_is_wrong_at_the_field(staff: Client) -> None:
    response = staff.get(reverse("monitor-jobs"), {"record": "7", "since": "soon"})
    text = response.content.decode()
    assert response.status_code == 400
    assert "say the table too" in text
    assert "Write a time span such as 2h or 3d" in text
    assert 'value="soon"' in text


def test_a_list_that_finds_nothing_says_so_and_how_to_go_on(staff: Client) -> None:
    text = staff.get(reverse("monitor-jobs"), {"state": "failed"}).content.decode()
    assert "No job matches" in text
    assert "Clear the filter" in text


def _many(count: int) -> None:
    """A table in which the states are as uneven as in life."""
    run = make_run(make_version())
    states = [State.COMPLETED] * 97 + [State.FAILED, State.SCHEDULED, State.AVAILABLE]
    rows = [Job(**job_fields(run, states[number % 100])) for number in range(count)]
    Job.objects.bulk_create(rows, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


ADDRESSES: list[Callable[[], str]] = [
    lambda: reverse("monitor"),
    lambda: reverse("monitor-jobs"),
    lambda: reverse("monitor-jobs") + "?state=failed",
    lambda: reverse("monitor-jobs") + "?state=available&queue=default",
    lambda: reverse("monitor-jobs") + "?application=shop&table=item&error=nowhere",
    lambda: reverse("monitor-runs") + "?state=unfinished",
    lambda: reverse("monitor-workers"),
]


@pytest.mark.parametrize("number", range(len(ADDRESSES)))
def test_a_page_costs_as_many_statements_for_many_jobs_as_for_few(staff: Client, number: int) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert staff.get(ADDRESSES[number]()).status_code == 200
        return len(captured)

    make_job(make_run(make_version()), State.FAILED)
    make_job(make_run(make_version()), State.AVAILABLE)
    statements()
    few = statements()
    _many(3_000)
    assert statements() <= few + 3
    assert few < 30


@pytest.mark.parametrize("number", range(len(ADDRESSES)))
def test_no_page_counts_or_skips_rows_without_a_bound(staff: Client, number: int) -> None:
    _many(1_000)
    with CaptureQueriesContext(connection) as captured:
        staff.get(ADDRESSES[number]())
    for query in captured.captured_queries:
        sql = query["sql"].upper()
        if '"MEANWHILE_JOB"' not in sql and '"MEANWHILE_RUN"' not in sql:
            continue
        is_of_one_page = 'RUN_ID" IN (' in sql or '."ID" IN (' in sql or "GROUP BY" in sql
        assert "LIMIT" in sql or is_of_one_page, sql
        offset = re.search(r"OFFSET (\d+)", sql)
        assert offset is None or int(offset[1]) < paging.SCAN, sql


def test_a_list_of_one_state_is_read_from_the_index_of_that_state() -> None:
    _many(20_000)
    for state in ("available", "scheduled", "failed"):
        query = JobFilter({"state": state})
        assert query.is_valid()
        plan = query.base().defer(*listing.HEAVY).order_by(*query.order.by())[:51].explain()
        assert f"meanwhile_job_{state}" in plan, plan


def test_ids_are_found_by_time_in_a_few_steps() -> None:
    run = make_run(make_version())
    at = clock.now()
    Job.objects.bulk_create(
        [Job(**job_fields(run, State.COMPLETED, created_at=at + timedelta(seconds=number))) for number in range(5_000)]
    )
    first = Job.objects.order_by("pk").first()
    assert first is not None
    with CaptureQueriesContext(connection) as captured:
        below = paging.ids_from(Job, at + timedelta(seconds=4_000))
        above = paging.ids_until(Job, at + timedelta(seconds=4_000))
    exact = first.pk + 4_000
    assert below <= exact <= above
    assert exact - below <= 1_000
    assert len(captured) < 60
    assert paging.ids_from(Run, at + timedelta(days=1)) <= run.pk + 1
