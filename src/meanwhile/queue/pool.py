"""Threads that perform effects, each effect with a deadline. Knows neither jobs nor the loop that waits for answers.

Python cannot end a thread. An effect that is past its deadline is given up instead: its answer is EffectTimedOut at
once, what it returns later is dropped, and another thread takes the place of the one that hangs. The limit of its job
may end it earlier, also before it has begun; then the answer is the limit's.
"""

import logging
import math
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any

from django.db import close_old_connections, connections
from django.utils.translation import gettext as _

from meanwhile.core import clock, deadline, failpoints
from meanwhile.core.conf import conf
from meanwhile.core.errors import FAILURES, EffectTimedOut
from meanwhile.queue.jobs import Answer, Effect

logger = logging.getLogger(__name__)

# A thread's connection that served an effect so shortly before is taken to stand still: asking costs the next effect a
# statement, and a server that restarts takes longer. Where it does not, the effect fails and is tried again.
_TRUSTED_SECONDS = 1.0


class Task:
    """An effect on its way. ``token`` is whatever the owner knows it by."""

    __slots__ = ("_has_answer", "_limit_ends_at", "_lock", "effect", "started_at", "token")

    def __init__(self, token: Any, effect: Effect) -> None:
        self.token = token
        self.effect = effect
        self.started_at: float | None = None
        self._limit_ends_at = math.inf if effect.limit is None else clock.monotonic() + effect.limit.seconds
        self._has_answer = False
        self._lock = threading.Lock()

    @property
    def ends_at(self) -> float:
        """The deadline that comes first. One that has not begun may begin at any moment."""
        start = clock.monotonic() if self.started_at is None else self.started_at
        return min(start + timeout_of(self.effect), self._limit_ends_at)

    @property
    def is_late(self) -> bool:
        return clock.monotonic() >= self.ends_at

    @property
    def late_answer(self) -> Answer:
        """What is answered when it is late."""
        limit = self.effect.limit
        if limit is None or clock.monotonic() < self._limit_ends_at:
            return timed_out(timeout_of(self.effect))
        started_at = clock.monotonic() if self.started_at is None else self.started_at
        return Answer(error=limit.error, seconds=clock.monotonic() - started_at)

    def begin(self) -> bool:
        """Whether it may still be performed; its own deadline counts from here."""
        with self._lock:
            if not self._has_answer:
                self.started_at = clock.monotonic()
            return not self._has_answer

    def take_answer(self) -> bool:
        """True for the first one who wants to answer, and for nobody after."""
        with self._lock:
            is_first, self._has_answer = not self._has_answer, True
        return is_first


class Pool:
    """``threads`` threads. ``on_answer(token, answer)`` is called from any thread and has to be quick."""

    def __init__(self, threads: int, on_answer: Callable[[Any, Answer], None]) -> None:
        self._on_answer = on_answer
        self._waiting: SimpleQueue[Task | None] = SimpleQueue()
        self._tasks: set[Task] = set()
        # What each thread is at. One that was given up is not in here any more.
        self._threads: dict[threading.Thread, Task | None] = {}
        self._count = threads

    def submit(self, token: Any, effect: Effect) -> None:
        """Perform ``effect`` as soon as a thread is free."""
        task = Task(token, effect)
        self._tasks.add(task)
        self._waiting.put(task)
        self._add_thread()

    def end_late(self) -> None:
        """Give up on effects that are past their deadline, and start threads that could not be started before.

        The owner calls this whenever it turns, and when ``seconds_to_deadline`` have passed.
        """
        if not self._waiting.empty():
            self._add_thread()
        for task in [task for task in self._tasks.copy() if task.is_late]:
            if task.take_answer():
                self._tasks.discard(task)
                self._on_answer(task.token, task.late_answer)
                self._replace_thread_of(task)

    def seconds_to_deadline(self) -> float | None:
        """Until the next effect can be late; None when none is under way."""
        ends = [task.ends_at for task in self._tasks.copy()]
        return max(0.0, min(ends) - clock.monotonic()) if ends else None

    def close(self, timeout_seconds: float = 1.0) -> None:
        """No thread takes anything new; threads that are busy end when they are done, nobody waits for long."""
        while not self._waiting.empty():
            self._waiting.get()
        threads = list(self._threads)
        for _thread in threads:
            self._waiting.put(None)
        end = clock.monotonic() + timeout_seconds
        for thread in threads:
            thread.join(max(0.0, end - clock.monotonic()))

    def _add_thread(self) -> None:
        """One more, where there are fewer than effects and fewer than may be."""
        if len(self._threads) < min(self._count, len(self._tasks)):
            self._start_thread()

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name="meanwhile-effect", daemon=True)
        self._threads[thread] = None
        if not _has_started(thread):
            del self._threads[thread]

    def _replace_thread_of(self, task: Task) -> None:
        hanging = [thread for thread, at in list(self._threads.items()) if at is task]
        for thread in hanging:
            del self._threads[thread]
            job = task.effect.job_id
            logger.warning("An effect of job %s hangs; its thread is given up.", job, extra={"job": job})
        if hanging and not self._waiting.empty():
            self._start_thread()

    def _work(self) -> None:
        own, rested_at = threading.current_thread(), -math.inf
        try:
            while own in self._threads and (task := self._waiting.get()) is not None:
                self._threads[own] = task
                self._perform(task, has_rested=clock.monotonic() - rested_at > _TRUSTED_SECONDS)
                rested_at = clock.monotonic()
        finally:
            connections.close_all()

    def _perform(self, task: Task, *, has_rested: bool) -> None:
        if not task.begin():
            return
        if has_rested:
            close_old_connections()  # the effect may use the database on its own, after a long pause too
        else:
            _trust_connections()
        with deadline.within(task.ends_at - clock.monotonic()):
            answer = answer_to(task.effect)
        close_old_connections()
        if task.take_answer():
            self._tasks.discard(task)
            self._on_answer(task.token, answer)


