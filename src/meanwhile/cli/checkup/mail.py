"""Mail: whether the server takes us, or the folder can be written. No message is sent."""

import smtplib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.mail import mailers
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from meanwhile.cli.checkup.address import is_only_here
from meanwhile.cli.checkup.finding import Finding, ok, problem, skipped, warning
from meanwhile.core.conf import conf

# A person looks at this and waits; a server that says nothing for so long is as good as none.
TIMEOUT_SECONDS = 10


def mail() -> Iterator[Finding]:
    """Whether an e-mail would get away."""
    yield _folder(Path(folder)) if (folder := conf().mail_folder) else _server()


def _folder(folder: Path) -> Finding:
    name = _("Mail")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            pass
    except OSError as error:
        return problem(
            name,
            _("The folder {folder} cannot be written: {reason}.").format(folder=folder, reason=error.strerror),
            _("Give it to the user of this site, or set EMAIL_URL."),
        )
    said = _("E-mails are kept in {folder} and sent to nobody; the monitor shows them.").format(folder=folder)
    if is_only_here():
        return ok(name, said)
    return warning(name, said, _("Set EMAIL_URL to a mail server when they are to arrive."))


def _server() -> Finding:
    name = _("Mail")
    try:
        backend: Any = mailers.default
    except Exception as error:  # settings of the mailer that Django cannot make anything of
        return problem(name, _("No mail server is set up: {reason}.").format(reason=error), _("Set EMAIL_URL."))
    if not isinstance(backend, EmailBackend):
        return skipped(name, _("Mail goes through {backend}, which cannot be asked.").format(backend=_path(backend)))
    return _reached(backend)


def _reached(backend: Any) -> Finding:
    name, place = _("Mail"), f"{backend.host}:{backend.port}"
    backend.timeout = min(backend.timeout or TIMEOUT_SECONDS, TIMEOUT_SECONDS)
    try:
        backend.open()
        backend.connection.noop()
    except smtplib.SMTPAuthenticationError as error:
        return problem(
            name,
            _("{place} refuses the sign-in: {reason}").format(place=place, reason=_said(error)),
            _("Set the name and the password in EMAIL_URL right."),
        )
    except (OSError, smtplib.SMTPException) as error:
        return problem(
            name,
            _("{place} cannot be reached: {reason}").format(place=place, reason=error),
            _("Start it, or set EMAIL_URL right. E-mails are tried again until then, and fail in the end."),
        )
    finally:
        _close(backend)
    return ok(name, _("{place} can be reached.").format(place=place))


def _close(backend: Any) -> None:
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        return  # what is to be known is known


def _said(error: smtplib.SMTPResponseException) -> str:
    reason = error.smtp_error
    return f"{error.smtp_code} {reason.decode(errors='replace') if isinstance(reason, bytes) else reason}"


def _path(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
