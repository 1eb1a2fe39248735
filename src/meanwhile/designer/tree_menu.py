"""The menus of the tree: what can be made and what can be done with the selected object, and why not where it cannot.

What is not possible now stays in its place, with the reason. The reasons are those with which the change itself would
be refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.editing import tree
from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.inspection import Inspection
from meanwhile.definitions.nodes import Kind, kind_of
from meanwhile.designer.settings.choosing import table_of
from meanwhile.designer.tree_acts import no_object
from meanwhile.plugins import registry
from meanwhile.plugins.contracts import Checking

type Plain = dict[str, Any]

KINDS: Mapping[Kind, Any] = {
    "condition": gettext_lazy("Condition"),
    "execution": gettext_lazy("Execution"),
    "action": gettext_lazy("Action"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a menu. ``act``: what is sent; ``reason``: why it cannot be done now; ``keys``: the same by keyboard,
    as people read it. ``entries``: a menu of its own."""

    label: str
    act: str = ""
    reason: str = ""
    keys: str = ""
    entries: Sequence["Entry"] = ()
    begins_group: bool = False


def checking_of(inspection: Inspection, event: str) -> Checking | None:
    """What new nodes of ``event`` are held against; None where the draft does not load as far as that."""
    if inspection.document is None:
        return None
    checked = Checked(inspection.document)
    table = checked.tables.get(table_of(inspection.plain, event))
    return Checking(table, checked.tables, checked.events, checked.functions) if table else None


def new_entries(checking: Checking | None) -> list[Entry]:
    """The part below New: every installed object, by its sort."""
    return [Entry(str(label), entries=list(_of_kind(kind, checking))) for kind, label in KINDS.items()]


def _of_kind(kind: Kind, checking: Checking | None) -> Iterator[Entry]:
    plugins = sorted(
        (plugin for plugin in registry.nodes.values() if kind_of(plugin) == kind), key=lambda p: str(p.label)
    )
    for plugin in plugins:
        reason = plugin.obstacle(checking) if checking else None
        yield Entry(str(plugin.label), f"new:{plugin.type}", reason or "")


class ObjectMenu:
    """The menu of what is selected: an object's id, ``<id>:otherwise``, or "" for the event."""

    def __init__(self, plain: Plain, event: str, selected: str, clipboard: str, new: Sequence[Entry]) -> None:
        self._plain = plain
        self._event = event
        self._selected = selected
        self._clipboard = clipboard
        self._new = new
        self._found = tree.find(plain, event, selected) if selected and ":" not in selected else None

    def entries(self) -> list[Entry]:
        """All of it."""
        return [
            Entry(_("New"), entries=self._new),
            self._entry(_("Cut"), "cut", "Ctrl+X", begins_group=True),
            self._entry(_("Copy"), "copy", "Ctrl+C"),
            self._paste(),
            self._entry(_("Duplicate"), "duplicate", "Ctrl+D"),
            self._switch(),
            self._moving(_("Move up"), "up", "Alt+↑", tree.up, begins_group=True),
            self._moving(_("Move down"), "down", "Alt+↓", tree.down),
            self._moving(_("Indent"), "indent", "Alt+→", tree.indent),
            self._moving(_("Outdent"), "outdent", "Alt+←", tree.outdent),
            self._background(),
            self._entry(_("Delete"), "delete", _("Del"), begins_group=True),
        ]

    @property
    def _reason(self) -> str:
        """Why nothing that is done with an object can be done."""
        return no_object(self._selected)

    def _entry(self, label: str, act: str, keys: str = "", *, begins_group: bool = False) -> Entry:
        return Entry(label, act, self._reason, keys, begins_group=begins_group)

    def _paste(self) -> Entry:
        if self._clipboard:
            return Entry(_("Paste “{title}”").format(title=self._clipboard), "paste", keys="Ctrl+V")
        return Entry(_("Paste"), "paste", _("Nothing was cut or copied yet."), "Ctrl+V")

    def _switch(self) -> Entry:
        is_disabled = bool(self._found and self._found.node.get("disabled"))
        return self._entry(_("Enable"), "enable") if is_disabled else self._entry(_("Disable"), "disable")

    def _moving(
        self, label: str, act: str, keys: str, move: Callable[[Plain, str, str], Plain], *, begins_group: bool = False
    ) -> Entry:
        return Entry(label, act, self._reason or self._refusal(move), keys, begins_group=begins_group)

    def _refusal(self, move: Callable[[Plain, str, str], Plain]) -> str:
        try:
            move(self._plain, self._event, self._selected)
        except EditRefused as refused:
            return refused.message
        return ""

    def _background(self) -> Entry:
        is_one = bool(self._found and tree.type_or_nothing(self._found.node) == "background")
        reason = self._reason or (_("It is a Background already.") if is_one else "")
        return Entry(_("Put into a Background"), "background", reason)
