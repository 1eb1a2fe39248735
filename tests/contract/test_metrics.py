"""``/metrics``: what Prometheus reads, and who may."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from meanwhile.monitor import metrics
from meanwhile.queue import by_queue, rules
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from tests.contract.databases_in_trouble import out_of_reach
from tests.contract.making_jobs import job_fields, make_job, make_lease
from tests.docs.markdown import ROOT

pytestmark = pytest.mark.django_db
TOKEN = "a-long-random-text-of-this-site"

type Figures = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.MEANWHILE = {**settings.MEANWHILE, "metrics_token": TOKEN}


def ask(client: Client, token: str = TOKEN, **headers: str) -> Any:
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}", **headers})


@pytest.fixture
def figures(client: Client) -> Any:
    """Reads them: by the name of the figure and the values of its labels in the order of their names."""

    def read() -> Figures:
        response = ask(client)
        assert response.status_code == 200
        return dict(_samples(response.text))

    return read


def _samples(text: str) -> Iterator[tuple[tuple[str, ...], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield (sample.name, *(value for _label, value in sorted(sample.labels.items()))), sample.value


# --- who may read them --------------------------------------------------------------------------------------------


def test_whoever_has_the_token_reads_them_in_the_format_of_prometheus(client: Client) -> None:
    response = ask(client)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert response["Cache-Control"] == "no-store"
    assert "# TYPE meanwhile_jobs gauge" in response.text


def test_prometheus_gets_openmetrics_where_it_asks_for_it(client: Client) -> None:
    response = ask(client, Accept="application/openmetrics-text; version=1.0.0")
    assert response["Content-Type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


@pytest.mark.parametrize("given", ["", "wrong", TOKEN[:-1], TOKEN + "x", "ümlaut"])
def test_a_wrong_token_is_refused(client: Client, given: str) -> None:
    assert ask(client, given).status_code == 403


def test_another_scheme_than_bearer_is_refused(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 403


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_token_in_the_settings_no_token_is_right(client: Client, settings: Any, nothing: str | None) -> None:
    settings.MEANWHILE = {**settings.MEANWHILE, "metrics_token": nothing}
    for given in ("", "None", TOKEN):
        assert ask(client, given).status_code == 403


def test_staff_read_them_and_others_do_not(client: Client) -> None:
    assert client.get("/metrics").status_code == 403
    client.force_login(User.objects.create_user("bob"))
    assert client.get("/metrics").status_code == 403
    client.force_login(User.objects.create_user("ann", is_staff=True))
    assert client.get("/metrics").status_code == 200


# --- what they say ------------------------------------------------------------------------------------------------


def test_jobs_are_counted_by_queue_and_state(figures: Any) -> None:
    for state, queue in [
        ("available", "a"),
        ("available", "a"),
        ("scheduled", "a"),
        ("failed", "b"),
        ("completed", "b"),
    ]:
        make_job(None, State(state), queue=queue)
    found = figures()
    assert found["meanwhile_jobs", "a", "available"] == 2
    assert found["meanwhile_jobs", "a", "scheduled"] == 1
    assert found["meanwhile_jobs", "b", "failed"] == 1
    assert found["meanwhile_jobs", "b", "available"] == 0
    assert ("meanwhile_jobs", "b", "completed") not in found


def test_counts_stop_at_the_cap_and_say_so(figures: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "queues", lambda: by_queue.queues(cap=3))
    Job.objects.bulk_create([Job(**job_fields(None, State.AVAILABLE)) for _ in range(5)])
    make_job(None, State.FAILED)
    found = figures()
    assert found["meanwhile_jobs", "default", "available"] == 3
    assert found["meanwhile_jobs_capped", "available"] == 1
    assert found["meanwhile_jobs_capped", "failed"] == 0


def test_the_age_of_the_oldest_waiting_job_is_told_for_each_queue(figures: Any) -> None:
    make_job(None, minutes_ago=10, queue="a")
    make_job(None, minutes_ago=1, queue="a")
    make_job(None, minutes_ago=2, queue="b")
    make_job(None, State.FAILED, minutes_ago=60, queue="c")
    found = figures()
    assert 600 <= found["meanwhile_oldest_waiting_seconds", "a"] < 660
    assert 120 <= found["meanwhile_oldest_waiting_seconds", "b"] < 180
    assert found["meanwhile_oldest_waiting_seconds", "c"] == 0


def test_living_workers_are_counted_and_a_queue_without_one_is_told(figures: Any) -> None:
    make_lease("a")
    make_lease("a", seconds=-1)
    make_lease(kind="request")
    make_job(None, queue="a")
    make_job(None, queue="b")
    found = figures()
    assert found["meanwhile_workers",] == 1
    assert found["meanwhile_queue_workers", "a"] == 1
    assert found["meanwhile_queue_unserved", "a"] == 0
    assert found["meanwhile_queue_unserved", "b"] == 1
    make_lease()
    assert figures()["meanwhile_queue_unserved", "b"] == 0


def test_the_rules_of_queues_are_told(figures: Any) -> None:
    make_job(None, queue="free")
    rules.change("mail", concurrency=4, per_minute=60, priority=0)
    rules.pause("mail")
    found = figures()
    assert found["meanwhile_queue_paused", "mail"] == 1
    assert found["meanwhile_queue_paused", "free"] == 0
    assert found["meanwhile_queue_concurrency", "mail"] == 4
    assert found["meanwhile_queue_rate_per_minute", "mail"] == 60
    assert ("meanwhile_queue_concurrency", "free") not in found


def test_failed_tries_and_how_things_went_lately_are_told(figures: Any) -> None:
    make_job(None, State.RETRYING, attempt=2)
    make_job(None, State.FAILED, attempt=5)
    for _ in range(3):
        make_job(None, State.COMPLETED, minutes_ago=3)
    found = figures()
    assert found["meanwhile_failed_tries", "default"] == 7
    assert found["meanwhile_lately_jobs", "default", "completed"] == 3
    assert found["meanwhile_lately_jobs", "default", "failed"] == 1
    assert found["meanwhile_lately_jobs", "default", "cancelled"] == 0
    assert found["meanwhile_lately_seconds",] >= 0


def test_an_empty_site_has_figures_too(figures: Any) -> None:
    found = figures()
    assert found["meanwhile_workers",] == 0
    assert found["meanwhile_lately_seconds",] == 0


def test_every_figure_is_documented_and_alerts_name_figures_that_exist(client: Client) -> None:
    text = (ROOT / "docs/howto/watch-and-alert.md").read_text()
    actual = {family.name for family in text_string_to_metric_families(ask(client).text)}
    assert set(re.findall(r"^\| `(meanwhile_\w+)", text, re.M)) == actual
    assert set(re.findall(r"expr: (meanwhile_\w+)", text)) <= actual


def test_the_number_of_statements_does_not_grow_with_jobs_or_queues(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        make_job(None, queue=f"queue-{number}")
    with django_assert_max_num_queries(8):
        ask(client)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_503(client: Client) -> None:
    with out_of_reach():
        assert ask(client).status_code == 503


def test_who_is_refused_is_one_line_of_the_log_without_a_traceback(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/metrics")
    assert [(record.getMessage(), record.exc_info) for record in caplog.records] == [("Forbidden: /metrics", None)]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_told_in_one_line_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with out_of_reach():
        ask(client)
    reason, django = caplog.messages
    assert reason.startswith("The database cannot be used: ")
    assert "\n" not in reason
    assert django == "Service Unavailable: /metrics"
