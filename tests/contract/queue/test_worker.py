"""A worker at work: effects, hints, deadlines, stopping (design, section 7; faults: hung effect, SIGTERM)."""

import select
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from meanwhile.core import failpoints
from meanwhile.queue import claim, solitude, store, wake
from meanwhile.queue.jobs import Advance, Ready
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.worker import Worker
from tests.contract.queue.running import running, wait_until
from tests.contract.queue.toy import Toy, new_job, put, state_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_drain_finishes_everything_that_is_due() -> None:
    jobs = [put("note", "effect", "note", line="a:1"), put("effect", "effect", line="a:1"), put("note")]
    later = put(due_in=3600)
    Worker(Toy()).drain()
    assert [state_of(id_) for id_ in jobs] == ["completed"] * 3
    assert steps_of(jobs[0]) == ["note0", "done", "note2"]
    assert state_of(later) == "scheduled"
    assert Lease.objects.count() == 0


def test_drain_works_through_more_than_a_batch_of_one_line_in_order() -> None:
    order: list[int] = []
    toy = Toy(effect=lambda job_id: order.append(job_id) or "done")
    jobs = store.enqueue([new_job("effect", line="a:1") for _ in range(120)])
    Worker(toy).drain()
    assert order == jobs
    assert Job.objects.filter(state="completed").count() == 120


@pytest.mark.django_db(transaction=False)
def test_drain_works_inside_a_transaction_without_threads() -> None:
    assert connection.in_atomic_block
    id_ = put("note", "effect", "note")
    Worker(Toy(), threads=0).drain()
    assert (state_of(id_), steps_of(id_)) == ("completed", ["note0", "done", "note2"])


def test_an_idle_worker_is_woken_by_a_hint(configure: Callable[..., None]) -> None:
    configure(poll_seconds=3600.0, sweep_seconds=3600.0)
    with running(Toy()) as worker:
        wait_until(lambda: worker.is_listening)
        for _ in range(3):
            id_ = put("note", "effect")
            wait_until(lambda id_=id_: state_of(id_) == "completed")


def test_a_job_that_becomes_due_is_promoted_and_run(configure: Callable[..., None]) -> None:
    configure(poll_seconds=0.05)
    id_ = put("note", due_in=0.2)
    assert state_of(id_) == "scheduled"
    with running(Toy()):
        wait_until(lambda: state_of(id_) == "completed")


def test_a_failed_action_is_tried_again_and_resumed_not_repeated(configure: Callable[..., None]) -> None:
    configure(poll_seconds=0.05)
    toy = Toy()
    id_ = put("note", "effect", "fail", "note", backoff_seconds=0.05)
    with running(toy):
        wait_until(lambda: Job.objects.get(pk=id_).attempt >= 2)
        toy.mended.add(id_)
        wait_until(lambda: state_of(id_) == "completed")
    assert steps_of(id_) == ["note0", "done", "fail2", "note3"]


def test_a_retry_keeps_its_place_before_later_jobs_of_its_line(configure: Callable[..., None]) -> None:
    configure(poll_seconds=0.05)
    toy, finished = Toy(), []
    first = put("fail", "effect", line="a:1", backoff_seconds=0.2)
    second = put("effect", line="a:1")
    toy.effect = lambda job_id: finished.append(job_id) or "done"
    with running(toy):
        wait_until(lambda: state_of(first) == "retrying")
        toy.mended.add(first)
        wait_until(lambda: state_of(second) == "completed")
    assert finished == [first, second]


class Gate:
    """An effect that stands still for some jobs until it is opened."""

    def __init__(self, *jobs: int) -> None:
        self.jobs = set(jobs)
        self.is_open = threading.Event()
        self.entered: list[int] = []

    def __call__(self, job_id: int) -> str:
        self.entered.append(job_id)
        if job_id in self.jobs:
            assert self.is_open.wait(30)
        return "done"


