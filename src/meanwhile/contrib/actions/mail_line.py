"""Connections to the mail server that stay open for a moment, so that the e-mails of a batch share them.

A ``Line`` belongs to whoever took it until it is given back; then the next one may have it, unless nobody comes within
two seconds. What is not a connection to an SMTP server is opened and closed for each e-mail.
"""

import smtplib
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import mailers

from meanwhile.core import clock
from meanwhile.core.conf import conf
from meanwhile.core.mail_folder import EmailBackend as FolderBackend

# For a mailer without a time-out of its own: a mail server that says nothing is a failed try, not a hung worker.
TIMEOUT_SECONDS = 20
# Longer than a pause within a batch; shorter than any server's patience.
IDLE_SECONDS = 2.0
# Servers end a connection that has carried too many, commonly 100.
MESSAGES = 50


class Line:
    """An open mail backend, and what its SMTP connection says beyond Django's own answer, the number of messages."""

    def __init__(self, backend: Any, key: str) -> None:
        self.backend = backend
        self.key = key
        self.messages = 0
        self.idle_since = 0.0
        self.refused: dict[str, tuple[int, bytes]] = {}
        self.is_data_under_way = False
        if self.is_smtp:
            backend.connection.sendmail = self._sending(backend.connection.sendmail)
            backend.connection.data = self._data(backend.connection.data)

    @property
    def is_smtp(self) -> bool:
        """Whether it is a connection that can be used again."""
        return hasattr(getattr(self.backend, "connection", None), "sendmail")

    @property
    def is_alive(self) -> bool:
        """Whether the server still answers on it."""
        try:
            return bool(self.backend.connection.noop()[0] == 250)
        except (OSError, smtplib.SMTPException):
            return False

    def send(self, message: Any) -> None:
        """Send one message. Raises what the backend does."""
        self.messages += 1
        self.refused = {}
        self.backend.send_messages([message])

    def close(self) -> None:
        """How it ends changes nothing: what was sent is sent."""
        try:
            self.backend.close()
        except (OSError, smtplib.SMTPException):
            return

    def _sending(self, sendmail: Callable[..., Any]) -> Callable[..., Any]:
        def send(*arguments: Any, **options: Any) -> Any:
            self.refused = sendmail(*arguments, **options)
            return self.refused

        return send

    def _data(self, data: Callable[..., Any]) -> Callable[..., Any]:
        def send(*arguments: Any) -> Any:
            self.is_data_under_way = True
            answer = data(*arguments)
            self.is_data_under_way = False
            return answer

        return send


_idle: list[Line] = []
_lock = threading.Lock()


def take() -> Line:
    """A line that is ready for one message: an open one, else a new one. Raises OSError or SMTPException."""
    key = _key()
    while (line := _pop(key)) is not None:
        if line.is_alive:
            return line
        line.close()
    backend = _backend()
    backend.open()
    return Line(backend, key)


def give_back(line: Line) -> None:
    """Keep the line for the next message, or close it. Only one on which nothing went wrong is given back."""
    if not line.is_smtp or line.messages >= MESSAGES:
        line.close()
        return
    line.idle_since = clock.monotonic()
    with _lock:
        _idle.append(line)
        if len(_idle) == 1:
            _sweep_later()


def close_idle() -> None:
    """Close what nobody came back for in time."""
    until = clock.monotonic() - IDLE_SECONDS
    with _lock:
        old = [line for line in _idle if line.idle_since <= until]
        _idle[:] = [line for line in _idle if line.idle_since > until]
        if _idle:
            _sweep_later()
    for line in old:
        line.close()


def _sweep_later() -> None:
    timer = threading.Timer(IDLE_SECONDS + 0.1, close_idle)
    timer.daemon = True
    timer.start()


def _pop(key: str) -> Line | None:
    """The line that was given back last, which is the likeliest to be open."""
    with _lock:
        for line in reversed(_idle):
            if line.key == key:
                _idle.remove(line)
                return line
    return None


def _key() -> str:
    """Lines to one server are not used for another; a site's settings never change, those of tests do."""
    return str(conf().mail_folder or getattr(settings, "MAILERS", ""))


def _backend() -> Any:
    if folder := conf().mail_folder:
        return FolderBackend(folder, alias="default")
    backend: Any = mailers.default
    if getattr(backend, "timeout", 0) is None:
        backend.timeout = TIMEOUT_SECONDS
    return backend
