"""The mends that checks offer, carried out: each puts one thing right and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.definitions.editing import tree
from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.editing.tree import Found, Plain, Spot
from meanwhile.definitions.problems import Loc, Mend


def mend(plain: Plain, chosen: Mend) -> Plain:
    """``plain`` with ``chosen`` done. EditRefused where the place is no longer what it was."""
    return _MENDS[chosen.name](plain, chosen.loc, chosen.value)


def event_of(loc: Loc) -> str:
    """The event in whose tree ``loc`` stands: ``booking.record_update`` or ``form:book``."""
    section, owner, _events, event = loc[:4]
    return f"form:{owner}" if section == "forms" else f"{owner}.{event}"


def node_at(plain: Plain, loc: Loc) -> Found:
    """The node at ``loc``. EditRefused where none is there any more, or one that has no id."""
    event, way = event_of(loc), loc[5:] if loc[4:5] == ("do",) else loc[4:]
    nodes: Any = tree.roots(plain, event)
    for part in way[:-1]:
        nodes = _inner(nodes, part)
    node = _inner(nodes, way[-1])
    if not isinstance(node, dict) or not node.get("id"):
        raise _gone()
    return tree.find(plain, event, node["id"])


def _inner(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        raise _gone() from None


def _gone() -> EditRefused:
    return EditRefused(_("What was to be mended is not there any more."))


# --- the mends -------------------------------------------------------------------------------------------------------


def _into_background(plain: Plain, loc: Loc, value: str) -> Plain:
    id_ = node_at(plain, loc).node["id"]
    return tree.wrap(plain, event_of(loc), id_, "background", following=value == "following")[0]


def _remove(plain: Plain, loc: Loc, value: str) -> Plain:
    return tree.remove(plain, event_of(loc), node_at(plain, loc).node["id"])


def _switch_off(plain: Plain, loc: Loc, value: str) -> Plain:
    return tree.set_disabled(plain, event_of(loc), node_at(plain, loc).node["id"], True)


def _set_flag(plain: Plain, loc: Loc, value: str) -> Plain:
    """The flag, set as the last thing of the last background branch."""
    event = event_of(loc)
    node = {**tree.new_node("update_field"), "update_field": {"field": value, "value": True}}
    return tree.insert(plain, event, Spot(_last_lane(plain, event)), node)


def _flag_last(plain: Plain, loc: Loc, value: str) -> Plain:
    """What sets the flag, moved to the end of its branch; out of the synchronous part to the end of the last branch."""
    event, found = event_of(loc), node_at(plain, loc)
    around = next((node["id"] for node in found.above if tree.kind(node) == "execution"), "")
    return tree.move(plain, event, found.node["id"], Spot(around or _last_lane(plain, event)))


def _reset_flag(plain: Plain, loc: Loc, value: str) -> Plain:
    node = {**tree.new_node("update_field"), "update_field": {"field": value, "value": False}}
    return tree.insert(plain, event_of(loc), Spot(index=0), node)


def _last_lane(plain: Plain, event: str) -> str:
    """The last outermost Background or Delay that is walked."""
    lanes = [
        found.node["id"]
        for found in tree.walk(tree.roots(plain, event))
        if tree.kind(found.node) == "execution"
        and not any(tree.kind(node) == "execution" for node in found.above)
        and not any(node.get("disabled") for node in (*found.above, found.node))
    ]
    if not lanes:
        raise EditRefused(_("There is no Background in this tree any more."))
    return str(lanes[-1])


def _no_flag(plain: Plain, loc: Loc, value: str) -> Plain:
    return _changed(plain, loc, lambda page: {key: kept for key, kept in page.items() if key != "flag"})


def _wait_page(plain: Plain, loc: Loc, value: str) -> Plain:
    """A wait page between the form and the page that it leads to now; it waits for all background work."""
    form = plain["forms"][loc[1]]
    key = _free(f"{loc[1]}_waiting", plain.get("pages") or {})
    page = {
        "kind": "wait",
        "table": form["table"],
        "title": _("One moment"),
        "text": _("We are working on it. This page goes on by itself."),
        **({"next": form["next"]} if form.get("next") else {}),
    }
    pages = {**(plain.get("pages") or {}), key: page}
    return _changed({**plain, "pages": pages}, loc, lambda old: {**old, "next": key})


def _free(wanted: str, taken: Mapping[str, Any]) -> str:
    key, number = wanted[:36], 2
    while key in taken:
        key, number = f"{wanted[:36]}{number}", number + 1
    return key


def _use_word(plain: Plain, loc: Loc, value: str) -> Plain:
    return _changed(plain, loc, lambda _old: value)


def _changed(plain: Plain, loc: Loc, make: Callable[[Any], Any]) -> Plain:
    """A copy of the document with what is at ``loc`` made anew."""
    document: Plain = _made_anew(plain, loc, make)
    return document


def _made_anew(value: Any, loc: Loc, make: Callable[[Any], Any]) -> Any:
    if not loc:
        return make(value)
    part = loc[0]
    if isinstance(value, dict) and part in value:
        return {key: _made_anew(item, loc[1:], make) if key == part else item for key, item in value.items()}
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return [_made_anew(item, loc[1:], make) if index == part else item for index, item in enumerate(value)]
    if isinstance(value, list) and part == "do":  # an event in its short form
        return _made_anew(value, loc[1:], make)
    if isinstance(value, str) and len(loc) == 1:  # settings in their short form
        return make(value)
    raise _gone()


_MENDS: Mapping[str, Callable[[Plain, Loc, str], Plain]] = {
    "into_background": _into_background,
    "remove": _remove,
    "switch_off": _switch_off,
    "set_flag": _set_flag,
    "flag_last": _flag_last,
    "reset_flag": _reset_flag,
    "no_flag": _no_flag,
    "wait_page": _wait_page,
    "use_word": _use_word,
}
