"""Waiting for other processes, with a deadline."""

import time
from collections.abc import Callable

# On a busy machine a process may take long to start or to end.
LONGEST_SECONDS = 60.0


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for ``condition``; TimeoutError when it does not come about."""
    end = time.monotonic() + LONGEST_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"Waited {LONGEST_SECONDS:g} s for {what}.")
        time.sleep(0.05)
