"""The pool by itself: answers, deadlines, threads that hang."""

import asyncio
import threading
from queue import SimpleQueue
from typing import Any
from unittest.mock import ANY

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


def test_a_thread_that_cannot_be_started_is_started_later(answers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # A thread that the system refused counted as one that works, for good: effects waited and were never late.
    refusals, start = [RuntimeError("can't start new thread")] * 2, threading.Thread.start

    def start_perhaps(thread: threading.Thread) -> None:
        if refusals:
            raise refusals.pop()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_perhaps)
    small = Pool(1, lambda token, answer: answers.put((token, answer)))
    small.submit("a", Effect(1, lambda: "done"))
    small.end_late()
    assert answers.empty()
    small.end_late()
    assert answers.get(timeout=10)[1].value == "done"
    small.close()


def test_a_request_begins_no_effect_when_its_time_is_up() -> None:
    done: list[str] = []
    assert pool.perform(Effect(1, lambda: done.append("done")), 0.0) is None
    assert pool.perform(Effect(1, lambda: "another"), 10.0) == Answer("another", seconds=ANY)
    assert not done


def test_a_request_leaves_an_effect_for_which_it_gets_no_thread_to_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert pool.perform(Effect(1, lambda: "done"), 10.0) is None


def test_a_cancelled_task_of_asyncio_is_an_answer(one_thread: Pool, answers: Any) -> None:
    # It is no Exception: it ended the thread, and the effect was waited for until its time was up.
    async def wait() -> None:
        task = asyncio.ensure_future(asyncio.sleep(60))
        task.cancel()
        await task

    one_thread.submit("a", Effect(1, lambda: asyncio.run(wait())))
    assert isinstance(answers.get(timeout=10)[1].error, asyncio.CancelledError)
