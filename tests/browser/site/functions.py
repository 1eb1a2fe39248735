"""Functions whose end the tests decide: one waits for a file, one always fails, one refuses."""

import os
import time
from pathlib import Path

from meanwhile import ActionFailed, function

LONGEST_SECONDS = 60


@function
def hold(name: str) -> None:
    """Come back when the test has made the file ``name``."""
    path = Path(os.environ["TEST_RELEASES"]) / name
    deadline = time.monotonic() + LONGEST_SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            raise ActionFailed(f"Nobody released {name}.")
        time.sleep(0.02)


@function
def give_up() -> None:
    """Never works."""
    raise ActionFailed("The partner does not answer.")


@function(effect=False)
def refuse_everything() -> None:
    """Fails in the synchronous part."""
    raise ActionFailed("The stock is empty. Try again tomorrow.")
