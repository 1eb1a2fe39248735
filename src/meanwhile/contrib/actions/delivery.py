"""Hands one message to Django's mail settings and says what became of each recipient."""

import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from meanwhile.contrib.actions import mail_line
from meanwhile.contrib.actions.mail_line import Line
from meanwhile.core.errors import ActionFailed, OutcomeUnknown, PermanentError

type Entry = dict[str, Any]  # address, outcome (sent, refused, not sent, unknown), and the reason for a refusal


def deliver(message: EmailMessage) -> list[Entry]:
    """Send ``message``; one entry per recipient. PermanentError where the server refuses it for good, ActionFailed
    where trying again may help, OutcomeUnknown where it may have been sent; each has the entries as
    ``data["recipients"]``."""
    try:
        return _send(message, mail_line.take())
    except smtplib.SMTPRecipientsRefused as error:
        raise _all_refused(message, error.recipients) from error
    except smtplib.SMTPAuthenticationError as error:
        # The message is not at fault: once the password is mended, the next try gets through.
        raise _failed(message, _("The mail server refuses the sign-in: %s") % _said(error)) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(message, error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _failed(message, _("The mail server cannot be reached: %s") % error) from error


def _send(message: EmailMessage, line: Line) -> list[Entry]:
    is_well = False
    try:
        line.send(message)
        is_well = True
        return _entries(message, line.refused)
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
        sentence = _("The connection to the mail server broke off: %s") % error
        if line.is_data_under_way:
            raise OutcomeUnknown(sentence, recipients=_all(message, "unknown")) from error
        raise _failed(message, sentence) from error
    finally:
        mail_line.give_back(line) if is_well else line.close()


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


def _failed(message: EmailMessage, sentence: str) -> ActionFailed:
    return ActionFailed(sentence, recipients=_all(message, "not sent"))


def _all(message: EmailMessage, outcome: str) -> list[Entry]:
    return [{"address": address, "outcome": outcome} for address in message.recipients()]


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_decoded(error.smtp_error)}"


def _decoded(reason: bytes | str) -> str:
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
