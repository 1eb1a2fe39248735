"""What keeps the queue going, and what people do to jobs (design, rules 7 and 8)."""

from datetime import timedelta

import pytest

from meanwhile.core import clock
from meanwhile.queue import claim, health, lease, store
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State
from meanwhile.queue.upkeep import Rescued
from meanwhile.queue.worker import Worker
from tests.contract.queue.toy import Toy, new_job, put, state_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


def die(lease_id: int) -> None:
    """The holder is dead and its lease has ended."""
    Lease.objects.filter(pk=lease_id).update(expires_at=clock.now() - timedelta(seconds=1))


def test_promote_makes_available_what_became_due() -> None:
    due, later, retrying = put(due_in=3600), put(due_in=3600), put()
    past = clock.now() - timedelta(seconds=1)
    Job.objects.filter(pk=due).update(due_at=past)
    Job.objects.filter(pk=retrying).update(state=State.RETRYING, retry_at=past)
    assert store.promote() == 2
    assert [state_of(id_) for id_ in (due, later, retrying)] == ["available", "scheduled", "available"]
    assert Job.objects.get(pk=retrying).retry_at is None


def test_promote_takes_more_than_one_batch() -> None:
    store.enqueue([new_job(due_in=3600) for _ in range(1_100)])
    Job.objects.update(due_at=clock.now() - timedelta(seconds=1))
    assert store.promote() == 1_100


def test_rescue_takes_the_jobs_of_the_dead_and_leaves_those_of_the_living(lease_id: int) -> None:
    dead = lease.take(Lease.Kind.WORKER, "dead")
    lost = put()
    claim.claim(dead, None, 1)
    held = put()
    claim.claim(lease_id, None, 1)
    die(dead)
    assert store.rescue() == Rescued(available=1)
    job = Job.objects.get(pk=lost)
    assert (job.state, job.alone, job.deaths, job.lease_id, job.epoch) == ("available", True, 0, None, 2)
    assert state_of(held) == "running"
    assert list(Lease.objects.values_list("pk", flat=True)) == [lease_id]


def test_rescue_takes_jobs_whose_lease_is_gone(lease_id: int) -> None:
    id_ = put()
    claim.claim(lease_id, None, 1)
    Lease.objects.all().delete()
    assert store.rescue() == Rescued(available=1)
    assert state_of(id_) == "available"


def test_three_deaths_alone_fail_the_job_and_name_the_node(lease_id: int) -> None:
    id_ = put(at_node="n-poison")
    claim.claim(lease_id, None, 1)
    die(lease_id)
    assert store.rescue() == Rescued(available=1)
    for death in range(1, 4):
        holder = lease.take(Lease.Kind.WORKER, "next")
        assert [job.deaths for job in claim.claim(holder, None, 1, alone=True)] == [death - 1]
        die(holder)
        assert store.rescue() == (Rescued(failed=1) if death == 3 else Rescued(available=1))
    job = Job.objects.get(pk=id_)
    assert (job.state, job.error["node"], job.error["type"]) == ("failed", "n-poison", "WorkerDied")
    assert job.error["message"].startswith("3 workers in a row died")


def test_a_job_that_was_taken_over_runs_alone_and_the_others_after_it(lease_id: int) -> None:
    first, second = put("note", "effect"), put("note", "effect")
    claim.claim(lease_id, None, 5)
    die(lease_id)
    store.rescue()
    other = put("note", "effect")
    toy = Toy()
    Worker(toy).drain()
    assert [state_of(id_) for id_ in (first, second, other)] == ["completed"] * 3
    assert all(job.alone is False for job in Job.objects.all())
    assert (first,) in toy.batches
    assert (second,) in toy.batches


