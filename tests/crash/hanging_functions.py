"""A function in a process of its own that does not come back, loaded as a file beside a document is."""

import os
import time

from meanwhile import function


@function(own_process=True, timeout_seconds=60)
def hang_for_good(note: str) -> None:
    """Writes down its process; no exception ends it."""
    with open(note, "w") as file:
        file.write(str(os.getpid()))
    while True:
        try:
            time.sleep(60)
        except BaseException:
            continue
