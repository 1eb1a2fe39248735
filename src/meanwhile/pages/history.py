"""Lets a form stay in the browser's history as it was opened, with its submission key.

A browser that fetches the form anew when a person goes back gets a new key, and what was sent already cannot be
recognised. It does so where the answer varies with the cookies and the first opening set one. The answer is private
to its browser anyway, so that saying so gains nothing.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_MARK = "_meanwhile_stays_in_history"


def stay_in_history(response: HttpResponse) -> HttpResponse:
    """``response``, kept by its browser for the back button and by nobody else."""
    response["Cache-Control"] = "private, no-cache"
    setattr(response, _MARK, True)
    return response


class HistoryMiddleware:
    """Has to stand before whatever says that answers vary with the cookies: sessions and the CSRF protection."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if getattr(response, _MARK, False):
            del response.headers["Vary"]
        return response