def test_the_rescued_job_goes_on_at_its_first_unfinished_step(lease_id: int) -> None:
    from meanwhile.queue import turn
    from meanwhile.queue.jobs import Ready

    id_ = put("note", "effect", "note")
    turn.turn(Toy(), [Ready(job) for job in claim.claim(lease_id, None, 1)])
    die(lease_id)
    Worker(Toy()).drain()
    assert (state_of(id_), steps_of(id_)) == ("completed", ["note0", "done", "note2"])


def test_a_lease_that_ended_can_be_renewed_until_somebody_sweeps(lease_id: int) -> None:
    die(lease_id)
    assert lease.renew(lease_id)
    die(lease_id)
    store.rescue()
    assert not lease.renew(lease_id)


def test_a_lease_that_is_given_back_leaves_its_jobs_available(lease_id: int) -> None:
    id_ = put()
    claim.claim(lease_id, None, 1)
    lease.give_back(lease_id)
    job = Job.objects.get(pk=id_)
    assert (job.state, job.alone, job.epoch) == ("available", False, 2)


def test_strays_are_released_and_known_jobs_are_kept(lease_id: int) -> None:
    known, stray = put(), put()
    epochs = {job.id: job.epoch for job in claim.claim(lease_id, None, 5) if job.id == known}
    assert lease.release_strays(lease_id, epochs) == 1
    assert (state_of(known), state_of(stray)) == ("running", "available")


def test_resume_puts_failed_and_retrying_jobs_back(lease_id: int) -> None:
    failed, done = put("broken"), put()
    Worker(Toy()).drain()
    assert store.resume([failed, done]) == 1
    job = Job.objects.get(pk=failed)
    assert (job.state, job.attempt, job.error) == ("available", 0, None)
    assert state_of(done) == "completed"


def test_cancel_ends_what_rests_and_asks_what_runs(lease_id: int) -> None:
    running = put()
    claim.claim(lease_id, None, 1)
    waiting, scheduled, failed = put(), put(due_in=60), put()
    Job.objects.filter(pk=failed).update(state=State.FAILED)
    assert store.cancel([running, waiting, scheduled, failed]) == sorted([running, waiting, scheduled, failed])
    assert [state_of(id_) for id_ in (waiting, scheduled, failed)] == ["cancelled"] * 3
    assert Job.objects.get(pk=running).cancel_requested
    assert store.cancel([waiting]) == []


def test_rewrite_moves_a_failed_job_and_nothing_else() -> None:
    failed, done = put("broken", "note"), put()
    Worker(Toy()).drain()
    job = Job.objects.get(pk=failed)
    moved = {"payload": job.payload | {"place": 1}, "steps": [*job.steps, "skipped"], "at_node": "n1"}
    assert not store.rewrite(failed, epoch=job.epoch - 1, **moved)
    assert store.rewrite(failed, epoch=job.epoch, **moved)
    assert not store.rewrite(done, **moved)
    Worker(Toy()).drain()
    assert (state_of(failed), steps_of(failed)) == ("completed", ["skipped", "note1"])


def test_purge_removes_only_finished_jobs_of_the_given_submissions() -> None:
    put(submission_id=1), put("broken", submission_id=1), put(submission_id=2)
    Worker(Toy()).drain()
    assert store.purge([1]) == 1
    assert sorted(Job.objects.values_list("submission_id", "state")) == [(1, "failed"), (2, "completed")]


def test_a_line_is_busy_while_it_has_work() -> None:
    put(line="a:1")
    assert store.line_is_busy("a:1")
    assert not store.line_is_busy("a:2")
    Worker(Toy()).drain()
    assert not store.line_is_busy("a:1")


def test_figures_count_no_further_than_the_cap(lease_id: int) -> None:
    store.enqueue([new_job(due_in=-60) for _ in range(5)])
    figures = health.figures(cap=3)
    assert figures.counts["available"] == 3
    assert figures.counts["failed"] == 0
    assert figures.workers == 1
    assert figures.oldest_waiting_seconds is not None
    assert 59 < figures.oldest_waiting_seconds < 3600
