"""What a person sees when something went wrong: what it is, and what to do next. Never a traceback.

The pages of a failure of the site itself (500, 503) are rendered without the request, so that they need neither the
session nor the database.
"""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from meanwhile.queue.trouble import is_trouble

RETRY_AFTER_SECONDS = 30


def database_is_unavailable(error: BaseException | None) -> bool:
    """Whether a database raised it that cannot be reached, is locked for too long, is full or only readable."""
    return error is not None and (isinstance(error, (OperationalError, InterfaceError)) or is_trouble(error))


class Refused(Exception):
    """A view's way to answer with an error page from any depth: ``error_page`` with the same words."""

    def __init__(self, status: int, title: str, text: str, **context: Any) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text
        self.context = context


def error_page(request: HttpRequest | None, status: int, title: str, text: str, **context: Any) -> HttpResponse:
    """The error page: ``title`` says what happened, ``text`` what to do. ``request`` None: needs no database."""
    context = {"status": status, "title": title, "text": text, **context}
    if request is None:
        response = HttpResponse(render_to_string("meanwhile/error.html", context), status=status)
    else:
        response = render(request, "meanwhile/error.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page of a ``Refused``."""
    return error_page(request, refused.status, refused.title, refused.text, **refused.context)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        None, 400, _("This request makes no sense here"), _("Go back, load the page again and try once more.")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request,
        403,
        _("You may not see this page"),
        _("It is for other people than the one you are signed in as. If you need it, ask the owner of this site."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request,
        404,
        _("There is no such page"),
        _("The address may be mistyped, or what it led to is no longer here."),
    )


def too_many(request: HttpRequest, wait_seconds: int, text: str) -> HttpResponse:
    """429, with the time after which another try is welcome."""
    response = error_page(request, 429, _("A little too fast"), text, wait_seconds=wait_seconds)
    response["Retry-After"] = str(wait_seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 where the reason is a database that does not answer or does not take anything."""
    if database_is_unavailable(sys.exc_info()[1]):
        return unavailable()
    return error_page(
        None,
        500,
        _("Something went wrong on our side"),
        _(
            "It is not your fault, and what you sent was not saved. Try again in a moment; if it happens again, tell"
            " the owner of this site what you did and when."
        ),
    )


def unavailable() -> HttpResponse:
    """503: nothing can be read or saved at the moment."""
    response = error_page(
        None,
        503,
        _("The site cannot reach its data"),
        _("Nothing was saved. This usually passes by itself: wait a moment and load the page again."),
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's proof of origin is missing or no longer good."""
    return error_page(
        request,
        403,
        _("Please send that once more"),
        _(
            "For your safety a form is only taken from the page that this site gave you. That page was open for too"
            " long, or your browser refused its cookie. Go back, load the page again and send it once more."
        ),
    )
