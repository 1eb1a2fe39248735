"""Who may look: staff, and nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

type View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Decorator: a visitor is sent to the sign-in, anyone else who is not staff is refused.

    The view is in no transaction of the request: what people do to many jobs commits in batches.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not (request.user.is_active and request.user.is_staff):
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return transaction.non_atomic_requests(answer)
