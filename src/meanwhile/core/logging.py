"""Log lines that programs read: one JSON object per line, with what the line is about.

Whoever works on a job says so with ``about``; every line that is logged inside, by whatever library, then carries its
run, job, submission and queue.
"""

import json
import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from meanwhile.core import telemetry

# What a line is about, wherever it was said; and what only the line itself can say.
NAMES = ("submission", "run", "job", "queue")
DETAILS = ("node", "action", "worker", "by", "method", "path", "status", "milliseconds", "client")
# A signed part of an address: what it says, when that was, and the signature, whose end is kept.
_SIGNED = re.compile(r"(?<![\w.-])[\w.-]++:[\w-]++:[\w-]{4,}([\w-]{8})(?![\w-])", re.ASCII)
_about: ContextVar[Mapping[str, Any]] = ContextVar("meanwhile_about", default=MappingProxyType({}))


class about:
    """``with about(job=7, run=3):`` what is logged inside is about these. None says nothing."""

    __slots__ = ("_names", "_token")

    def __init__(self, **names: Any) -> None:
        self._names = names
        self._token: Token[Mapping[str, Any]] | None = None

    def __enter__(self) -> None:
        self._token = _about.set({**_about.get(), **self._names})

    def __exit__(self, *_error: object) -> None:
        if self._token is not None:
            _about.reset(self._token)


class JsonFormatter(logging.Formatter):
    """``time`` (UTC), ``level``, ``logger``, ``message``; ``run``, ``job``, ``submission``, ``queue``, ``trace`` and
    the ``DETAILS`` where they are known; ``error``, a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_subject(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def is_json() -> bool:
    """Whether what is logged comes out as JSON: the root's handlers decide, those of a host project too."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers)


class WithoutTokens(logging.Filter):
    """For handlers: a line may name the address of a record, which opens it for whoever reads the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(without_tokens(arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


def without_tokens(text: str) -> str:
    """``text`` with no more of each signed part than tells it from others; it opens nothing."""
    return _SIGNED.sub(r"…\1", text)


def _subject(record: logging.LogRecord) -> dict[str, Any]:
    """What the line itself says comes before what is said around it."""
    around = _about.get()
    known = {name: getattr(record, name, around.get(name)) for name in NAMES}
    known |= {name: getattr(record, name, None) for name in DETAILS}
    known["trace"] = telemetry.traceparent()
    return {name: value for name, value in known.items() if value is not None}
