"""How things went lately: what became of the newest jobs. Reads no more than ``NEWEST`` rows, by their ids."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models.functions import Now

from meanwhile.queue.models import Job
from meanwhile.queue.states import TERMINAL, State

NEWEST = 1_000
ENDS = tuple(state for state in State if state in TERMINAL or state == State.FAILED)


@dataclass(frozen=True, slots=True)
class Lately:
    """``counts``: how many of the newest jobs of a queue ended how. ``seconds``: since the oldest of them came."""

    counts: Mapping[tuple[str, State], int]
    seconds: float


def lately(newest: int = NEWEST) -> Lately:
    """Of the ``newest`` jobs; none at all give no counts and 0 seconds."""
    rows = list(
        Job.objects.order_by("-id").annotate(at=Now()).values_list("queue", "state", "created_at", "at")[:newest]
    )
    counts = Counter((queue, State(state)) for queue, state, _created_at, _at in rows)
    seconds = (rows[-1][3] - rows[-1][2]).total_seconds() if rows else 0.0
    return Lately({key: count for key, count in counts.items() if key[1] in ENDS}, max(0.0, seconds))
