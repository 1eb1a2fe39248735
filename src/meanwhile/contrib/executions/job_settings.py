"""What Background and Delay have in common: how their job is queued and tried again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from meanwhile.contrib.time_limit_setting import TimeLimitSetting, in_seconds
from meanwhile.core import queue_name
from meanwhile.core.spans import SpanSetting
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import Branch, NodeSettings


class JobSettings(NodeSettings):
    queue: Annotated[str, Chooses("queue"), AfterValidator(queue_name.checked)] = Field(
        "default",
        min_length=1,
        max_length=queue_name.LONGEST,
        description="Name of the queue that the job stands in.",
    )
    attempts: int | None = Field(None, ge=1, le=100, description="How often an action is tried before the job fails.")
    backoff: SpanSetting | None = Field(None, description="The pause before the second try; later ones get longer.")
    time_limit: TimeLimitSetting | None = Field(
        None,
        description="How long the job may take in all, from its first start and with the pauses between tries. "
        "Then it fails where it stands, and a person can send it on.",
    )
    ordered: bool = Field(True, description="The jobs of a record run in order; false lets this one run beside them.")


def branch(settings: JobSettings, due_at: datetime | None = None, detail: Mapping[str, Any] | None = None) -> Branch:
    """The job of the children: at ``due_at``, or as soon as possible. Every Background and every Delay is made here,
    so that a Delay until now is the same thing as a Background."""
    return Branch(
        due_at=due_at,
        queue=settings.queue,
        attempts=settings.attempts,
        backoff_seconds=None if settings.backoff is None else settings.backoff.total_seconds(),
        limit_seconds=in_seconds(settings.time_limit),
        ordered=settings.ordered,
        detail=detail or {},
    )
