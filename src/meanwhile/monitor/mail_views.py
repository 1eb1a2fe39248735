"""The mail folder, for who tries a site without a mail server."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meanwhile.core.conf import conf
from meanwhile.core.mail_folder import read_folder, read_mail
from meanwhile.monitor.access import staff_only
from meanwhile.monitor.mailbox import clean
from meanwhile.monitor.refreshing import refreshing

# E-mails that the list shows, newest first.
NEWEST = 100


@require_safe
@staff_only
def mails(request: HttpRequest) -> HttpResponse:
    """The newest e-mails in the folder."""
    folder = conf().mail_folder
    found = read_folder(limit=NEWEST) if folder else []
    context = {"mails": found, "folder": folder, "is_full": len(found) == NEWEST, **refreshing(request)}
    return render(request, "meanwhile/monitor/mails.html", context)


@require_safe
@staff_only
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One e-mail: its text, and its HTML cleaned."""
    found = read_mail(name) if conf().mail_folder else None
    if found is None:
        raise Http404
    return render(request, "meanwhile/monitor/mail.html", {"mail": found, "html": clean(found.html)})
