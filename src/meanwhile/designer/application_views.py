"""The list of applications, and one application at a glance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meanwhile.definitions import drafts
from meanwhile.designer.access import designers_only
from meanwhile.designer.context import around


@require_safe
@designers_only
def index(request: HttpRequest) -> HttpResponse:
    """Every application, published or not."""
    applications = [around(request, drafts.working(key)) for key in drafts.application_keys()]
    return render(request, "meanwhile/designer/index.html", {"applications": applications})


@require_safe
@designers_only
def home(request: HttpRequest, key: str) -> HttpResponse:
    """One application: its tables, forms, pages and events, and what is wrong with it."""
    return render(request, "meanwhile/designer/application.html", around(request, drafts.working(key)))
