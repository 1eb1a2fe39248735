"""One turn of a batch: fence, advance, settle, in one transaction (design, rules 7 and 8, and section 7)."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import OperationalError

from meanwhile.core import failpoints
from meanwhile.core.errors import ActionFailed
from meanwhile.queue import claim, store, turn
from meanwhile.queue.jobs import Advance, Answer, Ready
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from tests.contract.queue.toy import Toy, put, state_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


def take(lease_id: int) -> list[Ready]:
    return [Ready(job) for job in claim.claim(lease_id, None, 50)]


def test_a_pure_job_is_done_in_one_turn(lease_id: int) -> None:
    id_ = put("note", "note")
    turned = turn.turn(Toy(), take(lease_id))
    assert (turned.effects, turned.settled) == ([], {id_: State.COMPLETED})
    job = Job.objects.get(pk=id_)
    assert (job.state, job.steps, job.lease_id) == ("completed", ["note0", "note1"], None)
    assert job.finished_at is not None
    assert job.started_at is not None


def test_an_effect_comes_out_of_the_turn_that_prepared_it(lease_id: int) -> None:
    id_ = put("note", "effect", "note")
    toy = Toy()
    ((job, effect),) = turn.turn(toy, take(lease_id)).effects
    assert (state_of(id_), steps_of(id_), effect.perform()) == ("running", ["note0"], "done")
    turned = turn.turn(toy, [Ready(job, Answer("done"))])
    assert turned.settled == {id_: State.COMPLETED}
    assert steps_of(id_) == ["note0", "done", "note2"]


def test_the_next_batch_is_claimed_in_the_same_transaction(lease_id: int) -> None:
    first, second = put(line="a:1"), put(line="a:1")
    turned = turn.turn(Toy(), take(lease_id), claim=lambda freed: claim.claim(lease_id, None, 50))
    assert turned.settled == {first: State.COMPLETED}
    assert [job.id for job in turned.claimed] == [second]


def test_an_action_that_can_heal_is_tried_again_later(lease_id: int) -> None:
    id_ = put("note", "fail", max_attempts=3)
    turn.turn(Toy(), take(lease_id))
    job = Job.objects.get(pk=id_)
    assert (job.state, job.attempt, job.at_node, job.steps) == ("retrying", 1, "n1", ["note0"])
    assert job.retry_at is not None
    assert job.error["message"] == "not this time"
    assert job.error["node"] == "n1"


def test_an_action_that_cannot_heal_fails_at_once(lease_id: int) -> None:
    id_ = put("broken")
    turn.turn(Toy(), take(lease_id))
    job = Job.objects.get(pk=id_)
    assert (job.state, job.error["type"], job.finished_at) == ("failed", "PermanentError", None)


def test_the_last_try_fails_the_job(lease_id: int) -> None:
    id_ = put("fail", max_attempts=2)
    for state in ("retrying", "failed"):
        turn.turn(Toy(), take(lease_id))
        assert state_of(id_) == state
        Job.objects.filter(pk=id_, state="retrying").update(state="available", retry_at=None)


def test_progress_forgets_the_failed_tries_before_it(lease_id: int) -> None:
    id_ = put("effect", "fail")
    Job.objects.filter(pk=id_).update(attempt=3)
    toy = Toy()
    ((job, _effect),) = turn.turn(toy, take(lease_id)).effects
    assert job.attempt == 3
    turn.turn(toy, [Ready(job, Answer("done"))])
    assert Job.objects.get(pk=id_).attempt == 1


def test_a_bad_job_fails_alone(lease_id: int) -> None:
    good, bad, other = put("note"), put("note", "raise"), put("note")
    toy = Toy()
    turned = turn.turn(toy, take(lease_id))
    assert (state_of(good), state_of(bad), state_of(other)) == ("completed", "retrying", "completed")
    assert toy.batches[1:] == [(good,), (bad,), (other,)]
    assert turned.settled == {good: State.COMPLETED, bad: State.RETRYING, other: State.COMPLETED}


def test_a_database_error_of_one_job_fails_it_alone(lease_id: int) -> None:
    good, bad = put("note"), put("note", "sql")
    turn.turn(Toy(), take(lease_id))
    assert (state_of(good), state_of(bad)) == ("completed", "retrying")


def test_the_answer_of_an_effect_survives_the_rollback_of_its_batch(lease_id: int) -> None:
    good, bad = put("effect"), put("effect", "raise")
    toy = Toy()
    effects = turn.turn(toy, take(lease_id)).effects
    turn.turn(toy, [Ready(job, Answer(f"answer {job.id}")) for job, _ in effects])
    assert (state_of(good), steps_of(good)) == ("completed", [f"answer {good}"])
    assert state_of(bad) == "failed"


def test_what_cannot_be_stored_fails_its_job_alone(lease_id: int) -> None:
    good, bad = put("effect"), put("effect")
    toy = Toy()
    effects = turn.turn(toy, take(lease_id)).effects
    values: dict[int, Any] = {good: "fine", bad: object()}
    turn.turn(toy, [Ready(job, Answer(values[job.id])) for job, _ in effects])
    assert (state_of(good), state_of(bad)) == ("completed", "failed")


def test_stale_worker_cannot_settle_a_rescued_job(lease_id: int) -> None:
    id_ = put("note")
    ready = take(lease_id)
    Job.objects.filter(pk=id_).update(state=State.AVAILABLE, lease=None, epoch=2)
    turned = turn.turn(Toy(), ready)
    assert ([job.id for job in turned.lost], turned.settled) == ([id_], {})
    assert (state_of(id_), steps_of(id_)) == ("available", [])


def test_without_the_fence_a_stale_worker_is_let_in(lease_id: int) -> None:
    put("note")
    ready = take(lease_id)
    Job.objects.update(state=State.AVAILABLE, lease=None, epoch=2)
    toy = Toy()
    with failpoints.armed("store.fence", lambda: None):
        turn.turn(toy, ready)
    assert toy.batches == [(ready[0].job.id,)]


def test_a_turn_whose_commit_was_not_heard_of_is_not_done_twice(lease_id: int) -> None:
    id_ = put("note", "effect")
    ready = take(lease_id)
    turn.turn(Toy(), ready)
    turned = turn.turn(Toy(), ready)
    assert [job.id for job in turned.lost] == [id_]
    assert steps_of(id_) == ["note0"]


def test_cancel_is_taken_up_at_the_next_step(lease_id: int) -> None:
    id_ = put("effect", "note")
    toy = Toy()
    ((job, _effect),) = turn.turn(toy, take(lease_id)).effects
    assert store.cancel([id_]) == [id_]
    assert state_of(id_) == "running"
    turn.turn(toy, [Ready(job, Answer("done"))])
    assert (state_of(id_), steps_of(id_)) == ("cancelled", ["done"])


def test_a_cancelled_job_is_not_tried_again(lease_id: int) -> None:
    id_ = put("effect")
    ((job, _effect),) = turn.turn(Toy(), take(lease_id)).effects
    store.cancel([id_])
    turn.turn(Toy(), [Ready(job, Answer(error=ActionFailed("no")))])
    assert state_of(id_) == "cancelled"


def test_a_released_job_goes_on_where_it_stood(lease_id: int) -> None:
    id_ = put("note", "effect", "note")
    ((job, _effect),) = turn.turn(Toy(), take(lease_id)).effects
    turn.release(job)
    assert state_of(id_) == "available"
    ((again, _effect),) = turn.turn(Toy(), take(lease_id)).effects
    assert (again.id, again.steps) == (id_, ["note0"])
    assert again.epoch > job.epoch


class Conflicting(Toy):
    """Loses to another transaction a number of times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def advance(self, ready: Any, *, careful: bool) -> list[Advance]:
        if self.times:
            self.times -= 1
            raise OperationalError("lost") from _Deadlock()
        return super().advance(ready, careful=careful)


