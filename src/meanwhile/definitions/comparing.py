"""What differs between two documents, in the words of a designer: tables, fields, forms, pages, events and nodes.

Things are the same thing where they have the same key, nodes where they have the same id. Documents are plain values
and may be wrong in any way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.document import title_of
from meanwhile.definitions.editing import tree
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.definitions.nodes import read_settings
from meanwhile.definitions.problems import Loc
from meanwhile.plugins import registry

type Plain = dict[str, Any]
type What = Literal["application", "table", "field", "form", "page", "event", "node"]
type How = Literal["added", "changed", "removed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was. ``loc``: where it stands, in the later document, or stood in the earlier one.

    ``label``: what people call it. ``within``: what it belongs to; empty for what stands for itself. ``settings``: the
    words of what was changed of it. ``node``: the id of a node; its ``loc`` is that of its event.
    """

    how: How
    what: What
    label: str
    loc: Loc
    within: str = ""
    settings: tuple[str, ...] = ()
    node: str = ""

    @property
    def how_word(self) -> str:
        return {"added": _("added"), "changed": _("changed"), "removed": _("removed"), "moved": _("moved")}[self.how]

    @property
    def what_word(self) -> str:
        return {
            "application": _("Application"),
            "table": _("Table"),
            "field": _("Field"),
            "form": _("Form"),
            "page": _("Page"),
            "event": _("Event"),
            "node": _("Object"),
        }[self.what]


def differences(before: Plain, after: Plain) -> list[Difference]:
    """Everything that is in ``after`` and not the same in ``before``, and what is only in ``before``."""
    return [
        *_application(before, after),
        *_tables(before, after),
        *_owners("forms", "form", before, after),
        *_owners("pages", "page", before, after),
        *_events(before, after),
    ]


def _application(before: Plain, after: Plain) -> Iterator[Difference]:
    settings = _changed(before, after, ("tables", "forms", "pages"))
    if settings:
        label = title_of(str(after.get("title") or ""), str(after.get("application") or ""))
        yield Difference("changed", "application", label, (), settings=settings)


def _tables(before: Plain, after: Plain) -> Iterator[Difference]:
    old, new = _mapping(before.get("tables")), _mapping(after.get("tables"))
    for key, then, now in _paired(old, new):
        label = _title(now or then, key)
        yield from _whole("table", label, ("tables", key), then, now, _table_settings(then, now))
        if now is not None and then is not None:
            yield from _fields(("tables", key, "fields"), label, then, now)


def _table_settings(then: Plain | None, now: Plain | None) -> tuple[str, ...]:
    if then is None or now is None:
        return ()
    old, new = list(_mapping(then.get("fields"))), list(_mapping(now.get("fields")))
    is_reordered = [key for key in old if key in new] != [key for key in new if key in old]
    return (*_changed(then, now, ("fields", "events")), *((_("order of fields"),) if is_reordered else ()))


def _fields(loc: Loc, table: str, then: Plain, now: Plain) -> Iterator[Difference]:
    for key, old, new in _paired(_mapping(then.get("fields")), _mapping(now.get("fields"))):
        settings = _changed(old or {}, new or {})
        yield from _whole("field", _title(new or old, key), (*loc, key), old, new, settings, table)


def _owners(section: str, what: What, before: Plain, after: Plain) -> Iterator[Difference]:
    for key, then, now in _paired(_mapping(before.get(section)), _mapping(after.get(section))):
        settings = _changed(then or {}, now or {}, ("events",))
        yield from _whole(what, _title(now or then, key), (section, key), then, now, settings)


def _whole(
    what: What,
    label: str,
    loc: Loc,
    then: Plain | None,
    now: Plain | None,
    settings: tuple[str, ...],
    within: str = "",
) -> Iterator[Difference]:
    if then is None or now is None:
        yield Difference("added" if then is None else "removed", what, label, loc, within)
    elif settings:
        yield Difference("changed", what, label, loc, within, settings)


# --- events and their trees ------------------------------------------------------------------------------------------


def _events(before: Plain, after: Plain) -> Iterator[Difference]:
    """Of tables and forms that are in both; a new or a gone one is told as a whole."""
    before, after = tolerable(before), tolerable(after)
    old, new = tree.events(before), tree.events(after)
    for event in [*new, *(event for event in old if event not in new)]:
        loc: Loc = tree.event_loc(event)
        if _at(before, loc[:2]) is not None and _at(after, loc[:2]) is not None:
            then = _mapping(_at(before, loc)) if event in old else None
            now = _mapping(_at(after, loc)) if event in new else None
            label = event_label(after if event in new else before, event)
            yield from _event(event, label, then, now)
            if is_usual(event) or (then is not None and now is not None):
                yield from _nodes(event, label, before, after)


def _event(event: str, label: str, then: Plain | None, now: Plain | None) -> Iterator[Difference]:
    settings = _changed(then or {}, now or {}, ("do",))
    if (then is not None and now is not None) or not is_usual(event):
        yield from _whole("event", label, tree.event_loc(event), then, now, settings)


def is_usual(event: str) -> bool:
    """Whether it is the record update event, which every table and form has, and nobody makes or deletes."""
    return event.startswith("form:") or event.endswith(f".{RECORD_UPDATE}")


