"""What the engine and the limit have in common: they work on the same rows."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench import work
from bench.names import EMAIL, FIELDS
from bench.waiting import until
from meanwhile.definitions.program import Program
from meanwhile.queue.models import Job


class OnOurTables:
    """Both are one process, whose module is ``worker``."""

    name: str
    worker: str
    share = 1.0

    def __init__(self, program: Program) -> None:
        self.program = program

    @property
    def bodies(self) -> Mapping[str, tuple[str, str]]:
        return {work.ITEM: (FIELDS, self.name), work.LETTER: (EMAIL, self.name)}

    def clear(self) -> None:
        work.clear(self.program)

    def fill(self, body: str, count: int) -> None:
        work.fill(self.program, body, count)

    def settle(self) -> None:
        until(lambda: not Job.objects.exclude(state="completed").exists(), f"{self.name} to be over with all jobs")

    def require_done(self, body: str, count: int) -> None:
        work.require_done(self.program, body, count)

    def start_worker(self, log: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", self.worker, str(log)], start_new_session=True)

    def close(self) -> None:
        return
