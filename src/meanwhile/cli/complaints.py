"""What a command says when it cannot do what it was asked: a sentence for people.

Of a command that runs until it is stopped, programs may read what it writes; where they do, it is a line of the log.
"""

import logging
import os
import sys
from types import TracebackType

from rich.console import Console

from meanwhile.core.logging import JsonFormatter, is_json

logger = logging.getLogger(__name__)

# They run until they are stopped.
LASTING = frozenset({"run", "web", "worker"})


def complain(command: str, message: str) -> None:
    """Say on standard error why ``command`` ends."""
    if command in LASTING and _programs_read():
        logger.error("%s", message)
    else:
        Console(stderr=True, soft_wrap=True).print(message, style="red", markup=False, highlight=False)


def log_what_nobody_catches(command: str) -> None:
    """From now on the traceback that ends ``command`` is one line too, where programs read."""
    if command in LASTING:
        sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if _programs_read() and issubclass(kind, Exception):
        logger.critical("It ends with an error that nobody caught: %r", error, exc_info=(kind, error, trace))
    else:
        sys.__excepthook__(kind, error, trace)


def _programs_read() -> bool:
    """Settings that cannot be read have set up no log; what the environment says is good enough then."""
    root = logging.getLogger()
    if not root.handlers and os.environ.get("LOG_FORMAT") == "json":
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        root.addHandler(handler)
    return is_json()
