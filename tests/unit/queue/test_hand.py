"""What a worker holds."""

from datetime import UTC, datetime

from meanwhile.queue.hand import Hand
from meanwhile.queue.jobs import Answer, Claimed


def job(id_: int, epoch: int = 1) -> Claimed:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Claimed(id_, epoch, "default", None, 0, 5, 15.0, False, 0, False, moment, None, None, None, "", "", {}, [])


def test_a_job_that_is_claimed_anew_is_held_once() -> None:
    # A worker that had not learned that its commit arrived claimed the same jobs again, and held them twice.
    hand = Hand()
    hand.take([job(1), job(2)])
    hand.take([job(1, 3)])
    assert [each.job.hold for each in hand.ready] == [(2, 1), (1, 3)]


def test_an_answer_to_what_is_claimed_anew_counts_no_more() -> None:
    hand, before = Hand(), job(1)
    hand.send_out(before)
    hand.take([job(1, 3)])
    hand.answered(before, Answer("late"))
    hand.collect()
    assert [(each.job.hold, each.answer) for each in hand.ready] == [((1, 3), None)]
    assert not hand.has_effects
