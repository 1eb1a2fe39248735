"""The worker processes of one contender: started one by one, stopped for a moment while jobs are made.

A stopped crew keeps everything that it has warmed up, and starts on one signal: what starting a process costs, which
differs much from one contender to the next, is in no figure.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError, connection

from bench.waiting import LONGEST_SECONDS, until

# How long a worker that has just started may need for one job before it is given another one.
TRY_SECONDS = 0.3
# How long a worker that holds SQLite's lock may go on to let it go.
QUIET_SECONDS = 0.02
END_SECONDS = 10.0

type Start = Callable[[Path], subprocess.Popen[bytes]]
type Times = dict[int, tuple[float, float]]


class Crew:
    """``start`` begins a process that notes its jobs in the file at the path it is given; ``nudge`` makes one job;
    ``settle`` waits until all are done."""

    def __init__(self, start: Start, nudge: Callable[[], object], settle: Callable[[], None]) -> None:
        self._start, self._nudge, self._settle = start, nudge, settle
        self._folder = tempfile.TemporaryDirectory(prefix="bench-crew-")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[Path] = []
        self._read: dict[Path, int] = {}

    def grow(self) -> None:
        """One more process, which has done a job when this returns."""
        self.stop()
        log = Path(self._folder.name, f"worker-{len(self._logs)}")
        self._processes.append(self._start(log))
        self._logs.append(log)
        self._until_it_works(log)
        self._signal(signal.SIGCONT)
        self._settle()  # the stopped ones may have been given jobs, too

    def _until_it_works(self, log: Path) -> None:
        end = time.monotonic() + LONGEST_SECONDS
        while not (log.exists() and log.stat().st_size):
            if time.monotonic() > end or self._processes[-1].poll() is not None:
                raise TimeoutError("A worker that was just started does no job.")
            self._nudge()
            time.sleep(TRY_SECONDS)

    def stop(self) -> None:
        """Let no process go on, and on SQLite none while it holds the lock that making jobs needs.

        On PostgreSQL one may stop in the middle of a transaction: it has found no job, and inserting waits for nobody.
        """
        if not self._processes:
            return
        self._signal(signal.SIGSTOP)
        while connection.vendor == "sqlite" and not _nobody_writes():
            self._signal(signal.SIGCONT)
            time.sleep(QUIET_SECONDS)
            self._signal(signal.SIGSTOP)

    def go_on(self) -> float:
        """All at once; the moment, by the machine's monotonic clock."""
        moment = time.monotonic()
        self._signal(signal.SIGCONT)
        return moment

    def _signal(self, which: signal.Signals) -> None:
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, which)

    def forget(self) -> None:
        """What is noted so far counts no more."""
        self._read = {log: log.stat().st_size for log in self._logs}

    def wait_for(self, count: int) -> Times:
        """When each of ``count`` records' jobs began and was done. TimeoutError when nothing is done any more."""
        seen = -1
        while len(times := self._times()) < count:
            if len(times) == seen:
                raise TimeoutError(f"{seen} of {count} jobs are done, and then none for {LONGEST_SECONDS:g} s.")
            seen = len(times)
            until(lambda known=seen: len(self._times()) > known, "a job to be done")
        return times

    def _times(self) -> Times:
        lines = [line.split() for log in self._logs for line in self._unread(log)]
        return {int(id_): (float(start), float(end)) for id_, start, end in lines}

    def _unread(self, log: Path) -> Sequence[bytes]:
        with log.open("rb") as file:
            file.seek(self._read.get(log, 0))
            return file.read().splitlines()

    def end(self) -> None:
        """SIGTERM to all; whoever does not heed it, as one may whose database is gone, is killed with its children."""
        self._signal(signal.SIGCONT)
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            end(process)
        self._folder.cleanup()


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait until ``process``, which has been told to, ends; kill it and its group when it does not."""
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def crew(start: Start, nudge: Callable[[], object], settle: Callable[[], None]) -> Iterator[Crew]:
    """A crew of none, ended afterwards."""
    made = Crew(start, nudge, settle)
    try:
        yield made
    finally:
        made.end()


def _nobody_writes() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 10")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
        except OperationalError:
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {1000 * connection.settings_dict['OPTIONS']['timeout']}")
        return True
