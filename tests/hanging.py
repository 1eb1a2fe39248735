"""What a hung function does: no exception ends it, only the end of its process."""

import os
import time


def hang_for_good(note: str) -> None:
    """Write down this process in the file ``note``, and do not come back."""
    with open(note, "w") as file:
        file.write(str(os.getpid()))
    while True:
        try:
            time.sleep(60)
        except BaseException:
            continue
