"""Keeping the settings of an object as they were sent: only what was really changed.

So two designers who set up the same object at once do not undo each other: who comes second is told, and may put theirs
on top of what the first has done.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.definitions.editing import tree
from meanwhile.designer.settings_form import Choosing, shortened
from meanwhile.designer.tree_page import unchecked_choosing
from meanwhile.designer.tree_panel import node_form
from meanwhile.designer.tree_seen import Seen, merged, of_node, read_seen
from meanwhile.designer.tree_words import title_of_node
from meanwhile.plugins import registry

type Plain = dict[str, Any]


def saved(data: Mapping[str, Any], plain: Plain, event: str, id_: str) -> tuple[str, Callable[[Plain], Plain]]:
    """The words for undo, and the change that keeps what was sent as the settings of an object. EditRefused where it is
    gone. Nothing is refused for being incomplete."""
    choosing = unchecked_choosing(plain, event)
    title = title_of_node(tree.find(plain, event, id_).node, choosing)

    def make(document: Plain) -> Plain:
        node = tree.find(document, event, id_).node
        seen, now = read_seen(data.get("seen", ""), node), of_node(node)
        return tree.configure(
            document,
            event,
            id_,
            _settings(node, seen, now, choosing, data),
            name=_text(data, "name", seen.name, now.name)[:200],
            note=_text(data, "note", seen.note, now.note),
        )

    return _("Set up “{title}”").format(title=title), make


def _settings(node: Plain, seen: Seen, now: Seen, choosing: Choosing, data: Mapping[str, Any]) -> Any:
    """What stands under the type of ``node`` afterwards; as it is written now where nothing was changed."""
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    form = node_form({type_: seen.settings}, choosing, data)
    if plugin is None or form is None:
        return node.get(type_)
    settings = merged(seen.settings, form.plain(), now.settings)
    return node[type_] if settings == now.settings else shortened(plugin, settings)


def _text(data: Mapping[str, Any], name: str, seen: str, now: str) -> str:
    sent = str(data.get(name, "")).replace("\r\n", "\n").strip()
    return now if sent == seen.strip() else sent