def _has_started(thread: threading.Thread) -> bool:
    """False where the system lets this process have no more threads at the moment."""
    try:
        thread.start()
    except RuntimeError as error:
        logger.warning("A thread for an effect cannot be started, trying again: %s", error)
        return False
    return True


def _trust_connections() -> None:
    """Have Django not ask, before the next statement, whether this thread's connections still stand."""
    own: Sequence[Any] = connections.all(initialized_only=True)
    for each in own:
        each.health_check_done = True


class InlinePool:
    """A pool without threads: each effect is performed at once, in the loop's own thread and without a deadline. For
    tests that hold a transaction open, which no other thread could see into."""

    def __init__(self, on_answer: Callable[[Any, Answer], None]) -> None:
        self._on_answer = on_answer

    def submit(self, token: Any, effect: Effect) -> None:
        self._on_answer(token, answer_to(effect))

    def end_late(self) -> None:
        return

    def seconds_to_deadline(self) -> float | None:
        return None

    def close(self, timeout_seconds: float = 1.0) -> None:
        return


def answer_to(effect: Effect) -> Answer:
    """Perform an effect in this thread, outside any transaction; whatever it raises is its answer."""
    started = clock.monotonic()
    try:
        failpoints.hit("effect.before_perform")
        value = effect.perform()
        failpoints.hit("effect.after_perform")
        answer = Answer(value=value, seconds=clock.monotonic() - started)
    except FAILURES as error:
        answer = Answer(error=error, seconds=clock.monotonic() - started)
    return answer


def timeout_of(effect: Effect) -> float:
    """How many seconds an effect may take by itself."""
    return conf().effect_seconds if effect.timeout_seconds is None else effect.timeout_seconds


def timed_out(seconds: float) -> Answer:
    message = _("It did not come back within %(seconds)g seconds; whether it happened is unknown.")
    return Answer(error=EffectTimedOut(message % {"seconds": seconds}), seconds=seconds)


def perform(effect: Effect, limit_seconds: float) -> Answer | None:
    """Perform one effect in a thread of its own and wait for it; None when ``limit_seconds`` pass first.

    Past the effect's own deadline the answer is EffectTimedOut. Either way a late answer is dropped. Where no time is
    left, or no thread can be had, it is not begun: whoever goes on would do it a second time.
    """
    if limit_seconds <= 0:
        return None
    done = threading.Event()
    answers: list[Answer] = []

    def run() -> None:
        try:
            with deadline.within(own_limit):
                answers.append(answer_to(effect))
            done.set()
        finally:
            connections.close_all()

    own_limit = timeout_of(effect)
    if not _has_started(threading.Thread(target=run, name="meanwhile-effect", daemon=True)):
        return None
    if done.wait(max(0.0, min(own_limit, limit_seconds))):
        return answers[0]
    return timed_out(own_limit) if own_limit <= limit_seconds else None
