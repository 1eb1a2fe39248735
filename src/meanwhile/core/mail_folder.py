"""Mail without a mail server: one file per message in a folder, and the reading of them for people.

``EmailBackend`` is a Django mail backend. A message appears in the folder whole or not at all, under a name that
sorts by time. The reader shows what is there and passes over what it cannot read.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from meanwhile.core import clock
from meanwhile.core.conf import conf

# Everybody that the message goes to, hidden recipients too: a file has no envelope.
ENVELOPE_HEADER = "X-Envelope-To"
# A message of this program is far smaller; a foreign file of any size may lie in the folder.
_LARGEST = 5_000_000


class EmailBackend(BaseEmailBackend):
    """Writes each message into ``folder``, by default the setting ``mail_folder``.

    ``MAILERS = {"default": {"BACKEND": "meanwhile.core.mail_folder.EmailBackend"}}``
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder) if folder else _configured()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them; how many there were. OSError where the folder cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with_recipients = [message for message in email_messages if message.recipients()]
        for message in with_recipients:
            self._write(message)
        return len(with_recipients)

    def _write(self, message: EmailMessage) -> None:
        mail = message.message(policy=policy.SMTP)
        mail[ENVELOPE_HEADER] = ", ".join(message.recipients())
        name = f"{clock.now():%Y%m%dT%H%M%S.%f}Z-{secrets.token_hex(4)}.eml"
        draft = self.folder / f".{name}.part"
        with draft.open("wb") as file:
            file.write(mail.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One message of the folder. ``name`` is its file; ``date`` is aware UTC; ``to`` has everybody in the envelope."""

    name: str
    subject: str
    sender: str
    to: str
    cc: str
    date: datetime
    message_id: str
    text: str
    html: str


def read_folder(folder: str | os.PathLike[str] | None = None, *, limit: int = 100, offset: int = 0) -> list[StoredMail]:
    """The messages of the folder, newest first. What is no message is passed over; no folder is no message."""
    found: list[StoredMail] = []
    for path in _newest_first(Path(folder) if folder else _configured()):
        if len(found) >= offset + limit:
            break
        if mail := _read(path):
            found.append(mail)
    return found[offset:]


def read_mail(name: str, folder: str | os.PathLike[str] | None = None) -> StoredMail | None:
    """The message in the file of that name; None where there is none. A name that leads elsewhere is none."""
    base = Path(folder) if folder else _configured()
    is_plain = name == Path(name).name and name.endswith(".eml") and not name.startswith(".")
    return _read(base / name) if is_plain else None


def _configured() -> Path:
    if folder := conf().mail_folder:
        return Path(folder)
    raise ImproperlyConfigured('MEANWHILE["mail_folder"] names no folder for mail.')


def _newest_first(folder: Path) -> Iterator[Path]:
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.endswith(".eml") and entry.name[0] != "."]
    except OSError:
        names = []
    yield from (folder / name for name in sorted(names, reverse=True))


def _read(path: Path) -> StoredMail | None:
    try:
        stat = path.stat()
        if not path.is_file() or path.is_symlink() or stat.st_size > _LARGEST:
            return None
        mail = message_from_bytes(path.read_bytes(), _class=ParsedMessage, policy=policy.default)
        return _stored(path.name, mail, datetime.fromtimestamp(stat.st_mtime, UTC))
    except (OSError, ValueError, LookupError, AttributeError, TypeError, IndexError):
        return None  # whatever the parser of the standard library stumbles over: not a message of ours


def _stored(name: str, mail: ParsedMessage, written_at: datetime) -> StoredMail | None:
    if not mail["From"] and not mail["Subject"]:
        return None
    sent_at = getattr(mail["Date"], "datetime", None)
    return StoredMail(
        name=name,
        subject=_header(mail, "Subject"),
        sender=_header(mail, "From"),
        to=_header(mail, ENVELOPE_HEADER) or _header(mail, "To"),
        cc=_header(mail, "Cc"),
        date=sent_at.astimezone(UTC) if sent_at is not None and sent_at.tzinfo else written_at,
        message_id=_header(mail, "Message-ID"),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
    )


def _header(mail: ParsedMessage, name: str) -> str:
    return str(mail[name] or "").strip()


def _body(mail: ParsedMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    content = part.get_content() if part is not None else ""
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""