def test_nobody_waits_for_somebody_elses_slow_effect() -> None:
    slow = put("effect")
    others = store.enqueue([new_job("effect", "note") for _ in range(60)])
    gate = Gate(slow)
    with running(Toy(effect=gate)):
        wait_until(lambda: Job.objects.filter(pk__in=others, state="completed").count() == 60)
        assert state_of(slow) == "running"
        gate.is_open.set()
        wait_until(lambda: state_of(slow) == "completed")


def test_a_hung_effect_is_ended_by_its_deadline_and_the_worker_goes_on() -> None:
    hung = put("effect", max_attempts=1)
    gate = Gate(hung)
    with running(Toy(effect=gate, timeout=0.2), threads=1):
        wait_until(lambda: state_of(hung) == "failed")
        after = put("effect")
        wait_until(lambda: state_of(after) == "completed")
        gate.is_open.set()
    assert Job.objects.get(pk=hung).error["type"] == "EffectTimedOut"
    assert steps_of(hung) == ["failed"]


def test_an_effect_that_ends_its_thread_has_failed() -> None:
    def leave(job_id: int) -> Any:
        raise SystemExit(1)

    id_ = put("effect", max_attempts=1)
    Worker(Toy(effect=leave)).drain()
    assert Job.objects.get(pk=id_).error["type"] == "SystemExit"


def test_a_job_that_is_cancelled_while_it_runs_stops_at_its_next_step() -> None:
    id_ = put("effect", "note")
    gate = Gate(id_)
    with running(Toy(effect=gate)):
        wait_until(lambda: gate.entered)
        store.cancel([id_])
        gate.is_open.set()
        wait_until(lambda: state_of(id_) == "cancelled")
    assert steps_of(id_) == ["done"]


def test_a_worker_that_is_stopped_finishes_what_runs_and_claims_nothing_more() -> None:
    first, second = put("effect", "note", line="a:1"), put("effect", line="a:1")
    gate = Gate(first)
    with running(Toy(effect=gate)) as worker:
        wait_until(lambda: gate.entered)
        worker.stop()
        gate.is_open.set()
    assert (state_of(first), state_of(second)) == ("completed", "available")
    assert Lease.objects.count() == 0


def test_what_does_not_end_within_the_grace_time_is_released_at_once() -> None:
    id_ = put("effect")
    gate = Gate(id_)
    with running(Toy(effect=gate), grace_seconds=0.1):
        wait_until(lambda: gate.entered)
    assert (state_of(id_), Job.objects.get(pk=id_).alone) == ("available", False)
    assert Lease.objects.count() == 0
    gate.is_open.set()


def test_two_workers_never_overlap_on_a_line() -> None:
    active: dict[str, int] = defaultdict(int)
    seen: dict[str, list[int]] = defaultdict(list)
    overlaps: list[str] = []
    lock = threading.Lock()
    lines = {id_: f"a:{place % 5}" for place, id_ in enumerate(_many_of_lines(5, 60))}

    def effect(job_id: int) -> str:
        line = lines[job_id]
        with lock:
            active[line] += 1
            seen[line].append(job_id)
            if active[line] > 1:
                overlaps.append(line)
        with lock:
            active[line] -= 1
        return "done"

    with running(Toy(effect=effect)), running(Toy(effect=effect)):
        wait_until(lambda: Job.objects.filter(state="completed").count() == 60, 60)
    assert overlaps == []
    assert all(ids == sorted(ids) for ids in seen.values())
    assert sum(len(ids) for ids in seen.values()) == 60


def _many_of_lines(lines: int, count: int) -> list[int]:
    return store.enqueue([new_job("note", "effect", "note", line=f"a:{place % lines}") for place in range(count)])


def test_a_lost_lease_makes_the_worker_drop_what_it_held_and_go_on(configure: Callable[..., None]) -> None:
    configure(lease_seconds=0.3, poll_seconds=0.05, sweep_seconds=0.05)
    id_ = put("effect", "note")
    gate = Gate(id_)
    with running(Toy(effect=gate)):
        wait_until(lambda: gate.entered)
        Lease.objects.all().delete()
        wait_until(lambda: len(gate.entered) == 2)
        gate.is_open.set()
        wait_until(lambda: state_of(id_) == "completed")
    assert steps_of(id_) == ["done", "note1"]


