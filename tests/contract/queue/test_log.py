"""What the log says of workers and of jobs that fail, so that a person learns of it without looking at the monitor."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError

from meanwhile.core import clock
from meanwhile.queue import claim, lease, store, turn
from meanwhile.queue.jobs import Advance, Claimed, Ready
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State
from meanwhile.queue.worker import Worker
from tests.contract.queue.running import running, wait_until
from tests.contract.queue.toy import Toy, put, state_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _everything_from_info_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "meanwhile")


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def turn_all(lease_id: int, **more: Any) -> turn.Turned:
    return turn.turn(Toy(), [Ready(job) for job in claim.claim(lease_id, None, 50)], **more)


def test_a_failed_try_is_told_with_its_node_its_error_and_the_next_try(
    lease_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    id_ = put("note", "fail", submission_id=17, run_id=18, max_attempts=3, backoff_seconds=0.0, queue="mail")
    turn_all(lease_id)
    (line,) = caplog.records
    assert line.levelname == "WARNING"
    assert line.getMessage() == (
        f"Job {id_} failed at n1, try 1 of 3: ActionFailed: not this time. The next try is in 0.0 s."
    )
    assert [getattr(line, name) for name in ("submission", "run", "job", "queue", "node")] == [
        17,
        18,
        id_,
        "mail",
        "n1",
    ]


def test_a_job_that_comes_to_rest_as_failed_is_an_error(lease_id: int, caplog: pytest.LogCaptureFixture) -> None:
    id_ = put("broken")
    turn_all(lease_id)
    assert told(caplog) == [
        ("ERROR", f"Job {id_} failed at n0, try 1 of 5: PermanentError: never. It rests until a person acts.")
    ]


def test_each_failure_is_one_line_though_its_batch_was_rolled_back(
    lease_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    put("note")
    failing, raising = put("fail"), put("raise")
    turn_all(lease_id)
    assert [record.job for record in caplog.records] == [failing, raising]
    assert "ZeroDivisionError: outside any action" in caplog.messages[1]


def test_what_is_not_committed_has_not_failed(lease_id: int, caplog: pytest.LogCaptureFixture) -> None:
    id_ = put("fail")

    def lose(_freed: Sequence[str]) -> list[Claimed]:
        raise InterfaceError("the connection is gone")

    assert turn_all(lease_id, claim=lose).left
    assert (state_of(id_), told(caplog)) == ("running", [])


def test_jobs_that_go_well_are_not_told(lease_id: int, caplog: pytest.LogCaptureFixture) -> None:
    put("note", "note")
    turn_all(lease_id)
    assert told(caplog) == []


def die(lease_id: int) -> None:
    Lease.objects.filter(pk=lease_id).update(expires_at=clock.now() - timedelta(seconds=1))


def test_a_dead_worker_is_told_with_how_many_jobs_were_taken_over(caplog: pytest.LogCaptureFixture) -> None:
    holder = lease.take(Lease.Kind.WORKER, "shop:7")
    put(), put()
    claim.claim(holder, None, 2)
    die(holder)
    store.rescue()
    assert told(caplog) == [("WARNING", "The worker shop:7 is dead; jobs taken over: 2.")]
    assert caplog.records[0].worker == "shop:7"


def test_a_lease_that_ends_without_jobs_is_not_told(lease_id: int, caplog: pytest.LogCaptureFixture) -> None:
    die(lease_id)
    store.rescue()
    assert (Lease.objects.count(), told(caplog)) == (0, [])


def test_a_request_that_never_ended_is_told_as_such(caplog: pytest.LogCaptureFixture) -> None:
    put()
    holder = lease.take_for_request(1.0)
    claim.claim(holder, None, 1)
    die(holder)
    store.rescue()
    assert "A request of the web process" in caplog.messages[0]


def test_a_job_that_kills_its_workers_is_an_error(lease_id: int, caplog: pytest.LogCaptureFixture) -> None:
    id_ = put(at_node="n-poison", run_id=18)
    claim.claim(lease_id, None, 1)
    Job.objects.filter(pk=id_).update(alone=True, deaths=2)
    die(lease_id)
    store.rescue()
    (_taken_over, line) = caplog.records
    assert (line.levelname, line.job, line.run, line.node) == ("ERROR", id_, 18, "n-poison")
    assert f"Job {id_} failed: 3 workers in a row died" in line.getMessage()


def test_a_worker_says_what_it_serves_and_that_it_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    Worker(Toy(), queues=["mail", "default"], threads=3, name="shop:7").drain()
    assert told(caplog) == [
        ("INFO", "The worker shop:7 serves the queues mail, default with 3 threads."),
        ("INFO", "The worker shop:7 has ended; jobs given back: 0."),
    ]


def test_a_worker_that_is_stopped_says_what_it_gave_back(caplog: pytest.LogCaptureFixture) -> None:
    entered, release = threading.Event(), threading.Event()

    def hold(_job_id: int) -> str:
        entered.set()
        release.wait(20)
        return "done"

    id_ = put("effect")
    with running(Toy(effect=hold), name="shop:7", grace_seconds=0.1) as worker:
        assert entered.wait(20)
        worker.stop()
        wait_until(lambda: state_of(id_) == "available")
        release.set()
    assert caplog.messages[-2:] == [
        "The worker shop:7 stops: 1 jobs are under way and have 0.1 s to end.",
        "The worker shop:7 has ended; jobs given back: 1.",
    ]


class Unlucky(Toy):
    """The connection breaks in its first turns."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self.turns = turns

    def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
        if self.turns:
            self.turns -= 1
            raise InterfaceError("the connection\nis gone")
        return super().advance(ready, careful=careful)


def test_a_worker_says_when_the_database_can_be_used_again(
    configure: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    configure(poll_seconds=0.05, sweep_seconds=0.05)
    id_ = put()
    Worker(Unlucky(turns=2)).drain()
    assert state_of(id_) == State.COMPLETED
    lines = [message for level, message in told(caplog) if "database" in message]
    assert lines[0] == "The database cannot be used, trying again: the connection is gone"
    assert lines[-1].startswith("The database can be used again, after ")
    assert len([line for line in lines if "again, after" in line]) == 1
