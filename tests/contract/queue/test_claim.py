"""Which jobs a claim takes (design, rule 9)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from meanwhile.queue import claim, database, lease, store
from meanwhile.queue.claim import Claimer
from meanwhile.queue.claim_one import claim_one
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State
from tests.contract.queue.toy import new_job, put, state_of

pytestmark = pytest.mark.django_db(transaction=True)


def ids(lease_id: int, limit: int = 50, **more: bool) -> list[int]:
    return [job.id for job in claim.claim(lease_id, None, limit, **more)]


def test_a_claim_takes_what_is_due_first_due_first(lease_id: int) -> None:
    late, early, middle = put(due_in=-1), put(due_in=-3), put(due_in=-2)
    assert ids(lease_id, limit=2) == [early, middle]
    assert ids(lease_id) == [late]


def test_a_claimed_job_carries_what_was_enqueued(lease_id: int) -> None:
    id_ = put("note", line="a:1", queue="slow", submission_id=7, run_id=8, version_id=9, branch_node="n-1", steps=["x"])
    (job,) = claim.claim(lease_id, None, 5)
    assert (job.id, job.epoch, job.line, job.queue, job.submission_id, job.run_id) == (id_, 1, "a:1", "slow", 7, 8)
    assert (job.payload, job.steps, job.alone) == ({"script": ["note"], "place": 0}, ["x"], False)
    assert Job.objects.get(pk=id_).due_at == job.due_at


def test_a_job_of_the_future_is_not_claimed(lease_id: int) -> None:
    put(due_in=3600)
    assert ids(lease_id) == []


def test_only_the_first_job_of_a_line_is_claimed(lease_id: int) -> None:
    first, _second, other = put(line="a:1"), put(line="a:1"), put(line="a:2")
    assert ids(lease_id) == [first, other]
    assert ids(lease_id) == []


def test_a_job_without_a_line_waits_for_nobody(lease_id: int) -> None:
    free = [put(), put()]
    assert ids(lease_id) == free


def test_a_job_between_two_tries_holds_back_its_line(lease_id: int) -> None:
    first, _second = put(line="a:1"), put(line="a:1")
    Job.objects.filter(pk=first).update(state=State.RETRYING, retry_at="2100-01-01T00:00Z")
    assert ids(lease_id) == []


@pytest.mark.parametrize("state", [State.FAILED, State.SCHEDULED])
def test_a_job_that_rests_does_not_hold_back_its_line(lease_id: int, state: State) -> None:
    first, second = put(line="a:1"), put(line="a:1")
    Job.objects.filter(pk=first).update(state=state)
    assert ids(lease_id) == [second]


def test_while_a_later_job_of_the_line_runs_an_earlier_one_waits(lease_id: int) -> None:
    later = put(line="a:1")
    assert ids(lease_id) == [later]
    put(line="a:1", due_in=-60)
    assert ids(lease_id) == []


def test_a_worker_claims_from_its_own_queues_only(lease_id: int) -> None:
    put(queue="a")
    b = put(queue="b")
    assert [job.id for job in claim.claim(lease_id, ["b", "c"], 5)] == [b]


def test_a_job_that_was_taken_over_is_claimed_only_alone(lease_id: int) -> None:
    poison, other = put(), put()
    Job.objects.filter(pk=poison).update(alone=True)
    assert claim.has_alone(None)
    assert ids(lease_id) == [other]
    assert ids(lease_id, alone=True) == [poison]
    assert not claim.has_alone(None)


def test_claim_one_takes_the_very_job_when_it_is_its_turn(lease_id: int) -> None:
    first, second = put(line="a:1"), put(line="a:1")
    assert claim_one(second, lease_id) is None
    job = claim_one(first, lease_id)
    assert job is not None
    assert (job.id, state_of(first)) == (first, "running")
    assert claim_one(first, lease_id) is None


def test_a_flood_of_one_line_does_not_hide_the_others(lease_id: int) -> None:
    flood = store.enqueue([new_job(line="a:1") for _ in range(700)])
    single = put(line="a:2")
    claimer = Claimer(lease_id, None)
    taken: list[int] = []
    for _ in range(12):
        taken += [job.id for job in claimer.claim(50)]
    assert taken == [flood[0], single]
    assert claimer.is_through or claimer.claim(50) == []


def test_two_leases_never_hold_two_jobs_of_one_line(lease_id: int) -> None:
    put(line="a:1"), put(line="a:1")
    other = lease.take(Lease.Kind.WORKER, "another")
    assert len(ids(lease_id)) == 1
    assert ids(other) == []


def test_a_claim_by_itself_leaves_the_next_commit_as_safe_as_it_was(lease_id: int) -> None:
    ask, change, safest = (
        ("SHOW synchronous_commit", "SET synchronous_commit = on", "on")
        if database.is_postgresql()
        else ("PRAGMA synchronous", "PRAGMA synchronous = FULL", 2)
    )
    put()
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert claim.claim(lease_id, None, 1)
    assert database.fetch(ask) == [(safest,)]


def test_a_job_that_was_taken_over_is_found_behind_any_number_that_wait_for_their_lines(lease_id: int) -> None:
    # Only the first few were looked at, free or not.
    first = [put(line=f"a:{number}") for number in range(40)]
    Job.objects.filter(pk__in=first).update(state="retrying", retry_at=Now() + timedelta(days=1))
    behind = [put(line=f"a:{number}") for number in range(40)]
    free = put(line="z:1")
    Job.objects.filter(pk__in=[*behind, free]).update(alone=True)
    assert ids(lease_id, limit=1, alone=True) == [free]
