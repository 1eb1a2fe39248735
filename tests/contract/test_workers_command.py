"""``meanwhile workers``: what the monitor shows of the workers, in a terminal."""

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

from meanwhile.cli import main
from meanwhile.queue import lease
from meanwhile.queue.models import Lease
from meanwhile.queue.states import State
from tests.contract.making_jobs import make_job, make_lease, make_run, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]


def workers(*words: str) -> str:
    out = io.StringIO()
    assert main.perform(["workers", *words], Console(file=out, width=80, soft_wrap=True)) == 0
    return out.getvalue()


def rows() -> list[list[str]]:
    """The cells of each line below the heading."""
    return [re.split(r"  +", line) for line in workers().splitlines()[1:]]


def data() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(workers("--json"))["workers"]
    return found


def test_a_worker_is_told_with_its_queues_its_start_and_what_it_runs() -> None:
    lease_id = lease.take(Lease.Kind.WORKER, "forms-1:4711", ["mail", "default"])
    held = Lease.objects.get(pk=lease_id)
    job = make_job(make_run(make_version()), State.RUNNING, lease=held)
    (cells,) = rows()
    since = f"{held.started_at:%Y-%m-%d %H:%M:%S}"
    assert cells[:3] == ["forms-1:4711", "Alive", since]
    assert re.fullmatch(r"\d+ s ago", cells[3])
    assert cells[4:] == ["1", "mail, default", f"{job.pk} Price it"]


def test_one_that_died_is_told_from_one_that_lives_and_one_that_serves_all_says_so() -> None:
    make_lease(name="dead:1", seconds=-100)
    make_lease(name="alive:2")
    assert [(cells[0], cells[1], cells[5]) for cells in rows()] == [
        ("alive:2", "Alive", "all"),
        ("dead:1", "Lost", "all"),
    ]


def test_of_many_jobs_a_few_are_named_and_all_are_counted() -> None:
    held, version = make_lease(), make_version()
    ids = [make_job(make_run(version, str(n)), State.RUNNING, lease=held).pk for n in range(5)]
    (cells,) = rows()
    assert cells[4] == "5"
    assert cells[6] == ", ".join([f"{id_} Price it" for id_ in ids[:1:-1]] + ["..."])


def test_a_request_that_performs_its_own_rest_is_no_worker(capsys: pytest.CaptureFixture[str]) -> None:
    make_lease(kind=Lease.Kind.REQUEST, name="web:3")
    (cells,) = rows()
    assert "a request that performs its own rest" in cells[5]
    assert "No worker is alive" in capsys.readouterr().err


def test_programs_read_the_same_as_json() -> None:
    held = make_lease("mail", name="forms-1:4711")
    job = make_job(make_run(make_version()), State.RUNNING, lease=held, queue="mail")
    (one,) = data()
    assert (one["name"], one["kind"], one["is_alive"]) == ("forms-1:4711", "worker", True)
    assert (one["queues"], one["held"]) == (["mail"], 1)
    assert one["renewed_at"] == held.renewed_at.isoformat()
    assert [(each["id"], each["queue"]) for each in one["jobs"]] == [(job.pk, "mail")]


def test_without_workers_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert workers() == ""
    assert "Jobs are safe and wait. Start one: meanwhile worker" in capsys.readouterr().err
    assert data() == []
