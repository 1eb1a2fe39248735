"""Who may do what: use a form, see a page that has expired, manage people."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions.document import FormDef, Who
from meanwhile.pages.errors import Refused, not_found, refusal

type View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """Decorator of the views of this package: not in a transaction of the request, and a ``Refused`` or a missing
    application, form or page is answered with the page that says so."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return refusal(request, refused)
        except MissingDefinition as error:
            return not_found(request, error)

    return transaction.non_atomic_requests(answer)


def may_use(form: FormDef, user: Any) -> bool:
    """Whether ``user`` may open and send ``form``. The owner may everything."""
    return allows(form.who, user)


def allows(who: Who, user: Any) -> bool:
    """Whether ``user`` is among ``who``."""
    if who.kind == "anyone" or (user.is_active and user.is_superuser):
        return True
    if not user.is_authenticated:
        return False
    return who.kind == "signed_in" or user.groups.filter(name__in=who.groups).exists()


def require_form(form: FormDef, request: HttpRequest) -> HttpResponse | None:
    """None where the form may be used; the way to the sign-in for a visitor. Refused for who has signed in."""
    if may_use(form, request.user):
        return None
    if not request.user.is_authenticated:
        return to_sign_in(request)
    raise Refused(
        403,
        _("This form is for other people"),
        _(
            "You are signed in as {name}, who is in none of the groups that may use it. Ask the owner of this site to"
            " add you to one."
        ).format(name=request.user.get_username()),
    )


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in and from there back here."""
    return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.get_full_path()})}")


def owner_only(view: View) -> View:
    """Decorator: only for the owner of the site (a superuser)."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not request.user.is_superuser:
            raise Refused(403, _("Only the owner may do this"), _("People and groups are the owner's to manage."))
        return view(request, *args, **kwargs)

    return page(answer)
