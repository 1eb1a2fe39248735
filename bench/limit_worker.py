"""A worker of the limit: does what waits, over and over, and notes it like ``noting_worker``."""

import os
import signal
import sys
import time

import django

# Nothing wakes it. It looks so often that the first of many jobs does not wait noticeably.
PAUSE_SECONDS = 0.002


def main(path: str) -> None:
    """Work until SIGTERM, noting in the file at ``path``."""
    django.setup()
    from bench.contenders import limit_of
    from bench.work import in_force

    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(record_ids: list[int], started: float) -> None:
        now = time.monotonic()
        os.write(log, "".join(f"{id_} {started:.6f} {now:.6f}\n" for id_ in record_ids).encode())

    worker = limit_of(in_force())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    while True:
        worker.drain(note)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
