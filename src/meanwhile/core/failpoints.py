"""Named places at which a test can kill, stop or fail the process.

A failpoint costs one look at an empty mapping when nothing is armed. ``MEANWHILE_FAILPOINTS`` arms some for a
whole process: ``name=kill`` or ``name=raise``, separated by commas; ``name=kill:3`` acts at the third hit.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

# Every failpoint of the code, with what stands on either side. A test holds the code against this list.
NAMES = {
    "intake.before_commit": "a submission is written, its commit has not been sent",
    "intake.after_commit": "a submission is committed, its rest has not been performed",
    "request.before_effect": "the request holds a rest and has not performed its effect",
    "request.after_effect": "the request has performed an effect and not concluded it",
    "worker.after_claim": "a batch is claimed and committed, nothing of it has been performed",
    "worker.before_commit": "a batch is advanced and written, its commit has not been sent",
    "worker.after_commit": "a batch is committed, its effects have not been handed on",
    "effect.before_perform": "an effect is prepared and committed and has not been performed",
    "effect.after_perform": "an effect has been performed and not been concluded",
    "store.fence": "a holder locks its jobs and drops those that it lost; armed with skip, it drops none",
}

_armed: dict[str, Callable[[], None]] = {}
_hits: dict[str, int] = {}
_lock = Lock()


class FailpointError(Exception):
    """What a failpoint armed with ``raise`` raises."""


def hit(name: str) -> None:
    """Do what is armed at ``name``; nothing when nothing is."""
    if _armed and (action := _armed.get(name)):
        action()


def is_armed(name: str) -> bool:
    """Whether anything is armed at ``name`` (for ``skip``, which acts by being there)."""
    return bool(_armed) and name in _armed


def arm(name: str, action: Callable[[], None]) -> None:
    """Arm ``name``. KeyError for a name that is not in ``NAMES``."""
    if name not in NAMES:
        raise KeyError(name)
    _armed[name] = action


def disarm(name: str | None = None) -> None:
    """Disarm one failpoint, or all."""
    _armed.clear() if name is None else _armed.pop(name, None)


@contextmanager
def armed(name: str, action: Callable[[], None]) -> Iterator[None]:
    """Arm ``name`` within a block."""
    arm(name, action)
    try:
        yield
    finally:
        disarm(name)


def arm_from_environment() -> None:
    """Arm what ``MEANWHILE_FAILPOINTS`` names. Called once by each process that serves or works."""
    for part in filter(None, os.environ.get("MEANWHILE_FAILPOINTS", "").split(",")):
        name, _, what = part.partition("=")
        verb, _, count = what.partition(":")
        arm(name.strip(), _nth(name, int(count or 1), _VERBS[verb]))


def _nth(name: str, count: int, action: Callable[[], None]) -> Callable[[], None]:
    def act() -> None:
        with _lock:
            _hits[name] = _hits.get(name, 0) + 1
            is_due = _hits[name] == count
        if is_due:
            action()

    return act


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _raise() -> None:
    raise FailpointError("a failpoint was armed to fail here")


_VERBS: dict[str, Callable[[], None]] = {"kill": _kill, "raise": _raise, "skip": lambda: None}