class _Deadlock(Exception):
    sqlstate = "40P01"


def test_a_transaction_that_lost_is_run_again_up_to_three_times(lease_id: int) -> None:
    id_ = put("note")
    turned = turn.turn(Conflicting(2), take(lease_id))
    assert turned.settled == {id_: State.COMPLETED}


def test_after_that_the_batch_is_left_for_later_and_no_attempt_counts(lease_id: int) -> None:
    id_ = put("note")
    ready = take(lease_id)
    turned = turn.turn(Conflicting(3), ready)
    assert (turned.left, state_of(id_)) == (ready, "running")
    assert isinstance(turned.trouble, OperationalError)


@pytest.mark.parametrize("failpoint", ["worker.before_commit"])
def test_a_turn_that_dies_before_its_commit_leaves_nothing(
    lease_id: int, failpoint: str, configure: Callable[..., None]
) -> None:
    id_ = put("note")
    ready = take(lease_id)

    def die() -> None:
        raise KeyboardInterrupt

    with failpoints.armed(failpoint, die), pytest.raises(KeyboardInterrupt):
        turn.turn(Toy(), ready)
    assert (state_of(id_), steps_of(id_)) == ("running", [])


def test_an_older_claim_of_a_job_is_not_turned_beside_its_newer_one(lease_id: int) -> None:
    # Both were kept when either was good: what the job did to its record was done twice, in one transaction.
    id_ = put("note", line="a:1")
    (old,) = take(lease_id)
    store.release([old.job])
    (new,) = take(lease_id)
    toy = Toy()
    turned = turn.turn(toy, [old, new])
    assert toy.batches == [(id_,)]
    assert (turned.lost, turned.settled) == ([old.job], {id_: State.COMPLETED})


class Unable(Toy):
    """A performer that fails outside any action."""

    def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
        raise ZeroDivisionError("outside any action")


def test_a_wish_to_cancel_counts_where_a_job_fails_outside_its_actions(lease_id: int) -> None:
    id_ = put("note")
    held = take(lease_id)
    store.cancel([id_])
    turn.turn(Unable(), held)
    assert state_of(id_) == "cancelled"


def test_an_effect_whose_answer_cannot_be_saved_is_not_performed_again_unasked(lease_id: int) -> None:
    # The job was tried again with its effect still to be done: an e-mail went out five times.
    id_ = put("effect", max_attempts=5)
    ((job, effect),) = turn.turn(Toy(), take(lease_id)).effects
    turn.turn(Unable(), [Ready(job, Answer(effect.perform()))])
    failed = Job.objects.get(pk=id_)
    assert (failed.state, failed.error["type"]) == ("failed", "AnswerLost")
    assert "outside any action" in failed.error["message"]


def test_an_effect_that_failed_is_tried_again_where_that_cannot_be_saved(lease_id: int) -> None:
    id_ = put("effect", max_attempts=5)
    ((job, _effect),) = turn.turn(Toy(), take(lease_id)).effects
    turn.turn(Unable(), [Ready(job, Answer(error=ActionFailed("busy")))])
    assert state_of(id_) == "retrying"
