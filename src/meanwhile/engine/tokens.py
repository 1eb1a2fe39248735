"""Addresses of a record: signed, with an end, naming page or form, record and submission; never a guessable number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.db.models import Q
from django.urls import reverse

from meanwhile.core import clock
from meanwhile.core.conf import conf
from meanwhile.core.errors import MeanwhileError, MissingDefinition
from meanwhile.definitions.program import Program
from meanwhile.engine.models import Submission
from meanwhile.engine.record import RecordState

_SALT = "meanwhile.address"


class BadToken(MeanwhileError):
    """The address was not made by this site, or was changed on the way."""


class ExpiredToken(MeanwhileError):
    """The address was good once. ``address`` is what it named."""

    def __init__(self, message: str, address: "Address") -> None:
        super().__init__(message)
        self.address = address


@dataclass(frozen=True, slots=True)
class Address:
    """What a token names. ``kind`` is ``page`` or ``form``; ``submission_id`` None: no submission led there."""

    kind: str
    application: str
    name: str
    record_id: str
    submission_id: int | None

    @property
    def token(self) -> str:
        """A token for it, good from now on for ``token_age_days``."""
        parts = [self.kind, self.application, self.name, self.record_id, self.submission_id]
        return signing.dumps(parts, salt=_SALT)

    @property
    def url(self) -> str:
        """Its path on this site."""
        view = "page" if self.kind == "page" else "form-edit"
        return reverse(view, args=[self.application, self.name, self.token])


def read_token(token: str, *, kind: str, application: str, name: str) -> Address:
    """What ``token`` names. BadToken where it was not made for this place, ExpiredToken where it is too old."""
    age = timedelta(days=conf().token_age_days)
    try:
        address = _address(signing.loads(token, salt=_SALT, max_age=age))
        is_expired = False
    except signing.SignatureExpired:
        address, is_expired = _address(signing.loads(token, salt=_SALT)), True
    except signing.BadSignature as error:
        raise BadToken("This address is not complete or was changed. Open it again from where you got it.") from error
    if (address.kind, address.application, address.name) != (kind, application, name):
        raise BadToken("This address belongs to another page.")
    if is_expired:
        raise ExpiredToken("This address has expired.", address)
    return address


def linker(program: Program, record: RecordState, submission_id: int | None) -> Callable[[str], str]:
    """The function ``link`` of expressions: the address of a page of this record, or of a form for changing it.

    Complete where ``MEANWHILE["base_url"]`` is set, so that it works in an e-mail.
    """

    def link(name: str) -> str:
        kind = "page" if name in program.pages else "form"
        place = program.pages.get(name) or program.forms.get(name)
        if place is None:
            raise MissingDefinition(f'This application has no page "{name}".', page=name)
        if place.table != record.table.key:
            raise MissingDefinition(f'"{name}" shows records of another table, "{place.table}".', page=name)
        return conf().base_url + Address(kind, program.application, name, str(record.id), submission_id).url

    return link


def keep(submission_id: int | None) -> None:
    """Note that an address of this submission was given out now, so that it is not purged before its end.

    Commits. Writes at most once a day.
    """
    if submission_id is None:
        return
    end = clock.now() + timedelta(days=conf().token_age_days)
    is_old = Q(token_until__isnull=True) | Q(token_until__lt=end - timedelta(days=1))
    Submission.objects.filter(is_old, pk=submission_id).update(token_until=end)


def _address(parts: list[object]) -> Address:
    kind, application, name, record_id, submission_id = parts
    sent_as = submission_id if isinstance(submission_id, int) else None
    return Address(str(kind), str(application), str(name), str(record_id), sent_as)