def event_label(plain: Plain, event: str) -> str:
    """``Booking: record update``, ``Booking: Send a reminder``, ``Form Book: record update``."""
    section, owner, _events, key = tree.event_loc(event)
    word = _("record update") if is_usual(event) else title_of("", key)
    name = str(_mapping(_at(plain, tree.event_loc(event))).get("label") or "") or word
    words = _("Form {owner}: {event}") if section == "forms" else "{owner}: {event}"
    return words.format(owner=_title(_mapping(_at(plain, (section, owner))), owner), event=name)


def _nodes(event: str, within: str, before: Plain, after: Plain) -> Iterator[Difference]:
    old = {found.node.get("id"): found for found in tree.walk(tree.roots(before, event))}
    new = {found.node.get("id"): found for found in tree.walk(tree.roots(after, event))}
    moved = _moved(old, new)

    def said(how: How, node: Plain, *settings: str) -> Difference:
        return Difference(
            how, "node", node_label(node), tree.event_loc(event), within, settings, str(node.get("id") or "")
        )

    for id_, now in new.items():
        if id_ not in old:
            yield said("added", now.node)
        elif settings := _node_settings(old[id_].node, now.node):
            yield said("changed", now.node, *settings)
        elif id_ in moved:
            yield said("moved", now.node)
    yield from (said("removed", then.node) for id_, then in old.items() if id_ not in new)


def _node_settings(then: Plain, now: Plain) -> tuple[str, ...]:
    type_ = tree.type_or_nothing(now)
    if type_ != tree.type_or_nothing(then):
        return (_("type"),)
    beside = _changed(then, now, ("do", "otherwise", "id", type_))
    old, new = then.get(type_), now.get(type_)
    if isinstance(old, dict) or isinstance(new, dict):
        return (*_changed(_mapping(old), _mapping(new)), *beside)
    return (*((_("settings"),) if old != new else ()), *beside)


def _moved(old: Mapping[Any, tree.Found], new: Mapping[Any, tree.Found]) -> set[Any]:
    """The nodes that stand elsewhere: below another one, or before or behind others than they did."""
    both = [id_ for id_ in new if id_ in old]
    moved = {id_ for id_ in both if _place(old[id_]) != _place(new[id_])}
    then = [id_ for id_ in old if id_ in new and id_ not in moved]
    now = [id_ for id_ in both if id_ not in moved]
    for place in dict.fromkeys(_place(new[id_]) for id_ in now):
        first = [id_ for id_ in then if _place(old[id_]) == place]
        second = [id_ for id_ in now if _place(new[id_]) == place]
        blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
        kept = {id_ for block in blocks for id_ in second[block.b : block.b + block.size]}
        moved |= {id_ for id_ in second if id_ not in kept}
    return moved


def _place(found: tree.Found) -> tuple[str, str]:
    return found.spot.parent, found.spot.side


def node_label(node: Plain) -> str:
    """What people call a node: its name, or what it does, or its sort."""
    if node.get("name"):
        return str(node["name"])
    type_ = tree.type_or_nothing(node)
    plugin = registry.nodes.get(type_)
    if plugin is None:
        return type_
    given = node[type_]
    spelled = given if isinstance(given, dict) else {plugin.shorthand: given} if plugin.shorthand and given else {}
    settings, _findings = read_settings(plugin.Settings, spelled, ())
    try:
        return str(plugin.label if settings is None else plugin.summary(settings))
    except MeanwhileError:
        return str(plugin.label)


# --- plain values ----------------------------------------------------------------------------------------------------


def _paired(old: Plain, new: Plain) -> Iterator[tuple[str, Plain | None, Plain | None]]:
    """Each key with what was and what is there; those that are gone last."""
    for key in [*new, *(key for key in old if key not in new)]:
        yield key, _mapping(old[key]) if key in old else None, _mapping(new[key]) if key in new else None


def _changed(then: Plain, now: Plain, apart: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words of the settings that are not the same."""
    keys = [key for key in dict.fromkeys([*now, *then]) if key not in apart]
    return tuple(key.replace("_", " ") for key in keys if not _same(then.get(key), now.get(key)))


def _same(then: Any, now: Any) -> bool:
    """Nothing and no value are the same; 1 and true are not."""
    empty: tuple[Any, ...] = (None, "", [], {})
    return (then in empty and now in empty) or (type(then) is type(now) and bool(then == now))


def _title(plain: Plain | None, key: str) -> str:
    found = plain or {}
    return title_of(str(found.get("title") or found.get("label") or ""), key)


def tolerable(plain: Plain) -> Plain:
    """A document whose tables and forms are mappings of mappings, so that its trees can be walked."""
    return {
        **plain,
        **{
            section: {key: _mapping(value) for key, value in _mapping(plain.get(section)).items()}
            for section in ("tables", "forms")
        },
    }


def _at(plain: Any, loc: Loc) -> Any:
    for part in loc:
        plain = plain.get(part) if isinstance(plain, dict) else None
    return plain


def _mapping(value: Any) -> Plain:
    return value if isinstance(value, dict) else {}
