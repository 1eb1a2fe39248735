"""Which part of the code the time of some work goes to: the place where the main thread stands, asked a thousand times
a second. Nothing is traced, so that many small calls do not look dearer than they are.
"""

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

SECONDS = 0.001

# The innermost frame that is at one of these places tells the part. The first that fits counts.
_PLACES = (
    ("/psycopg", "database and driver"),
    ("/django/db/", "database and driver"),
    ("/meanwhile/queue/database.py", "database and driver"),
    ("/meanwhile/core/exact_json.py", "JSON of payloads and journals"),
    ("/meanwhile/expressions/", "expressions"),
    ("/meanwhile/contrib/", "actions and kinds of fields"),
    ("/meanwhile/tables/", "records and their fields"),
    ("/meanwhile/engine/", "walk and journal"),
    ("/meanwhile/definitions/", "walk and journal"),
    ("/meanwhile/queue/", "claim and settle"),
    ("/meanwhile/pages/", "forms and pages"),
    ("/django/", "Django"),
)
OTHER = "everything else"
PARTS = tuple(dict.fromkeys([*(part for _, part in _PLACES), OTHER]))


class Profile:
    """How often the main thread was seen in each part."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what the main thread does meanwhile, its waiting too."""
        before = signal.signal(signal.SIGALRM, lambda _signal, frame: self._note(frame))
        # The first look comes at any moment: what is watched again and again, and is as short as the pause between two
        # looks, would else be seen at the same place each time.
        signal.setitimer(signal.ITIMER_REAL, random.uniform(SECONDS / 1000, SECONDS), SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def percent(self) -> dict[str, float]:
        """By part, in the order of ``PARTS``; those that were never seen are left out."""
        total = sum(self._seen.values())
        return {part: 100 * self._seen[part] / total for part in PARTS if self._seen[part]}

    def _note(self, frame: FrameType | None) -> None:
        self._seen[part_of(_files(frame))] += 1


def part_of(files: Sequence[str]) -> str:
    """The part of a stack of source files, innermost first."""
    for file in files:
        for place, part in _PLACES:
            if place in file:
                return part
    return OTHER


def _files(frame: FrameType | None) -> list[str]:
    files = []
    while frame is not None:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    return files


def profiled(work: Callable[[], object]) -> dict[str, float]:
    """The profile of one call."""
    profile = Profile()
    with profile.watching():
        work()
    return profile.percent()
