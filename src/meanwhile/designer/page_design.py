"""The controls of a page's settings, as they stand in a document or as they were sent."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from meanwhile.definitions.document import PageDef
from meanwhile.definitions.inspection import Inspection
from meanwhile.designer.form_design import Words, page_choices, part_of, relabelled, table_choices
from meanwhile.designer.settings.choosing import Choosing, choosing_for
from meanwhile.designer.settings.controls import ChoiceControl, Control
from meanwhile.designer.settings_form import SettingsForm, settings_form

type Plain = dict[str, Any]

_CONTENT = ("kind", "table", "title", "text")
_WAITING = ("flag", "every", "too_long", "next", "done", "failed")
KINDS = [("content", _("Content page")), ("wait", _("Wait page"))]
_WORDS: Words = {
    "kind": (_("Kind of page"), _("A wait page goes on by itself when the work is done; save to see its settings.")),
    "text": (_("Text"), _("What people read; on a wait page, while they wait.")),
    "flag": (_("Done when"), _("A flag is a yes-or-no field that the tree sets when its work is done.")),
    "every": (_("How often it looks"), _("Such as 2s or 1m.")),
    "too_long": (_("Too long after"), _("After this it says that it is safe to leave. Such as 2m or 1h30m.")),
    "next": (_("Next page"), _("What people see when the work is done.")),
    "done": (_("Text when it is done"), _("For a wait page without a next page.")),
    "failed": (_("Text when it has failed"), _("Instead of ours, where you know more.")),
}


def page_design(inspection: Inspection, key: str, found: Plain, data: Mapping[str, Any] | None = None) -> SettingsForm:
    """The controls of the page ``key``; those of waiting only where it waits, or is made to."""
    choosing = choosing_for(inspection, table=_of(found, data, "table"))
    names = (*_CONTENT, *_WAITING) if _of(found, data, "kind") == "wait" else _CONTENT
    given = {name: found[name] for name in (*_CONTENT, *_WAITING) if name in found}
    controls = {name: control for name, control in _controls(inspection, choosing, key, given).items() if name in names}
    shown = {name: given[name] for name in given if name in names}
    return relabelled(settings_form(part_of(PageDef, *names), shown, choosing, data, controls=controls), _WORDS)


def _of(found: Plain, data: Mapping[str, Any] | None, name: str) -> str:
    return str((data or {}).get(name) or found.get(name) or "")


def _controls(inspection: Inspection, choosing: Choosing, key: str, given: Plain) -> dict[str, Control]:
    following = page_choices(inspection.plain, without=key)
    return {
        "kind": ChoiceControl(KINDS, present=given.get("kind", "")),
        "table": ChoiceControl(table_choices(inspection.plain), present=given.get("table", "")),
        "flag": ChoiceControl(_flags(choosing), present=given.get("flag", ""), empty=_("All background work is done")),
        "next": ChoiceControl(following, present=given.get("next", ""), empty=_("None: it stays on this page")),
    }


def _flags(choosing: Choosing) -> list[tuple[str, str]]:
    """The yes-or-no fields of the table."""
    return [(key, _("“%(label)s” is yes") % {"label": label}) for key, label in choosing.choices("boolean_field", {})]
