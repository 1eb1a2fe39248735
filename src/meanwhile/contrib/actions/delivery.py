"""Hands one message to Django's mail settings and says what became of each recipient."""

import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage, mailers
from django.utils.translation import gettext as _

from meanwhile.core.conf import conf
from meanwhile.core.errors import ActionFailed, PermanentError
from meanwhile.core.mail_folder import EmailBackend as FolderBackend

# For a mailer without a time-out of its own: a mail server that says nothing is a failed try, not a hung worker.
TIMEOUT_SECONDS = 20

type Entry = dict[str, Any]  # address, outcome (sent, refused, unknown), and the server's reason for a refusal


def deliver(message: EmailMessage) -> list[Entry]:
    """Send ``message``; one entry per recipient. PermanentError where the server refuses it for good, ActionFailed
    where trying again may help; either has the entries as ``data["recipients"]``."""
    backend = _backend()
    try:
        backend.open()
        watch = _Watch(backend)
        try:
            backend.send_messages([message])
            return _entries(message, watch.refused)
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
            outcome = "unknown" if watch.is_data_under_way else "not sent"
            raise _failed(message, _("The connection to the mail server broke off: %s") % error, outcome) from error
        finally:
            _close(backend)
    except smtplib.SMTPRecipientsRefused as error:
        raise _all_refused(message, error.recipients) from error
    except smtplib.SMTPAuthenticationError as error:
        # The message is not at fault: once the password is mended, the next try gets through.
        raise _failed(message, _("The mail server refuses the sign-in: %s") % _said(error), "not sent") from error
    except smtplib.SMTPResponseException as error:
        raise _refused(message, error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _failed(message, _("The mail server cannot be reached: %s") % error, "not sent") from error


def _backend() -> Any:
    if folder := conf().mail_folder:
        return FolderBackend(folder, alias="default")
    backend: Any = mailers.default
    if getattr(backend, "timeout", 0) is None:
        backend.timeout = TIMEOUT_SECONDS
    return backend


class _Watch:
    """Listens in on the backend's SMTP connection: Django's own answer is only how many messages were sent."""

    def __init__(self, backend: Any) -> None:
        self.refused: dict[str, tuple[int, bytes]] = {}
        self.is_data_under_way = False
        connection: Any = getattr(backend, "connection", None)
        if hasattr(connection, "sendmail"):
            connection.sendmail = self._sending(connection.sendmail)
            connection.data = self._data(connection.data)

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


def _close(backend: Any) -> None:
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        return  # the message is sent, or an error says why not; how the connection ends changes neither


def _entries(message: EmailMessage, refused: dict[str, tuple[int, bytes]]) -> list[Entry]:
    return [_entry(address, refused) for address in message.recipients()]


def _entry(address: str, refused: dict[str, tuple[int, bytes]]) -> Entry:
    bare = address.rpartition("<")[2].rstrip(">").lower()
    for given, (code, reason) in refused.items():
        if given.lower() == bare:
            return {"address": address, "outcome": "refused", "reason": f"{code} {_decoded(reason)}"}
    return {"address": address, "outcome": "sent"}


def _all_refused(message: EmailMessage, refused: dict[str, tuple[int, bytes]]) -> PermanentError | ActionFailed:
    entries = _entries(message, refused)
    reasons = "; ".join(f"{address}: {code} {_decoded(reason)}" for address, (code, reason) in refused.items())
    sentence = _("The mail server refuses every recipient: %s") % reasons
    is_permanent = all(code >= 500 for code, _reason in refused.values())
    return (PermanentError if is_permanent else ActionFailed)(sentence, recipients=entries)


def _refused(message: EmailMessage, error: smtplib.SMTPResponseException) -> PermanentError | ActionFailed:
    sentence = _("The mail server refuses the message: %s") % _said(error)
    entries = [{"address": each, "outcome": "refused", "reason": _said(error)} for each in message.recipients()]
    return (PermanentError if error.smtp_code >= 500 else ActionFailed)(sentence, recipients=entries)


def _failed(message: EmailMessage, sentence: str, outcome: str) -> ActionFailed:
    entries = [{"address": address, "outcome": outcome} for address in message.recipients()]
    return ActionFailed(sentence, recipients=entries)


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_decoded(error.smtp_error)}"


def _decoded(reason: bytes | str) -> str:
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
