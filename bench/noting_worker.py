"""A worker that notes, for every job, when it took it up and when it had committed it: ``record start end`` a line.

The clock is the machine's monotonic one, which all its processes share.
"""

import os
import signal
import sys
from collections.abc import Sequence

import django

from meanwhile.core import clock, failpoints
from meanwhile.queue.jobs import Advance, Ready


def main(path: str) -> None:
    """Work until SIGTERM. The file at ``path`` appears when it listens for hints."""
    django.setup()
    from meanwhile.engine.performer import EnginePerformer
    from meanwhile.queue.worker import Worker

    class NotingPerformer(EnginePerformer):
        taken: tuple[float, list[int]] = (0.0, [])

        def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
            self.taken = clock.monotonic(), [each.job.payload["record"] for each in ready]
            return super().advance(ready, careful=careful)

        def note(self) -> None:
            start, ids = self.taken
            lines = "".join(f"{id_} {start:.6f} {clock.monotonic():.6f}\n" for id_ in ids)
            os.write(log, lines.encode())
            self.taken = 0.0, []

    performer = NotingPerformer()
    worker = Worker(performer)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    failpoints.arm("worker.after_commit", performer.note)
    worker.run()


if __name__ == "__main__":
    main(sys.argv[1])
