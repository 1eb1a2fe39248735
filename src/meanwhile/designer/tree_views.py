"""The event tree: an event's objects as a tree, the menus for them, and the settings of the one that is selected.

Everything is an ordinary form that leads back to the page of the tree; the address says what is selected.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions import drafts
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.editing import tree
from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.editing.tree import Spot
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.designer import changing, tree_clipboard
from meanwhile.designer.access import designers_only
from meanwhile.designer.settings.choosing import table_of
from meanwhile.designer.tree_acts import Act, side_of
from meanwhile.designer.tree_expressions import asked, keep_sample
from meanwhile.designer.tree_page import tree_context, unchecked_choosing
from meanwhile.designer.tree_panel import add_panel
from meanwhile.designer.tree_saving import saved
from meanwhile.designer.tree_words import title_of_node

# In the address: the settings of what is selected get the focus.
TO_SETTINGS = "settings"


@require_safe
@designers_only
def show(request: HttpRequest, key: str, event: str) -> HttpResponse:
    """The tree, with what ``?node=`` says selected and its settings beside it."""
    working = _working(key, event)
    context = tree_context(request, working, event, _selected(working, event, request.GET.get("node", "")))
    context["here"] = _address(key, event, context["selected"])
    add_panel(request, context, to_settings=request.GET.get("focus") == TO_SETTINGS)
    return render(request, "meanwhile/designer/tree.html", context)


@require_POST
@designers_only
def change(request: HttpRequest, key: str, event: str) -> HttpResponse:
    """Do what the form says with what is selected, and back to the tree."""
    working = _working(key, event)
    act = Act(event, request.POST.get("act", ""), request.POST.get("node", ""), _spot(request))
    if act.word in ("cut", "copy") and not _copy(request, working, act):
        return _to_tree(key, event, act.selected)
    if act.word == "copy":
        return _to_tree(key, event, act.selected)
    act.clipboard = tree_clipboard.kept(request) if act.word == "paste" else None
    label = act.label(working.document, unchecked_choosing(working.document, event))
    return _carry_out(request, key, act, label, TO_SETTINGS if act.word.startswith("new:") else "")


@require_POST
@designers_only
def configure(request: HttpRequest, key: str, event: str) -> HttpResponse:
    """Keep the settings of an object as far as they are filled in, and back to the tree, which says what is missing."""
    working = _working(key, event)
    node = request.POST.get("node", "")
    try:
        label, make = saved(request.POST, working.document, event, node)
    except EditRefused as refused:
        messages.error(request, refused.message)
        return _to_tree(key, event, "")
    response = changing.change(request, key, label, make, _address(key, event, node))
    return _told(request, response, _("Saved."))


@require_POST
@designers_only
def choose_sample(request: HttpRequest, key: str, event: str) -> HttpResponse:
    """Take another record as the sample of expressions, and back to the tree, or to where the sender was."""
    working = _working(key, event)
    keep_sample(request, key, table_of(working.document, event), request.POST.get("sample", ""))
    if "here" in request.POST:
        return HttpResponseRedirect(changing.back(request, key), status=303)
    return _to_tree(key, event, request.POST.get("node", ""))


@require_POST
@designers_only
def value(request: HttpRequest, key: str, event: str) -> HttpResponse:
    """What the expression ``text`` of ``kind`` gives for the sample, or what is wrong with it, as JSON."""
    working = _working(key, event)
    told = asked(request, request.POST, working, working.inspection.document, event)
    return JsonResponse({"text": told.text, "severity": told.severity})


def _carry_out(request: HttpRequest, key: str, act: Act, label: str, focus: str) -> HttpResponse:
    def then(_working: Working) -> str:
        if act.ended_at is None:
            return _address(key, act.event, act.selected)
        return _address(key, act.event, act.ended_at, focus)

    response = changing.change(request, key, label, act.make, then)
    return response if act.ended_at is None else _told(request, response, label)


def _told(request: HttpRequest, response: HttpResponse, message: str) -> HttpResponse:
    """``response``, whose page says ``message`` where the change was made."""
    if response.status_code == 303:
        messages.success(request, message)
    return response


def _copy(request: HttpRequest, working: Working, act: Act) -> bool:
    """Put what is selected into the clipboard; whether that was possible."""
    try:
        node = act.node(working.document)
    except EditRefused as refused:
        messages.error(request, refused.message)
        return False
    title = title_of_node(node, unchecked_choosing(working.document, act.event))
    tree_clipboard.keep(request, node, title)
    if act.word == "copy":
        messages.success(request, _("Copied “{title}”. Paste it here or in any other tree.").format(title=title))
    return True


def _spot(request: HttpRequest) -> Spot:
    """Where to move to, as the form says it."""
    index = request.POST.get("index", "")
    is_number = index.isascii() and index.isdecimal() and len(index) < 7
    return Spot(
        request.POST.get("parent", ""), side_of(request.POST.get("side", "")), int(index) if is_number else None
    )


def _working(key: str, event: str) -> Working:
    """The draft. MissingDefinition where it has no such event, nor could have one."""
    working = drafts.working(key)
    section, owner, _events, name = tree.event_loc(event)
    found = (working.document.get(section) or {}).get(owner)
    if isinstance(found, dict) and (name == RECORD_UPDATE or name in (found.get("events") or {})):
        return working
    raise MissingDefinition(_('There is no event "{event}".').format(event=event[:80]), event=event)


def _selected(working: Working, event: str, given: str) -> str:
    """What is selected; the event itself where the object is gone."""
    id_, colon, _side = given.partition(":")
    for found in tree.walk(tree.roots(working.document, event)) if id_ else ():
        if found.node.get("id") == id_:
            return f"{id_}:otherwise" if colon and tree.kind(found.node) == "condition" else id_
    return ""


def _to_tree(key: str, event: str, node: str) -> HttpResponse:
    return HttpResponseRedirect(_address(key, event, node), status=303)


def _address(key: str, event: str, node: str, focus: str = "") -> str:
    query = {name: value for name, value in (("node", node), ("focus", focus)) if value}
    fragment = f"#{focus}" if focus else ""
    return reverse("designer-event", args=[key, event]) + (f"?{urlencode(query)}" if query else "") + fragment
