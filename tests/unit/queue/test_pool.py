"""The pool by itself: answers, deadlines, threads that hang."""

import threading
from queue import SimpleQueue
from typing import Any

import pytest

from meanwhile.core import failpoints
from meanwhile.core.errors import EffectTimedOut
from meanwhile.queue import pool
from meanwhile.queue.jobs import Answer, Effect
from meanwhile.queue.pool import Pool


@pytest.fixture
def answers() -> SimpleQueue[tuple[Any, Answer]]:
    return SimpleQueue()


@pytest.fixture
def one_thread(answers: SimpleQueue[tuple[Any, Answer]]) -> Any:
    made = Pool(1, lambda token, answer: answers.put((token, answer)))
    yield made
    made.close()


def test_an_effect_answers_with_what_it_returns_or_raises(one_thread: Pool, answers: Any) -> None:
    def fail() -> None:
        raise ValueError("no")

    one_thread.submit("a", Effect(1, lambda: 42))
    one_thread.submit("b", Effect(2, fail))
    first, second = answers.get(timeout=10), answers.get(timeout=10)
    assert (first[0], first[1].value) == ("a", 42)
    assert (second[0], str(second[1].error)) == ("b", "no")


def test_a_hung_effect_is_given_up_and_its_late_answer_dropped(one_thread: Pool, answers: Any) -> None:
    gate = threading.Event()
    one_thread.submit("hung", Effect(1, lambda: gate.wait(30), timeout_seconds=0.05))
    one_thread.submit("next", Effect(2, lambda: "went on"))
    while answers.empty():
        threading.Event().wait(one_thread.seconds_to_deadline())
        one_thread.end_late()
    token, answer = answers.get()
    assert token == "hung"
    assert isinstance(answer.error, EffectTimedOut)
    assert answers.get(timeout=10)[1].value == "went on"
    gate.set()
    one_thread.submit("last", Effect(3, lambda: "last"))
    assert answers.get(timeout=10)[0] == "last"
    assert answers.empty()


def test_nothing_has_a_deadline_when_nothing_is_under_way(one_thread: Pool) -> None:
    assert one_thread.seconds_to_deadline() is None


def test_a_request_gives_up_waiting_at_its_limit() -> None:
    gate = threading.Event()
    assert pool.perform(Effect(1, lambda: gate.wait(30), timeout_seconds=60), 0.02) is None
    gate.set()


def test_a_request_gets_the_effects_own_deadline_as_an_answer() -> None:
    gate = threading.Event()
    answer = pool.perform(Effect(1, lambda: gate.wait(30), timeout_seconds=0.02), 60)
    gate.set()
    assert answer is not None
    assert isinstance(answer.error, EffectTimedOut)


def test_a_request_gets_the_answer() -> None:
    answer = pool.perform(Effect(1, lambda: "done"), 10)
    assert answer is not None
    assert answer.value == "done"


def test_failpoints_stand_around_an_effect() -> None:
    seen: list[str] = []
    with (
        failpoints.armed("effect.before_perform", lambda: seen.append("before")),
        failpoints.armed("effect.after_perform", lambda: seen.append("after")),
    ):
        pool.answer_to(Effect(1, lambda: seen.append("perform")))
    assert seen == ["before", "perform", "after"]
