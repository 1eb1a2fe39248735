"""How long the work of this thread may still take, for whoever waits in it for something else.

Who performs an effect sets it; what the effect starts (a process, a connection) can end itself in time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from meanwhile.core import clock

_ends_at: ContextVar[float | None] = ContextVar("meanwhile_deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Within the block, the work of this thread ends in ``seconds`` from now."""
    token = _ends_at.set(clock.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left(otherwise: float) -> float:
    """Until the deadline, never less than 0; ``otherwise`` where none is set."""
    ends_at = _ends_at.get()
    return otherwise if ends_at is None else max(0.0, ends_at - clock.monotonic())
