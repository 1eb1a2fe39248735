"""A function in a process of its own that does not come back, loaded as a file beside a document is."""

from meanwhile import function
from tests import hanging


@function(own_process=True, timeout_seconds=60)
def hang_for_good(note: str) -> None:
    hanging.hang_for_good(note)
