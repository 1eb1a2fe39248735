"""Workers in threads, and waiting for something with a deadline."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from meanwhile.queue.jobs import Performer
from meanwhile.queue.worker import Worker


@contextmanager
def running(performer: Performer, **more: Any) -> Iterator[Worker]:
    """A worker in a thread of its own, stopped at the end."""
    worker = Worker(performer, **more)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            worker.run()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(30)
        assert not thread.is_alive(), "the worker did not stop"
        assert not failures, failures


def wait_until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """What ``condition`` returns once it is true; fails when it does not become so in time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
    return value
