"""``/metrics``: figures for Prometheus, for staff and for whoever has the token."""

from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from prometheus_client.exposition import choose_encoder

from meanwhile.core.conf import conf
from meanwhile.monitor.metrics import registry
from meanwhile.queue import trouble

_NOT_KEPT = {"Cache-Control": "no-store"}


@transaction.non_atomic_requests
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus's text format, or as OpenMetrics where that is asked for; 403 for everyone else.

    503 where the database does not answer, which Prometheus notes as a site that is down.
    """
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        if not (_has_token(request) or _is_staff(request)):
            # Of an exception Django would log the traceback, each time that somebody looks.
            return _told(_("Only staff may look, and programs that send the token."), 403)
        text = encode(registry())
    except Error as error:
        trouble.tell(error)
        return _told(_("The database does not answer."), 503)
    return HttpResponse(text, content_type=content_type, headers=_NOT_KEPT)


def _told(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=status, headers=_NOT_KEPT)


def _has_token(request: HttpRequest) -> bool:
    """Asked first: who has the token needs no session. Takes equally long however much of it is right."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    token = conf().metrics_token
    return bool(token) and scheme.lower() == "bearer" and constant_time_compare(given.strip(), token or "")


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff
