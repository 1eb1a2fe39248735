"""What can be done with the tree, by the word that a form sends: each makes a new document and says what is selected.

``new:<type>``, ``paste``, ``duplicate``, ``cut``, ``delete``, ``enable``, ``disable``, ``up``, ``down``, ``indent``,
``outdent``, ``background``, and ``move`` with a place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.definitions.editing import tree
from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.editing.tree import Side, Spot
from meanwhile.designer.settings_form import Choosing
from meanwhile.designer.tree_words import title_of_node
from meanwhile.plugins import registry

type Plain = dict[str, Any]
type Done = tuple[Plain, str]


@dataclass
class Act:
    """Something to be done in the tree of ``event`` with what is ``selected``. ``spot``: for ``move``; ``clipboard``:
    for ``paste``. ``ended_at``, after it: what is selected then."""

    event: str
    word: str
    selected: str
    spot: Spot = field(default_factory=Spot)
    clipboard: Plain | None = None
    ended_at: str | None = None

    def label(self, plain: Plain, choosing: Choosing) -> str:
        """What it does, for undo: ``Delete “Ticket the booking”``."""
        if self.word.startswith("new:"):
            return _("Add {label}").format(label=_label_of_type(self.word.removeprefix("new:")))
        node = self.clipboard if self.word == "paste" else self._node_if_any(plain)
        title = title_of_node(node, choosing) if node else _("nothing")
        return str(_LABELS.get(self.word, "{title}")).format(title=title)

    def _node_if_any(self, plain: Plain) -> Plain | None:
        return next(
            (found.node for found in tree.walk(tree.roots(plain, self.event)) if found.node.get("id") == self.selected),
            None,
        )

    def node(self, plain: Plain) -> Plain:
        """The selected object. EditRefused, with the reason, where none is."""
        if reason := no_object(self.selected):
            raise EditRefused(reason)
        return tree.find(plain, self.event, self.selected).node

    def make(self, plain: Plain) -> Plain:
        """The document with it done. EditRefused where it makes no sense."""
        if self.word.startswith("new:"):
            made, self.ended_at = self._add(plain)
            return made
        act = self._known()
        if self.word != "paste" and (reason := no_object(self.selected)):
            raise EditRefused(reason)
        made, self.ended_at = act(self, plain)
        return made

    def _known(self) -> Callable[["Act", Plain], Done]:
        if found := _ACTS.get(self.word):
            return found
        raise EditRefused(_('There is nothing called "{word}" to do here.').format(word=self.word[:40]))

    def _add(self, plain: Plain) -> Done:
        node = tree.new_node(self.word.removeprefix("new:"))
        spot = tree.spot_for(plain, self.event, self.selected)
        return tree.insert(plain, self.event, spot, node), node["id"]

    def _paste(self, plain: Plain) -> Done:
        if self.clipboard is None:
            raise EditRefused(_("Nothing was cut or copied yet."))
        spot = tree.spot_for(plain, self.event, self.selected)
        return tree.paste(plain, self.event, spot, self.clipboard)

    def _remove(self, plain: Plain) -> Done:
        found = tree.find(plain, self.event, self.selected)
        return tree.remove(plain, self.event, self.selected), _beside(found)

    def _move(self, plain: Plain) -> Done:
        return tree.move(plain, self.event, self.selected, self.spot), self.selected

    def _enable(self, plain: Plain) -> Done:
        return tree.set_disabled(plain, self.event, self.selected, False), self.selected

    def _disable(self, plain: Plain) -> Done:
        return tree.set_disabled(plain, self.event, self.selected, True), self.selected

    def _background(self, plain: Plain) -> Done:
        return tree.wrap(plain, self.event, self.selected, "background")[0], self.selected


def _staying(change: Callable[[Plain, str, str], Plain]) -> Callable[[Act, Plain], Done]:
    return lambda act, plain: (change(plain, act.event, act.selected), act.selected)


def _beside(found: tree.Found) -> str:
    """What is selected when a node goes: the one behind it, else the one before it, else what is around it."""
    others = [node for node in found.siblings if node is not found.node]
    if others:
        return str(others[min(found.index, len(others) - 1)].get("id", ""))
    return f"{found.spot.parent}:otherwise" if found.spot.side == "otherwise" else found.spot.parent


def no_object(selected: str) -> str:
    """Why what is selected cannot be moved, copied or deleted; empty for an object."""
    if not selected:
        return _("This is the event itself.")
    return _("“Otherwise” belongs to its condition.") if ":" in selected else ""


def side_of(text: str) -> Side:
    """A side as a form names it."""
    return "otherwise" if text == "otherwise" else "do"


def _label_of_type(type_: str) -> str:
    plugin = registry.nodes.get(type_)
    return str(plugin.label) if plugin else type_[:80]


_ACTS: Mapping[str, Callable[[Act, Plain], Done]] = {
    "paste": Act._paste,
    "duplicate": lambda act, plain: tree.duplicate(plain, act.event, act.selected),
    "cut": Act._remove,
    "delete": Act._remove,
    "enable": Act._enable,
    "disable": Act._disable,
    "up": _staying(tree.up),
    "down": _staying(tree.down),
    "indent": _staying(tree.indent),
    "outdent": _staying(tree.outdent),
    "background": Act._background,
    "move": Act._move,
}

_LABELS: Mapping[str, Any] = {
    "paste": gettext_lazy("Paste “{title}”"),
    "duplicate": gettext_lazy("Duplicate “{title}”"),
    "cut": gettext_lazy("Cut “{title}”"),
    "delete": gettext_lazy("Delete “{title}”"),
    "enable": gettext_lazy("Enable “{title}”"),
    "disable": gettext_lazy("Disable “{title}”"),
    "up": gettext_lazy("Move “{title}” up"),
    "down": gettext_lazy("Move “{title}” down"),
    "indent": gettext_lazy("Indent “{title}”"),
    "outdent": gettext_lazy("Outdent “{title}”"),
    "background": gettext_lazy("Put “{title}” into a Background"),
    "move": gettext_lazy("Move “{title}”"),
}
