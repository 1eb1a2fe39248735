"""What the page of a tree shows: its rows, its menus, the sample record."""

from typing import Any

from django.http import HttpRequest

from meanwhile.definitions.drafts import Working
from meanwhile.definitions.editing import tree
from meanwhile.definitions.inspection import Inspection
from meanwhile.designer import tree_clipboard
from meanwhile.designer.context import around
from meanwhile.designer.settings_form import Choosing, choosing_for
from meanwhile.designer.tree_markup import markup
from meanwhile.designer.tree_menu import ObjectMenu, checking_of, new_entries
from meanwhile.designer.tree_rows import Rows, event_title, is_saved_by_people

type Plain = dict[str, Any]


def unchecked_choosing(plain: Plain, event: str) -> Choosing:
    """The labels of a draft, without looking at what is wrong with it."""
    return choosing_for(Inspection(plain, None, (), False), event)


def tree_context(request: HttpRequest, working: Working, event: str, selected: str) -> dict[str, Any]:
    """The context of ``designer/tree.html``, without the panel."""
    context = around(request, working)
    inspection = working.inspection
    choosing = choosing_for(inspection, event)
    rows = Rows(inspection, event, selected, choosing)
    new = new_entries(checking_of(inspection, event))
    menu = ObjectMenu(working.document, event, selected, tree_clipboard.title(request), new)
    title = event_title(working.document, event)
    _section, owner, _events, name = tree.event_loc(event)
    return context | {
        "event": event,
        "event_table": owner,
        "custom_event": "" if is_saved_by_people(event) else name,
        "event_title": title,
        "selected": selected,
        "choosing": choosing,
        "tree": markup(rows.all(), title),
        "problems": rows.problems,
        "new": new,
        "menu": menu.entries(),
    }
