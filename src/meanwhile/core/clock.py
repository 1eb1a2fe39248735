"""The one place where the application reads the time. Times are aware and in UTC."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never goes back; for durations and deadlines within one process."""
    return time.monotonic()