def test_a_lease_is_renewed_while_its_job_runs_longer(configure: Callable[..., None]) -> None:
    configure(lease_seconds=1.0, poll_seconds=0.05, sweep_seconds=0.05)
    id_ = put("effect")
    gate = Gate(id_)
    with running(Toy(effect=gate)):
        lease = wait_until(lambda: Lease.objects.first())
        wait_until(lambda: Lease.objects.get().expires_at > lease.expires_at)
        assert Lease.objects.get().pk == lease.pk
        gate.is_open.set()
        wait_until(lambda: state_of(id_) == "completed")
    assert gate.entered == [id_]


def test_a_round_that_fails_is_survived() -> None:
    id_ = put("note")
    failures = iter([True])

    def fail_once() -> None:
        if next(failures, False):
            raise failpoints.FailpointError

    with failpoints.armed("worker.after_claim", fail_once), running(Toy()):
        wait_until(lambda: state_of(id_) == "completed")


def test_a_worker_that_is_ended_by_what_nobody_should_raise_leaves_its_jobs_to_be_taken_over() -> None:
    # It gave them back as if nothing had happened, and the next worker was ended by the same job, for ever.
    class Fatal(BaseException):
        """Neither an error nor a wish to end."""

    class Deadly(Toy):
        def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
            raise Fatal

    id_ = put("note")
    with pytest.raises(Fatal):
        Worker(Deadly()).drain()
    assert state_of(id_) == "running"
    Lease.objects.all().delete()
    assert store.rescue().available == 1
    assert Job.objects.get().alone


def test_jobs_that_were_taken_over_take_turns_with_all_others(lease_id: int) -> None:
    # Everybody waited until the last of a dead worker's jobs had been run alone, each with its effect.
    order: list[int] = []
    taken_over = store.enqueue([new_job("effect", line=f"a:{number}") for number in range(4)])
    claim.claim(lease_id, None, 50)
    Lease.objects.all().delete()
    store.rescue()
    fresh = put("effect", line="b:1")
    Worker(Toy(effect=lambda job_id: order.append(job_id)), threads=2).drain()
    assert order.index(fresh) == 1
    assert sorted(order) == sorted([*taken_over, fresh])


def test_hints_are_read_by_a_worker_that_never_rests() -> None:
    # The server keeps what nobody reads, and in the end refuses to notify anybody.
    worker = Worker(Toy())
    try:
        wait_until(worker._listener.fileno)
        worker._keep_lease()
        wake.after_commit(7)
        wait_until(lambda: select.select([worker._listener.fileno()], [], [], 0)[0])
        worker._look_after_queue()
        assert not select.select([worker._listener.fileno()], [], [], 0)[0]
    finally:
        worker._end()


def test_a_busy_worker_goes_on_while_a_job_that_was_taken_over_waits_for_another_one(
    configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every worker claimed nothing more until its hand was empty, however many there were and however long that took.
    monkeypatch.setattr(solitude, "PATIENCE_SECONDS", 3600.0)
    configure(poll_seconds=0.05)
    hold = threading.Event()
    with running(Toy(effect=lambda _job_id: hold.wait(30)), threads=2):
        slow = put("effect", line="a:1")
        wait_until(lambda: state_of(slow) == "running")
        taken_over = put("note", line="b:1", due_in=3600)
        Job.objects.filter(pk=taken_over).update(alone=True, due_at=F("created_at"))
        wait_until(lambda: state_of(taken_over) == "available")
        fresh = put("note", line="c:1")
        wait_until(lambda: state_of(fresh) == "completed")
        assert state_of(taken_over) == "available"
        hold.set()
        wait_until(lambda: state_of(taken_over) == "completed")
