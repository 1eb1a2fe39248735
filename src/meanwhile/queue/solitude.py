"""When a worker makes way for a job that has to run alone: it claims nothing else until its hand is empty.

A worker that rests does so at once. One that has something in hand leaves the job to the others for a moment first, and
after each such job it goes on with everything else: the jobs of a dead worker hold up nobody for long, and no busy site
stands still because of them. Pure decisions; whoever asks has looked into the queue.
"""

from meanwhile.core import clock

# Long enough for a worker that rests to come first, and short beside the minute in which a takeover is promised.
PATIENCE_SECONDS = 2.0


class Solitude:
    """Belongs to one worker's loop."""

    def __init__(self) -> None:
        # Whether it claims nothing else.
        self.makes_way = False
        self._holds_one = False
        self._waits_since: float | None = None

    def look(self, *, one_waits: bool, is_idle: bool) -> None:
        """``one_waits``: such a job could be claimed. ``is_idle``: this worker has nothing in hand."""
        if not one_waits:
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = clock.monotonic()
        self.makes_way = self._holds_one or (one_waits and (is_idle or self._has_waited_long()))

    def _has_waited_long(self) -> bool:
        return self._waits_since is not None and clock.monotonic() - self._waits_since >= PATIENCE_SECONDS

    def begin(self, *, has_one: bool) -> None:
        """It has claimed such a job, or found none any more."""
        self.makes_way = self._holds_one = has_one
        self._waits_since = None

    def end_when(self, *, is_over: bool) -> None:
        """``is_over``: no job in hand has to run alone any more."""
        if self._holds_one and is_over:
            self.begin(has_one=False)
