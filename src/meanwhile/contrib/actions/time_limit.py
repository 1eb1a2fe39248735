"""A time limit for a Python function that runs in the thread of the transaction.

The function stays in this thread, since the transaction is the thread's own. When its time is up, an exception
that ``except Exception`` does not catch is raised in it, at the next step of Python code. What waits inside one call
of the operating system or of a C library (a query, a socket) cannot be ended from outside: that call ends by itself,
and then the limit is noticed. Either way the function has failed and its transaction is rolled back.
"""

import ctypes
import threading
from collections.abc import Callable

from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import ActionFailed


class _TimeIsUpError(BaseException):
    """Raised in the thread whose function has used up its time."""


def within[T](seconds: float, call: Callable[[], T], name: str) -> T:
    """What ``call`` returns. ActionFailed when it takes longer than ``seconds``; ``name`` is for the message."""
    alarm = _Alarm(seconds)
    started = clock.monotonic()
    try:
        try:
            result = call()
        finally:
            alarm.stop()
    except _TimeIsUpError:
        raise _too_slow(name, seconds) from None
    if clock.monotonic() - started > seconds:
        raise _too_slow(name, seconds)
    return result


def _too_slow(name: str, seconds: float) -> ActionFailed:
    return ActionFailed(
        _(
            'Function "%(name)s" runs inside the transaction and took longer than %(seconds)g s. '
            "Make it faster, or register it as an effect."
        )
        % {"name": name, "seconds": seconds}
    )


class _Alarm:
    """Raises _TimeIsUpError in the thread that made it, unless it is stopped before."""

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._is_stopped = False
        self._has_rung = False
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            if not self._is_stopped:
                self._has_rung = True
                _raise_in(self._thread, _TimeIsUpError)

    def stop(self) -> None:
        """Afterwards nothing is raised any more; what is on its way is taken back or arrives in here."""
        self._timer.cancel()
        with self._lock:
            self._is_stopped = True
        if self._has_rung:
            _raise_in(self._thread, None)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
