"""The list of applications, and one application at a glance."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meanwhile.definitions import drafts
from meanwhile.definitions.comparing import Difference, differences
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.inspection import Inspection
from meanwhile.designer import glance
from meanwhile.designer.access import designers_only
from meanwhile.designer.addresses import address_of, event_address
from meanwhile.designer.context import around
from meanwhile.designer.drawing import NARROW, WIDE, Drawing, draw
from meanwhile.designer.flow import Flow, flow_of
from meanwhile.designer.settings.choosing import choosing_for
from meanwhile.designer.tree_words import title_of_node

# More drawings than this on one page show nothing any more.
_DRAWN = 10


@require_safe
@designers_only
def index(request: HttpRequest) -> HttpResponse:
    """Every application, published or not, and the ways to start one."""
    applications = [around(request, drafts.working(key)) for key in drafts.application_keys()]
    return render(request, "meanwhile/designer/index.html", {"applications": applications})


@require_safe
@designers_only
def home(request: HttpRequest, key: str) -> HttpResponse:
    """One application: its tables, forms, pages and events, what differs from what is published, and what is wrong."""
    working = drafts.working(key)
    return render(
        request,
        "meanwhile/designer/application.html",
        {
            **around(request, working),
            "tables": glance.tables(working),
            "forms": glance.forms(working),
            "pages": glance.pages(working),
            "events": glance.events(working),
            "drawings": list(drawings(working.inspection)),
            "changes": changes(working),
        },
    )


def changes(working: Working) -> list[tuple[Difference, str]]:
    """What publishing would change, each with the page that shows it; nothing for what was never published."""
    if working.published is None or working.draft is None:
        return []
    found = differences(working.published.document, working.document)
    return [(each, "" if each.how == "removed" else _place(working, each)) for each in found]


def _place(working: Working, difference: Difference) -> str:
    if difference.node and difference.what == "node":
        return _event_page(working.key, difference)
    return address_of(working.key, difference.loc, working.document)


def _event_page(key: str, difference: Difference) -> str:
    section, owner, _events, event = map(str, difference.loc)
    return event_address(key, f"form:{owner}" if section == "forms" else f"{owner}.{event}", difference.node)


def drawings(inspection: Inspection) -> Iterator[tuple[Flow, Drawing, Drawing]]:
    """How a submission of each form flows, drawn for wide and for narrow screens."""
    forms = inspection.plain.get("forms")
    for key in list(forms)[:_DRAWN] if isinstance(forms, dict) else []:
        flow = flow_of(inspection.plain, key, _saying(inspection, key))
        yield flow, draw(flow, WIDE), draw(flow, NARROW)


def _saying(inspection: Inspection, form: str) -> Any:
    choosing = choosing_for(inspection, f"form:{form}")
    return lambda node: title_of_node(node, choosing)
