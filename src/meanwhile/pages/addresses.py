"""Addresses of records: what a token names, what is said of one that is not good, and where a submission goes on."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from meanwhile.definitions.program import Program
from meanwhile.engine.models import Submission
from meanwhile.engine.tokens import Address, BadToken, ExpiredToken, read_token
from meanwhile.pages.errors import Refused


def open_address(request: HttpRequest, token: str, *, kind: str, application: str, name: str) -> Address:
    """What ``token`` names. Refused where it is none of ours, or too old; who has the right may renew that one."""
    try:
        return read_token(token, kind=kind, application=application, name=name)
    except BadToken as error:
        raise Refused(404, _("This address is not right"), error.message) from error
    except ExpiredToken as error:
        raise _expired(request, error.address) from error


def renewed(request: HttpRequest, token: str, *, kind: str, application: str, name: str) -> Address:
    """What ``token`` names, also where it has expired. Refused for who has no right to a fresh one."""
    try:
        return read_token(token, kind=kind, application=application, name=name)
    except BadToken as error:
        raise Refused(404, _("This address is not right"), error.message) from error
    except ExpiredToken as error:
        if not may_renew(error.address, request.user):
            raise _expired(request, error.address) from error
        return error.address


def may_renew(address: Address, user: Any) -> bool:
    """Whether ``user`` may have a fresh address: staff, and the person who submitted the form."""
    if not user.is_authenticated:
        return False
    theirs = Submission.objects.filter(pk=address.submission_id or 0, user=user)
    return user.is_staff or theirs.exists()


def next_address(program: Program, form_key: str, record_id: Any, submission_id: int) -> str:
    """Where a person goes after a submission: the form's next page, or the general thanks."""
    following = program.forms[form_key].next
    if following in program.pages:
        return page_address(program, following, record_id, submission_id)
    return reverse("thanks", args=[program.application, form_key])


def page_address(program: Program, page_key: str, record_id: Any, submission_id: int | None) -> str:
    """The path of a page of a record."""
    return Address("page", program.application, page_key, str(record_id), submission_id).url


def gone() -> Refused:
    """What is said of a record that was deleted."""
    return Refused(
        410,
        _("This is no longer here"),
        _(
            "What this address led to was deleted in the meantime. If you did not expect that, ask the owner of this"
            " site."
        ),
    )


def _expired(request: HttpRequest, address: Address) -> Refused:
    text = _(
        "An address like this is good for a limited time only, so that it is of no use to somebody who finds it later."
    )
    if may_renew(address, request.user):
        return Refused(410, _("This address has expired"), text, fresh_url=f"{request.path.rstrip('/')}/fresh/")
    if request.user.is_authenticated:
        return Refused(410, _("This address has expired"), text + " " + _("Ask the owner of this site for a new one."))
    hint = _("If it was you who sent the form, sign in to get a new one.")
    return Refused(
        410,
        _("This address has expired"),
        f"{text} {hint}",
        action_url=f"{reverse('sign-in')}?next={request.path}",
        action_label=_("Sign in"),
    )
