"""A worker that notes, for every job, when it first took it up and when it had committed its end: ``record start end``
a line.

The clock is the machine's monotonic one, which all its processes share.
"""

import os
import signal
import sys
from collections.abc import Sequence

import django

from meanwhile.core import clock, failpoints
from meanwhile.queue.jobs import Advance, Move, Ready


def main(path: str) -> None:
    """Work until SIGTERM, noting in the file at ``path``."""
    django.setup()
    from meanwhile.engine.performer import EnginePerformer
    from meanwhile.queue.worker import Worker

    class NotingPerformer(EnginePerformer):
        def __init__(self) -> None:
            super().__init__()
            # By job: when it was first taken up. One with an effect comes back.
            self.begun: dict[int, float] = {}
            self.finished: list[tuple[int, float]] = []

        def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
            now = clock.monotonic()
            for each in ready:
                self.begun.setdefault(each.job.id, now)
            advances = super().advance(ready, careful=careful)
            done = {each.job_id for each in advances if each.move is Move.DONE}
            self.finished = [
                (each.job.payload["record"], self.begun.pop(each.job.id)) for each in ready if each.job.id in done
            ]
            return advances

        def note(self) -> None:
            now, finished, self.finished = clock.monotonic(), self.finished, []
            os.write(log, "".join(f"{id_} {start:.6f} {now:.6f}\n" for id_, start in finished).encode())

    performer = NotingPerformer()
    worker = Worker(performer)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    failpoints.arm("worker.after_commit", performer.note)
    worker.run()


if __name__ == "__main__":
    main(sys.argv[1])
