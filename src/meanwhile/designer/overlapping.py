"""Two changes of one draft, setting by setting: where they meet, and the draft that keeps of each what is wanted.

A *place* is a setting of a thing: of the application, a table, a field, a form, a page, an event, or an object of a
tree (by its id, wherever it stands by now). Pure. Documents are plain values and may be wrong in any way.
"""

from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from meanwhile.definitions.comparing import tolerable
from meanwhile.definitions.editing import tree
from meanwhile.designer.settings.values import MISSING
from meanwhile.designer.settings_form import shortened, spelled_out
from meanwhile.plugins import registry

type Plain = dict[str, Any]
type Place = tuple[str, ...]

NODE = "node"
# The setting that every thing has, so that one without any is known to be there.
_ITSELF = ""
# Of what stands beside the type of an object; its children are objects of their own.
_BESIDE = ("name", "note", "disabled")


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that would turn ``now`` into ``on_top``. ``seen``: what its maker saw, and ``alone`` what it makes of
    that; both None where nobody knows any more."""

    now: Plain
    on_top: Plain
    seen: Plain | None = None
    alone: Plain | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A place that others have changed and that this change would change again; values that are not there are MISSING.

    ``is_gone``: this change takes the whole thing out.
    """

    place: Place
    before: Any
    theirs: Any
    mine: Any
    is_gone: bool = False


def clashes(edit: Edit) -> list[Clash]:
    """Where ``edit`` meets what others have done since; with nobody knowing what was seen, wherever it changes what is
    there now."""
    before, now, on_top = _leaves(edit.seen), _leaves(edit.now), _leaves(edit.on_top)
    there, left, mine = _things(now), _things(on_top), _mine(edit)
    is_known = edit.seen is not None
    return [
        Clash(
            place,
            before.get(place, MISSING),
            now.get(place, MISSING),
            on_top.get(place, MISSING),
            is_gone=place[:-1] not in left,
        )
        for place in now | before | on_top
        if place[-1] != _ITSELF
        and place[:-1] in there
        and _differs(now, on_top, place)
        and (not is_known or _differs(before, now, place))
        and (place in mine if place[:-1] in left else is_known)
    ]


def resolved(edit: Edit, theirs: Collection[Place]) -> Plain:
    """``edit.on_top``, with what its maker did not touch as it is now, and what stands in the places ``theirs``."""
    now, on_top, mine = _leaves(edit.now), _leaves(edit.on_top), _mine(edit)
    things = _things(now) & _things(on_top)
    made = deepcopy(edit.on_top)
    for place in now | on_top:
        is_theirs = place in theirs or place not in mine
        if is_theirs and place[:-1] in things and _differs(now, on_top, place):
            _put(made, place, now.get(place, MISSING))
    return made


class _Everything(Collection[Place]):
    """Where nobody knows what was seen, all that is sent may be meant."""

    def __contains__(self, place: object) -> bool:
        return True

    def __iter__(self) -> Iterator[Place]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _mine(edit: Edit) -> Collection[Place]:
    """The places that the change itself changes."""
    if edit.seen is None or edit.alone is None:
        return _Everything()
    before, alone = _leaves(edit.seen), _leaves(edit.alone)
    return {place for place in before | alone if _differs(before, alone, place)}


def _differs(first: dict[Place, Any], second: dict[Place, Any], place: Place) -> bool:
    """No value and an empty one are the same to people; 1 and true are not."""
    one, other = (leaves.get(place, MISSING) for leaves in (first, second))
    empty: tuple[Any, ...] = (MISSING, None, "", [], {})
    if any(one is each or one == each for each in empty) and any(other is each or other == each for each in empty):
        return False
    return type(one) is not type(other) or bool(one != other)


# --- the places of a document -----------------------------------------------------------------------------------------


def _things(leaves: dict[Place, Any]) -> set[Place]:
    return {place[:-1] for place in leaves}


def _leaves(plain: Plain | None) -> dict[Place, Any]:
    return dict(_walk(tolerable(plain))) if plain else {}


def _walk(plain: Plain) -> Iterator[tuple[Place, Any]]:
    yield from _settings((), plain, ("tables", "forms", "pages"))
    for key, table in plain["tables"].items():
        yield from _settings(("tables", key), table, ("fields", "events"))
        for inner, apart in (("fields", ()), ("events", ("do",))):
            for name, each in _items(table.get(inner)):
                yield from _settings(("tables", key, inner, name), each, apart)
    for section in ("forms", "pages"):
        for key, part in _items(plain.get(section)):
            yield from _settings((section, key), part, ("events",))
    for event in tree.events(plain):
        for found in tree.walk(tree.roots(plain, event)):
            yield from _of_node((NODE, event, str(found.node.get("id", ""))), found.node)


def _settings(thing: Place, given: Any, apart: tuple[str, ...]) -> Iterator[tuple[Place, Any]]:
    yield (*thing, _ITSELF), True
    for key, value in _items(given):
        if key not in apart:
            yield (*thing, key), value


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _of_node(thing: Place, node: Plain) -> Iterator[tuple[Place, Any]]:
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    yield (*thing, _ITSELF), True
    yield (*thing, type_, _ITSELF), True
    for key, value in (spelled_out(plugin, node[type_]) if plugin else {}).items():
        yield (*thing, type_, key), value
    for key in _BESIDE:
        if key in node:
            yield (*thing, key), node[key]


def _put(plain: Plain, place: Place, value: Any) -> None:
    """Write into ``plain`` itself."""
    *thing, key = place
    if place[0] == NODE:
        _put_into_node(tree.find(plain, place[1], place[2]).node, place, value)
    else:
        owner: Any = plain
        for part in thing:
            owner = owner[part]
        _set(owner, key, value)


def _put_into_node(node: Plain, place: Place, value: Any) -> None:
    plugin = registry.nodes.get(type_ := tree.type_or_nothing(node))
    if plugin is None or len(place) == len((NODE, "event", "id", "beside")):
        _set(node, place[-1], value)
    else:
        settings = spelled_out(plugin, node[type_])
        _set(settings, place[-1], value)
        node[type_] = shortened(plugin, settings)


def _set(owner: Any, key: str, value: Any) -> None:
    if not isinstance(owner, dict):
        return  # an event that is a mere list of objects by now
    if value is MISSING:
        owner.pop(key, None)
    else:
        owner[key] = deepcopy(value)
