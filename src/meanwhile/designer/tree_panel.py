"""The settings of the selected object, as a form beside the tree, with what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.definitions.editing import tree
from meanwhile.definitions.problems import Located
from meanwhile.designer.settings_form import Choosing, SettingsForm, settings_form, spelled_out
from meanwhile.designer.tree_expressions import help_for
from meanwhile.designer.tree_rows import is_saved_by_people
from meanwhile.designer.tree_seen import seen_of
from meanwhile.designer.tree_words import label_of, title_of_node
from meanwhile.pages.controls import style
from meanwhile.plugins import registry

type Plain = dict[str, Any]

# In front of the names of a node's own settings, so that "name" and "note" stay what is beside them.
PREFIX = "set"


class BesideForm(forms.Form):
    """What stands beside a node's type."""

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("What people call it; shown here and in the monitor."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("A remark for whoever works on this tree."),
    )


@dataclass(frozen=True)
class Panel:
    """What stands beside the tree. ``form`` None: there is nothing to set. ``problems``: of the selected object."""

    title: str
    sort: str = ""
    description: str = ""
    form: SettingsForm | None = None
    beside: BesideForm | None = None
    problems: list[Located] = field(default_factory=list)
    # The object as it is shown, for whoever saves it: see ``tree_saving``.
    seen: str = ""


def add_panel(request: HttpRequest, context: dict[str, Any], *, to_settings: bool) -> None:
    """Put the panel of what is selected into ``context``. ``to_settings``: its first control gets the focus."""
    selected = context["selected"]
    if not selected:
        panel = Panel(
            _("What starts this tree"), "", starts(context["event"]), problems=context["problems"].get((), [])
        )
    elif ":" in selected:
        panel = Panel(_("Otherwise"), description=_("What stands here is done where the condition does not hold."))
    else:
        found = tree.find(context["working"].document, context["event"], selected)
        panel = _panel_of_node(context, found, is_new=to_settings)
    help_ = panel.form and help_for(
        request, context["working"], context["working"].inspection, context["event"], context["choosing"], panel.form
    )
    told = help_.told if help_ else {}
    fields = [(bound, told.get(bound.name, ())) for bound in panel.form or ()]
    context |= {"panel": panel, "to_settings": to_settings, "help": help_} | _parted(panel.form, fields)
    if to_settings:
        _focus_first(panel)


# A form of more settings than these shows at first only those that are needed or were set.
_FEW = 5


def _parted(form: SettingsForm | None, fields: list[Any]) -> dict[str, Any]:
    """The fields that are seen at once, and those that are folded away: not needed, not set, nothing wrong."""
    needed = [each for each in fields if form and (each[0].field.required or each[0].name in form.given)]
    if len(fields) <= _FEW or not needed:
        return {"fields": fields, "more_fields": []}
    seen = [each for each in fields if each in needed or each[0].errors]
    return {"fields": seen, "more_fields": [each for each in fields if each not in seen]}


def starts(event: str) -> str:
    """In a sentence, when the tree of an event is walked."""
    if event.startswith("form:"):
        return _("Every time this form is submitted, after the tree of its table.")
    if is_saved_by_people(event):
        return _(
            "Every save of a record: through a form, in the record browser, or by a tree that says that it fires it."
        )
    return _("Other trees start it, with the action “Trigger event”.")


def _focus_first(panel: Panel) -> None:
    for form in (panel.form, panel.beside):
        if form is not None and form.fields:
            next(iter(form.fields.values())).widget.attrs["autofocus"] = True
            return


def _panel_of_node(context: dict[str, Any], found: tree.Found, *, is_new: bool) -> Panel:
    node, choosing = found.node, context["choosing"]
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    problems = context["problems"].get(found.path, [])
    form = node_form(node, choosing)
    if form is not None and not is_new:
        form.tell(problems, (*tree.event_loc(context["event"]), "do", *found.path, type_))
    beside = BesideForm(initial={"name": node.get("name") or "", "note": node.get("note") or ""})
    return Panel(
        title_of_node(node, choosing),
        label_of(node),
        str(plugin.description) if plugin else "",
        form and style(form),
        style(beside),
        [problem for problem in problems if problem.severity == "warning" or problem.mends],
        seen_of(node),
    )


def node_form(node: Plain, choosing: Choosing, data: Mapping[str, Any] | None = None) -> SettingsForm | None:
    """The form of a node's settings; None where its type is not installed."""
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    if plugin is None:
        return None
    return settings_form(plugin.Settings, spelled_out(plugin, node[type_]), choosing, data, PREFIX)
