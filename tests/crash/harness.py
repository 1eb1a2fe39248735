"""Real processes that are really killed: forked from this warm one, so that a round costs milliseconds.

A child serves as a worker or as a request; it is killed at a named failpoint or at any moment. Leases are short. After
each round ``check`` holds what is stored against the promise.
"""

import os
import signal
import sqlite3
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import time_machine
from django.db import connection, connections
from django.test import override_settings

from meanwhile.core import failpoints
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.models import Run, Submission
from meanwhile.engine.performer import EnginePerformer
from meanwhile.queue.models import Job
from meanwhile.queue.states import TERMINAL, State
from meanwhile.queue.worker import Worker
from meanwhile.tables import records
from tests.crash import tally

SHORT = {
    "lease_seconds": 0.6,
    "sweep_seconds": 0.1,
    "poll_seconds": 0.05,
    "backoff_seconds": 0.05,
    "backoff_factor": 1,
    "attempts": 20,
    "effect_seconds": 20,
}

DOCUMENT = """
application: crash
tables:
  item:
    fields:
      word: {type: text}
      now: {type: integer}
      later: {type: integer}
      after: {type: integer}
      answer: {type: text}
    events:
      record_update:
        - update_field: {field: now, value: "{{ 1 if record.now == None else record.now + 1 }}"}
        - background:
          do:
            - update_field: {field: later, value: "{{ 1 if record.later == None else record.later + 1 }}"}
            - call: {function: ledger, arguments: {line: "{{ record.id }}"}, into: answer}
            - update_field: {field: after, value: "{{ 1 if record.after == None else record.after + 1 }}"}
"""

SYNCHRONOUS = """
application: crashsync
tables:
  item:
    fields:
      word: {type: text}
      answer: {type: text}
      after: {type: integer}
    events:
      record_update:
        - call: {function: ledger, arguments: {line: "{{ record.id }}"}, into: answer}
        - update_field: {field: after, value: "{{ 1 if record.after == None else record.after + 1 }}"}
"""


class Child:
    """A forked process. ``kill`` and ``stop`` are real signals to it and to it alone."""

    # Those of the present test; what one leaves behind would work in the database of the next.
    of_this_test: ClassVar[list["Child"]] = []

    def __init__(self, work: Callable[[], None], role: str = "") -> None:
        """``role``: as what its death is counted."""
        connections.close_all()
        self.role = role
        self.is_reaped = False
        # A child can be told to stop before it has run its first line; the signal waits until it listens.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        self.pid = os.fork()
        if self.pid == 0:
            self._be_child(work)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self.of_this_test.append(self)

    def _be_child(self, work: Callable[[], None]) -> None:
        code = 1
        try:
            # Told to stop before it began: there is nothing to leave behind.
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            # After a browser test an event loop runs in this thread, which a fork ends; Django then finds connections
            # again that it had opened before the loop, to whatever the database was at that time.
            connections.close_all()
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    @property
    def has_ended(self) -> bool:
        """Whether it is no longer there."""
        if not self.is_reaped:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._reaped(status, "at a failpoint")
        return self.is_reaped

    def _reaped(self, status: int, where: str) -> int:
        self.is_reaped = True
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL and self.role:
            tally.count(f"{self.role} killed {where}")
        return code

    def kill(self) -> None:
        if not self.has_ended:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(where="at any moment")

    def end(self, seconds: float = 60) -> None:
        """Tell it to stop, as a deploy does, and wait until it has; AssertionError when it does not end well."""
        if not self.has_ended:
            os.kill(self.pid, signal.SIGTERM)
            assert self.wait(seconds) == 0, "the process did not stop well"

    def pause(self) -> None:
        """Stop it, but not while it holds SQLite's one write lock: that would stop everybody, until it goes on."""
        self._stop()
        while not _can_be_written():
            self.go_on()
            _breathe()
            self._stop()

    def _stop(self) -> None:
        """Returns when every thread of it stands still: until then one may still take a lock."""
        os.kill(self.pid, signal.SIGSTOP)
        _pid, status = os.waitpid(self.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "the process ended before it could be stopped"

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def wait(self, seconds: float = 30, where: str = "at a failpoint") -> int:
        """Its exit code; minus the signal that ended it. TimeoutError, after killing it, when it does not end."""
        if self.is_reaped:
            return 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return self._reaped(status, where)
            _breathe()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.is_reaped = True
        raise TimeoutError(f"process {self.pid} did not end within {seconds} s")


def _can_be_written() -> bool:
    """Whether nobody holds the database's write lock; PostgreSQL has none."""
    if connection.vendor != "sqlite":
        return True
    own = sqlite3.connect(connection.settings_dict["NAME"], timeout=0.2, uri=True)
    try:
        own.execute("BEGIN IMMEDIATE")
        own.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        own.close()
    return True


def _breathe() -> None:
    # The grain of waiting for a condition with a deadline.
    time.sleep(0.005)


def until(condition: Callable[[], bool], seconds: float = 30, what: str = "the condition") -> None:
    """Wait until ``condition`` holds; AssertionError at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about within {seconds} s"
        _breathe()


def worker(
    failpoint: str | None = None, at: int = 1, *, clock_hours: int = 0, grace_seconds: float = 8, **settings: Any
) -> Child:
    """A worker process, which is killed the ``at``-th time that it comes to ``failpoint``. ``clock_hours``: by how much
    the clock of its machine is wrong."""

    def work() -> None:
        with override_settings(MEANWHILE=SHORT | settings), wrong_clock(clock_hours):
            if failpoint:
                _arm(failpoint, at)
            worker = Worker(EnginePerformer(), threads=2, grace_seconds=grace_seconds)
            signal.signal(signal.SIGTERM, lambda *_: worker.stop())
            worker.run()

    return Child(work, "worker")


def wrong_clock(hours: int) -> AbstractContextManager[Any]:
    """Python's clocks of this process are wrong by so many hours; those of the database are not."""
    return time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)) if hours else nullcontext()


