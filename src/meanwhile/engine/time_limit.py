"""The time limit of a job: how much of it is left, by the database's clock, and the error when nothing is.

The limit counts from the job's first start, over all its tries and the pauses between them; it begins anew when a
person sends the job on. Jobs without a limit cost nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from meanwhile.core.errors import JobOutOfTime
from meanwhile.core.spans import format_span
from meanwhile.queue.jobs import Claimed, Limit
from meanwhile.queue.running_time import seconds_since_start


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What is left of a job's limit of ``limit_seconds``; negative when it is over."""

    limit_seconds: int
    seconds: float

    @property
    def is_over(self) -> bool:
        return self.seconds <= 0

    @property
    def error(self) -> JobOutOfTime:
        """Says which limit it was and what to do."""
        words = {"limit": format_span(timedelta(seconds=self.limit_seconds))}
        return JobOutOfTime(
            _(
                "The job used up its time limit of %(limit)s. See in its journal what took so long, then resume it:"
                " that gives it %(limit)s again. A longer time_limit of its Background or Delay holds for later jobs."
            )
            % words
        )

    @property
    def for_effect(self) -> Limit:
        """The limit as the queue keeps it while an effect is under way."""
        return Limit(max(0.0, self.seconds), self.error)


def times_left(jobs: Sequence[Claimed]) -> dict[int, TimeLeft]:
    """By job id, for those that have a limit."""
    limits: dict[int, int] = {job.id: job.payload["limit"] for job in jobs if "limit" in job.payload}
    if not limits:
        return {}
    running = seconds_since_start(limits)
    return {id_: TimeLeft(limit, limit - running.get(id_, 0.0)) for id_, limit in limits.items()}
