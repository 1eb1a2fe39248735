"""A function in a process of its own: what hangs there is killed when its time is up, and hangs nobody else.

The processes are forked from a server that has loaded the site once and runs no threads, so that one costs some
milliseconds. A process whose caller dies ends itself.
"""

import multiprocessing
import os
import pickle
import threading
from collections.abc import Mapping
from functools import cache
from multiprocessing.connection import Connection
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import FAILURES, ActionFailed, EffectTimedOut

# What the server imports before it forks: the site, with all functions that are installed or lie beside documents.
_PRELOADED = "meanwhile.plugins.child_start"
# How long a killed process may take to be gone; the kernel needs no more.
_END_SECONDS = 5.0


@cache
def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PRELOADED])
    return context


def call(name: str, arguments: Mapping[str, Any], seconds: float) -> Any:
    """What the function ``name`` returns. EffectTimedOut when ``seconds`` pass, ActionFailed when its process dies;
    else what the function raised."""
    ours, theirs = _context().Pipe()
    process = _context().Process(target=_work, args=(theirs, name, dict(arguments)), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise EffectTimedOut(_message(name, seconds))
        return _answer(ours, name)
    finally:
        process.kill()
        process.join(_END_SECONDS)
        ours.close()


def _message(name: str, seconds: float) -> str:
    message = _('Function "%(name)s" did not come back within %(seconds)g seconds; its process was ended.')
    return message % {"name": name, "seconds": seconds}


def _answer(ours: Connection, name: str) -> Any:
    try:
        has_failed, value = ours.recv()
    except EOFError:
        raise ActionFailed(_('The process of function "%s" died.') % name, function=name) from None
    if has_failed:
        raise value
    return value


# --- in the child ----------------------------------------------------------------------------------------------------


def _work(theirs: Connection, name: str, arguments: Mapping[str, Any]) -> None:
    from meanwhile.plugins import child_start
    from meanwhile.plugins.functions import find

    child_start.load()
    threading.Thread(target=_end_with_caller, args=(theirs,), daemon=True).start()
    try:
        answer = (False, find(name)(arguments))
        text = pickle.dumps(answer)
    except FAILURES as error:
        text = _failure(error)
    theirs.send_bytes(text)


def _failure(error: BaseException) -> bytes:
    try:
        text = pickle.dumps((True, error))
        pickle.loads(text)  # noqa: S301 - what was just written; some exceptions can be written and not read
    except Exception:
        return pickle.dumps((True, ActionFailed(f"{type(error).__name__}: {error}")))
    return text


def _end_with_caller(theirs: Connection) -> None:
    """The caller sends nothing: what can be read is that its end is closed."""
    theirs.poll(None)
    os._exit(1)
