"""Who may design, and what every view of the designer has in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from meanwhile.core.errors import MissingDefinition
from meanwhile.pages.errors import Refused, refusal

RIGHT = "meanwhile.design"

type View = Callable[..., HttpResponseBase]


def may_design(user: Any) -> bool:
    """Whether ``user`` has the designer right. The owner has every right."""
    return bool(user.is_active and user.has_perm(RIGHT))


def designers_only(view: View) -> View:
    """Decorator: a visitor is sent to the sign-in, who has signed in without the right is told so.

    An application, table, form or page that does not exist is answered with "not found". The view is in no transaction
    of the request.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not may_design(request.user):
            return refusal(request, _refused())
        try:
            response = view(request, *args, **kwargs)
        except MissingDefinition as error:
            raise Http404(error.message) from error
        add_never_cache_headers(response)
        return response

    return transaction.non_atomic_requests(answer)


def _refused() -> Refused:
    return Refused(
        403,
        _("The designer is for designers"),
        _("You do not have the right to design. The owner of this site can give it to you, under People."),
    )
