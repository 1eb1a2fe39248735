"""Named queues: pause, priority, limits, and turns between tables (decision 16)."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from meanwhile.queue import claim, lease, rules, store
from meanwhile.queue.claim import Claimer
from meanwhile.queue.claim_one import claim_one
from meanwhile.queue.models import Job, Lease, QueueRules
from meanwhile.queue.rules import NO_RULES, BadRules, Rules
from meanwhile.queue.worker import Worker
from tests.contract.queue.running import running, wait_until
from tests.contract.queue.toy import Toy, new_job, put, state_of

pytestmark = pytest.mark.django_db(transaction=True)


def limit(
    name: str = "default", concurrency: int | None = None, per_minute: int | None = None, priority: int = 0
) -> None:
    rules.change(name, concurrency=concurrency, per_minute=per_minute, priority=priority)


def flood(table: str, count: int, **more: str) -> list[int]:
    """Jobs of as many records of a table."""
    return store.enqueue([new_job(line=f"{table}:{number}", **more) for number in range(count)])


def ids(lease_id: int, limit: int = 50) -> list[int]:
    return [job.id for job in claim.claim(lease_id, None, limit)]


# --- turns between tables -----------------------------------------------------------------------------------------


def test_tables_take_turns_however_many_jobs_one_has_before_the_others(lease_id: int) -> None:
    many, few, one = flood("a", 300), flood("b", 3), flood("c", 1)
    taken = ids(lease_id, limit=9)
    assert taken == [many[0], few[0], one[0], many[1], few[1], many[2], few[2], many[3], many[4]]


def test_of_two_tables_the_one_of_which_less_runs_comes_first(lease_id: int) -> None:
    flood("a", 40)
    assert len(ids(lease_id, limit=10)) == 10
    late = flood("b", 3)
    assert [ids(lease_id, limit=1)[0] for _ in range(3)] == late


def test_jobs_that_opted_out_of_the_order_take_turns_too(lease_id: int) -> None:
    many = store.enqueue([new_job(branch_node="n-a") for _ in range(60)])
    (other,) = store.enqueue([new_job(branch_node="n-b")])
    assert ids(lease_id, limit=2) == [many[0], other]


def test_every_job_of_many_tables_is_claimed_in_the_end(lease_id: int) -> None:
    everything = [id_ for table in "abcdefghij" for id_ in flood(table, 30)] + flood("k", 400)
    claimer, taken = Claimer(lease_id, None), list[int]()
    while batch := claimer.claim(50):
        taken += [job.id for job in batch]
        assert len(batch) == 50 or len(taken) == len(everything)
    assert claimer.is_through
    assert sorted(taken) == everything


def test_a_flood_of_one_record_hides_no_other_table(lease_id: int) -> None:
    store.enqueue([new_job(line="a:1") for _ in range(1500)])
    last, other = flood("a", 3)[-1], flood("b", 1)[0]
    claimer, taken = Claimer(lease_id, None), list[int]()
    for _ in range(6):
        taken += [job.id for job in claimer.claim(50)]
    assert {last, other} <= set(taken)
    assert len(taken) == 1 + 2 + 1  # record 1 of the three is the flooded one


# --- priority -----------------------------------------------------------------------------------------------------


def test_a_queue_of_higher_priority_comes_first_and_one_of_lower_last(lease_id: int) -> None:
    limit("urgent", priority=5)
    limit("idle", priority=-5)
    idle, usual, urgent = flood("a", 2, queue="idle"), flood("b", 2), flood("c", 2, queue="urgent")
    assert ids(lease_id) == [*urgent, *usual, *idle]


def test_the_order_of_a_record_holds_across_queues_whatever_their_priority(lease_id: int) -> None:
    limit("urgent", priority=5)
    first, second, third = put(line="a:1"), put(line="a:1", queue="urgent"), put(line="a:1", queue="other")
    for expected in (first, second, third):
        (job,) = claim.claim(lease_id, None, 5)
        assert job.id == expected
        Job.objects.filter(pk=job.id).update(state="completed", lease=None, finished_at=job.due_at)


# --- pause --------------------------------------------------------------------------------------------------------


def test_nothing_of_a_paused_queue_starts_until_it_is_resumed(lease_id: int) -> None:
    paused, other = put(queue="a"), put(queue="b")
    assert rules.pause("a")
    assert not rules.pause("a")
    assert claim_one(paused, lease_id) is None
    assert ids(lease_id) == [other]
    assert state_of(paused) == "available"
    assert rules.resume("a")
    assert not QueueRules.objects.exists()
    assert ids(lease_id) == [paused]


def test_a_waiting_job_of_a_paused_queue_holds_back_its_record_in_other_queues(lease_id: int) -> None:
    put(queue="a", line="x:1"), put(queue="b", line="x:1")
    rules.pause("a")
    assert ids(lease_id) == []


def test_what_runs_when_its_queue_is_paused_goes_on_to_its_end() -> None:
    go_on = threading.Event()
    id_ = put("effect", "note", "effect", "note")
    with running(Toy(effect=lambda job_id: go_on.wait(20) and "done")):
        wait_until(lambda: state_of(id_) == "running")
        rules.pause("default")
        later = put("note")
        go_on.set()
        wait_until(lambda: state_of(id_) == "completed")
        assert state_of(later) == "available"


def test_a_worker_is_woken_when_a_queue_is_resumed(configure: Callable[..., None]) -> None:
    configure(poll_seconds=3600.0, sweep_seconds=3600.0)
    rules.pause("default")
    with running(Toy()) as worker:
        wait_until(lambda: worker.is_listening)
        id_ = put("note")
        other = put("note", queue="other")
        wait_until(lambda: state_of(other) == "completed")
        assert state_of(id_) == "available"
        rules.resume("default")
        wait_until(lambda: state_of(id_) == "completed")


def test_a_job_that_was_taken_over_waits_too_and_keeps_nobody_from_work() -> None:
    poison, other = put("note", queue="a"), put("note")
    Job.objects.filter(pk=poison).update(alone=True)
    rules.pause("a")
    assert not claim.has_alone(None)
    Worker(Toy()).drain()
    assert (state_of(poison), state_of(other)) == ("available", "completed")


# --- how many at a time -------------------------------------------------------------------------------------------


def test_no_more_jobs_of_a_queue_run_than_its_concurrency(lease_id: int) -> None:
    limit("a", concurrency=2)
    some = flood("x", 5, queue="a")
    free = flood("y", 3, queue="b")
    other = lease.take(Lease.Kind.WORKER, "another")
    assert sorted(ids(lease_id)) == [*some[:2], *free]
    assert ids(other) == []
    assert claim_one(some[2], other) is None
    Job.objects.filter(pk=some[0]).update(state="failed", lease=None)
    assert ids(other) == [some[2]]
    Job.objects.filter(pk=some[1]).update(state="failed", lease=None)
    assert claim_one(some[4], other) is not None


def test_many_claims_at_once_never_exceed_the_concurrency_of_a_queue() -> None:
    limit("a", concurrency=3)
    flood("x", 60, queue="a")
    leases = [lease.take(Lease.Kind.WORKER, f"worker {number}") for number in range(4)]
    begin, most = threading.Barrier(len(leases)), list[int]()

    def work(lease_id: int) -> None:
        try:
            begin.wait()
            for _ in range(8):
                with transaction.atomic():
                    mine = claim.claim(lease_id, None, 2)
                most.append(Job.objects.filter(queue="a", state="running").count())
                store.release(mine[:1])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(lease_id,)) for lease_id in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 3


def test_two_workers_finish_a_queue_with_a_limit_and_keep_to_it() -> None:
    limit("a", concurrency=2)
    active, most, lock = Counter[str](), list[int](), threading.Lock()

    def effect(job_id: int) -> str:
        with lock:
            active["a"] += 1
            most.append(active["a"])
        with lock:
            active["a"] -= 1
        return "done"

    jobs = store.enqueue([new_job("effect", queue="a", line=f"x:{number}") for number in range(40)])
    with running(Toy(effect=effect)), running(Toy(effect=effect)):
        wait_until(lambda: Job.objects.filter(state="completed").count() == len(jobs), 60)
    assert max(most) <= 2


def test_in_a_queue_with_a_limit_a_job_that_was_taken_over_comes_before_the_others(lease_id: int) -> None:
    limit(concurrency=1)
    flood("a", 5)
    poison = put(line="b:1")
    Job.objects.filter(pk=poison).update(alone=True)
    assert ids(lease_id) == []
    assert [job.id for job in claim.claim(lease_id, None, 1, alone=True)] == [poison]
    assert not claim.has_alone(None)


# --- how many a minute --------------------------------------------------------------------------------------------


def let_pass(seconds: float, name: str = "default") -> None:
    """As if so much time had passed since the last claim."""
    row = QueueRules.objects.get(name=name)
    assert row.open_at is not None
    QueueRules.objects.filter(name=name).update(open_at=row.open_at - timedelta(seconds=seconds))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_no_more_jobs_of_a_queue_start_than_its_rate_lets_through(lease_id: int, settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    limit(per_minute=6)  # one every 10 s
    jobs = flood("a", 5)
    claimer = Claimer(lease_id, None)
    assert [job.id for job in claimer.claim(50)] == jobs[:1]
    assert claimer.is_through
    assert claimer.opens_in is not None
    assert 5 < claimer.opens_in <= 10
    assert claimer.claim(50) == []
    assert claim_one(jobs[1], lease_id) is None
    let_pass(11)
    assert [job.id for job in claimer.claim(50)] == jobs[1:2]
    let_pass(3600)
    assert claim_one(jobs[2], lease_id) is not None
    assert claimer.claim(50) == []


def test_a_quick_rate_lets_through_what_came_together_within_a_second(lease_id: int) -> None:
    limit(per_minute=600)
    flood("a", 300)
    assert len(ids(lease_id)) == 11
    let_pass(3600)
    assert 10 <= len(ids(lease_id)) <= 12


def test_a_worker_comes_back_when_the_rate_lets_the_next_job_through(configure: Callable[..., None]) -> None:
    configure(poll_seconds=3600.0, sweep_seconds=3600.0)
    limit(per_minute=120)
    jobs = flood("a", 4)
    with running(Toy()):
        wait_until(lambda: Job.objects.filter(pk__in=jobs, state="completed").count() == 4)


# --- the rules themselves -----------------------------------------------------------------------------------------


def test_a_queue_without_rules_has_no_row() -> None:
    assert rules.rules_of("a") == NO_RULES
    rules.pause("a")
    rules.change("a", concurrency=2, per_minute=None, priority=-1)
    assert rules.all_rules() == {"a": Rules(paused=True, concurrency=2, priority=-1)}
    rules.resume("a")
    assert rules.change("a", concurrency=None, per_minute=None, priority=0)
    assert not QueueRules.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "change"),
    [
        ("concurrency", {"concurrency": 0}),
        ("per_minute", {"per_minute": -1}),
        ("priority", {"priority": 1001}),
        ("concurrency", {"concurrency": 10**12}),
    ],
)
def test_rules_that_no_queue_can_have_are_refused(wrong: str, change: dict[str, int]) -> None:
    with pytest.raises(BadRules) as refused:
        rules.change("a", **{"concurrency": None, "per_minute": None, "priority": 0} | change)
    assert refused.value.rule == wrong
    for name in ("", "x" * 61):
        with pytest.raises(BadRules):
            rules.pause(name)


@pytest.mark.parametrize("change", [{"name": ""}, {"concurrency": 0}, {"per_minute": 0}, {"priority": 2000}])
def test_the_database_refuses_them_too(change: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        QueueRules.objects.create(**{"name": "a"} | change)
