"""The short way of a job that wakes a worker up: its hint names it, and one transaction claims and turns it."""

import select
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from meanwhile.queue import store, wake
from meanwhile.queue.claim_one import claim_named
from meanwhile.queue.jobs import Advance, Ready
from meanwhile.queue.models import Job, QueueRules
from meanwhile.queue.wake import Listener
from meanwhile.queue.worker import Worker
from tests.contract.queue.running import running, wait_until
from tests.contract.queue.toy import Toy, new_job, put, state_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

# Nothing is found by looking for it.
DEAF = {"poll_seconds": 3600.0, "sweep_seconds": 3600.0}


def named(job_id: int, lease_id: int, queues: list[str] | None = None) -> int | None:
    with transaction.atomic():
        job = claim_named(job_id, lease_id, queues)
    return None if job is None else job.epoch


def test_a_job_that_just_came_in_is_claimed_by_its_name_once(lease_id: int) -> None:
    id_ = put(line="a:1")
    assert named(id_, lease_id) == 1
    assert (Job.objects.get().lease_id, Job.objects.get().started_at is not None) == (lease_id, True)
    assert named(id_, lease_id) is None


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": F("created_at") - timedelta(seconds=1)},
        {"created_at": F("created_at") + timedelta(hours=1)},
        {"epoch": 2},
        {"state": "scheduled"},
        {"queue": "other"},
    ],
    ids=["older", "of a clock that runs ahead", "claimed before", "not due", "of another queue"],
)
def test_no_other_job_is_claimed_by_its_name(lease_id: int, change: dict[str, Any]) -> None:
    id_ = put()
    Job.objects.filter(pk=id_).update(**change)
    assert named(id_, lease_id, ["default"]) is None


def test_a_name_does_not_pass_its_line(lease_id: int) -> None:
    first, second = put(line="a:1"), put(line="a:1")
    assert named(second, lease_id) is None
    assert named(first, lease_id) == 1
    assert named(second, lease_id) is None


@pytest.mark.parametrize("rule", [{"paused": True}, {"concurrency": 5}, {"per_minute": 60_000}])
def test_a_queue_with_a_limit_is_asked_for_it(lease_id: int, rule: dict[str, Any]) -> None:
    QueueRules.objects.create(name="default", **rule)
    assert named(put(), lease_id) is None


def test_of_two_who_hear_of_a_job_one_has_it_and_where_many_can_write_nobody_waits(lease_id: int) -> None:
    id_ = put()
    found: list[int | None] = []

    def claim_too() -> None:
        found.append(named(id_, lease_id))
        connections.close_all()

    with transaction.atomic():
        assert claim_named(id_, lease_id, None)
        thread = threading.Thread(target=claim_too)
        thread.start()
        if connection.vendor == "postgresql":
            thread.join(10)
            assert found == [None], "it waited for the other's transaction"
    thread.join(10)
    assert found == [None]


def test_a_hint_names_the_job_that_is_all_there_is_to_do() -> None:
    listener = Listener()
    assert listener.fileno() is not None

    def heard(*due_in: float) -> tuple[list[int], int | None]:
        jobs = store.enqueue([new_job(due_in=seconds) for seconds in due_in])
        return jobs, drained()

    def drained() -> int | None:
        ear = listener.fileno()
        assert ear is not None
        assert select.select([ear], [], [], 20)[0], "no hint came"
        return listener.drain()

    try:
        (only,), name = heard(0)
        assert name == only
        (_later, due), name = heard(3600, 0)
        assert name == due
        assert heard(0, 0)[1] is None
        with transaction.atomic():
            for _ in range(2):
                put()
        assert drained() is None, "two hints"
        wake.after_commit()
        assert drained() is None
    finally:
        listener.close()


class Watched(Toy):
    """Notes of each turn in which epoch the database has the job, seen from the outside."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.epochs: list[int] = []

    def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
        thread = threading.Thread(target=self._look, args=(ready[0].job.id,))
        thread.start()
        thread.join()
        return super().advance(ready, careful=careful)

    def _look(self, job_id: int) -> None:
        self.epochs.append(Job.objects.values_list("epoch", flat=True).get(pk=job_id))
        connections.close_all()


def test_a_resting_worker_claims_and_turns_in_one_transaction(configure: Callable[..., None]) -> None:
    configure(**DEAF)
    toy = Watched()
    with running(toy) as worker:
        wait_until(lambda: worker.is_listening)

        def is_turned_at_once() -> bool:
            """It may not have come to rest yet."""
            toy.epochs.clear()
            id_ = put("note", "effect", "note", line="a:1")
            wait_until(lambda: state_of(id_) == "completed")
            assert steps_of(id_) == ["note0", "done", "note2"]
            return toy.epochs == [0, 2]

        wait_until(is_turned_at_once)


@pytest.mark.parametrize(
    ("word", "state"), [("broken", "failed"), ("fail", "retrying"), ("raise", "failed"), ("sql", "failed")]
)
def test_what_fails_on_the_short_way_fails_like_everything_else(
    configure: Callable[..., None], word: str, state: str
) -> None:
    configure(**DEAF)
    with running(Toy()) as worker:
        wait_until(lambda: worker.is_listening)
        id_ = put("note", word, max_attempts=1 if word != "fail" else 5, line="a:1")
        wait_until(lambda: state_of(id_) == state)
        other = put(line="a:2")
        wait_until(lambda: state_of(other) == "completed")
    assert Job.objects.get(pk=id_).error["message"]


def test_jobs_that_come_in_together_are_all_done(configure: Callable[..., None]) -> None:
    configure(**DEAF)
    with running(Toy()) as worker:
        wait_until(lambda: worker.is_listening)
        for _ in range(5):
            jobs = store.enqueue([new_job("note", "effect", line=f"a:{number % 3}") for number in range(7)])
            wait_until(lambda jobs=jobs: {state_of(id_) for id_ in jobs} == {"completed"})


def test_what_woke_a_worker_is_done_before_it_looks_after_the_queue() -> None:
    # One submission in twenty waited for what is done once a second.
    def is_done_first() -> bool:
        """What is named may be too old by the time that it is claimed."""
        later, worker = put("note", due_in=3600), Worker(Toy())
        Job.objects.filter(pk=later).update(due_at=F("created_at"))
        try:
            worker._keep_lease()
            worker._named = now = put("note")
            worker._round()
            was_first = (state_of(now), state_of(later)) == ("completed", "scheduled")
            worker._round()
            assert state_of(later) != "scheduled"
        finally:
            worker._end()
        return was_first

    wait_until(is_done_first)


def test_a_hint_that_comes_with_an_answer_keeps_nobody_from_looking_after_the_queue(lease_id: int) -> None:
    # Whoever was always busy kept the hint in mind, and what is done once a second was never done.
    later, worker = put("note", due_in=3600), Worker(Toy())
    Job.objects.filter(pk=later).update(due_at=F("created_at"))
    busy = put("note")
    try:
        worker._keep_lease()
        worker._hand.take(worker._tenure.claimer.claim(1))
        worker._named = busy
        worker._round()
        assert (state_of(busy), state_of(later)) == ("completed", "scheduled")
        worker._round()
        assert state_of(later) != "scheduled"
    finally:
        worker._end()
