"""The setting ``time_limit`` of actions, Background and Delay: a span of time that is not nothing."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from meanwhile.core.spans import SpanSetting


def _some_time(span: timedelta) -> timedelta:
    if not span:
        raise ValueError("A time limit of nothing lets nothing run; leave it out for no limit of its own.")
    return span


TimeLimitSetting = Annotated[SpanSetting, AfterValidator(_some_time)]


def in_seconds(limit: timedelta | None) -> int | None:
    """``limit`` as whole seconds, as documents write it."""
    return None if limit is None else int(limit.total_seconds())