def drain() -> Child:
    """A worker process that ends when nothing is due any more."""

    def work() -> None:
        with override_settings(MEANWHILE=SHORT):
            Worker(EnginePerformer(), threads=2).drain()

    return Child(work)


def _arm(failpoint: str, at: int) -> None:
    hits = Counter[str]()

    def act() -> None:
        hits[failpoint] += 1
        if hits[failpoint] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    failpoints.arm(failpoint, act)


def request(program: Program, word: str, failpoint: str | None = None) -> Child:
    """A process that serves one submission of a form."""

    def work() -> None:
        with override_settings(MEANWHILE=SHORT):
            if failpoint:
                _arm(failpoint, 1)
            intake.submit(program, "item", {"word": word})

    return Child(work, "web process")


@contextmanager
def finishing() -> Iterator[Child]:
    """A worker that is told to stop at the end of the block, and does."""
    child = worker()
    try:
        yield child
    finally:
        child.end(30)


def everything_is_done() -> bool:
    """Whether no job is left to do."""
    is_done = not Job.objects.exclude(state__in=TERMINAL).exists()
    connections.close_all()
    return is_done


def until_all_is_done(stall_seconds: float = 60) -> None:
    """Wait until no job is left to do, however many there are; AssertionError when for that long none gets done, or
    when one has failed, with the reasons."""
    left = _left()
    while left:
        before = left
        until(lambda before=before: _left() != before, stall_seconds, f"the end of one more of {before} jobs")
        left = _left()
    failed = list(Job.objects.filter(state=State.FAILED).values_list("deaths", "error")[:5])
    connections.close_all()
    assert not failed, "jobs have failed"


def _left() -> int:
    """Those that have failed are left to people."""
    left = Job.objects.exclude(state__in=[*TERMINAL, State.FAILED]).count()
    connections.close_all()
    return left


class Ledger:
    """A file to which the function ``ledger`` appends: what happened outside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def write(self, line: str) -> str:
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, f"{line}\n".encode())
        finally:
            os.close(handle)
        return f"noted {line}"

    def lines(self) -> list[str]:
        return self.path.read_text().split()


def check(program: Program, ledger: Ledger) -> None:
    """The invariants of the promise, after everything is done."""
    table = program.tables["item"]
    rows = records.read(table, list(table.model._base_manager.values_list("pk", flat=True)))
    submissions = Counter(Submission.objects.values_list("record_id", flat=True))
    effects = Counter(ledger.lines())
    for id_, values in rows.items():
        count = submissions[str(id_)]
        assert count >= 1, f"record {id_} was saved without its submission"
        for field in ("now", "later", "after"):
            if field in table.fields:
                assert values[field] == count, f"{field} of record {id_} is {values[field]} after {count} submissions"
        assert values["answer"] == f"noted {id_}"
        assert effects[str(id_)] >= count, f"the effect of record {id_} is lost"
        assert effects[str(id_)] - count <= _unknowns(id_), f"record {id_}: an effect twice, not marked unknown"
    assert submissions.keys() == {str(id_) for id_ in rows}, "a submission without its record"
    assert Run.objects.count() == sum(submissions.values()) == Job.objects.count()
    ill = Job.objects.exclude(state="completed").values_list("state", "deaths", "error")[:5]
    assert not list(ill), "a job has not ended, or not well"
    tally.count("rounds checked")


def _unknowns(record_id: Any) -> int:
    runs = Run.objects.filter(record_id=str(record_id)).values_list("pk", flat=True)
    jobs = Job.objects.filter(run_id__in=list(runs)).values_list("steps", flat=True)
    return sum(step["outcome"] == "unknown" for steps in jobs for step in steps)
