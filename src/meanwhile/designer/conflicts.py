"""Where a change meets what somebody else has done, in words: both values of the same thing, to choose from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions import drafts
from meanwhile.definitions.comparing import Difference, What, event_label, node_label, tolerable
from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Change
from meanwhile.definitions.editing import tree
from meanwhile.designer.overlapping import NODE, Clash, Edit, Place, clashes, resolved
from meanwhile.designer.settings.values import MISSING, show_value
from meanwhile.designer.settings_form import label_of_setting

type Plain = dict[str, Any]

# In a form that is sent again: the revision that its maker saw at first.
SINCE = "since"
# In front of a place; the value says which one stays.
TAKE = "take:"
THEIRS = "theirs"
# Nobody chooses from more; and more of a value is not read here.
_MOST, _LONGEST = 30, 400
_PARTS: Mapping[str, What] = {"tables": "table", "fields": "field", "forms": "form", "pages": "page", "events": "event"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting that two people have changed. ``name``: of the control; empty where there is nothing to choose, since
    mine takes the whole thing out. ``before`` None: nobody knows any more what it was."""

    about: Difference
    setting: str
    before: str | None
    theirs: str
    mine: str
    name: str
    is_theirs: bool


def edit_of(make: Change, now: Plain, seen: Plain | None) -> Edit:
    """``make`` on top of what is there now. What ``make`` raises there."""
    try:
        alone = make(seen) if seen is not None else None
    except MeanwhileError:
        seen = alone = None
    return Edit(now, make(now), seen, alone)


def choices(edit: Edit, data: Mapping[str, str]) -> list[Choice]:
    """What there is to choose from, as ``data`` chose it before."""
    chosen = taken(data)
    return [_choice(edit, clash, clash.place in chosen) for clash in clashes(edit)[:_MOST]]


def on_top(key: str, make: Change, data: Mapping[str, str]) -> Change:
    """``make``; of a form that is sent again, with what its maker did not touch, and with what they leave to others, as
    it is by then."""
    since = revision_in(data, SINCE)
    if since is None:
        return make
    seen, theirs = drafts.seen(key, since), taken(data)
    return lambda now: resolved(edit_of(make, now, seen), theirs)


def revision_in(data: Mapping[str, str], name: str) -> int | None:
    """The revision that a form says; None where it says none."""
    text = data.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def taken(data: Mapping[str, str]) -> set[Place]:
    """The places at which theirs stays."""
    return {place for name, value in data.items() if value == THEIRS for place in _place(name)}


def _place(name: str) -> Iterator[Place]:
    if not name.startswith(TAKE):
        return
    try:
        parts = json.loads(name.removeprefix(TAKE))
    except (ValueError, RecursionError):
        return
    if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
        yield tuple(parts)


def _choice(edit: Edit, clash: Clash, is_theirs: bool) -> Choice:
    return Choice(
        _about(tolerable(edit.now), clash.place),
        label_of_setting(clash.place[-1]),
        None if edit.seen is None else _words(clash.before),
        _words(clash.theirs),
        _words(clash.mine),
        "" if clash.is_gone else TAKE + json.dumps(clash.place),
        is_theirs,
    )


def _about(plain: Plain, place: Place) -> Difference:
    if place[0] == NODE:
        event, node = place[1], tree.find(plain, place[1], place[2]).node
        return Difference("changed", "node", node_label(node), tree.event_loc(event), event_label(plain, event))
    thing = place[:-1]
    if not thing:
        return Difference("changed", "application", _title(plain, str(plain.get("application") or "")), ())
    within = _title(plain["tables"][thing[1]], thing[1]) if len(thing) == 4 else ""
    owner: Any = plain
    for part in thing:
        owner = owner[part]
    return Difference("changed", _PARTS[thing[-2]], _title(owner, thing[-1]), thing, within)


def _title(thing: Any, key: str) -> str:
    found = thing if isinstance(thing, dict) else {}
    return title_of(str(found.get("title") or found.get("label") or ""), key)


def _words(value: Any) -> str:
    if value is MISSING or value in (None, "", [], {}):
        return _("(empty)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        text = ", ".join(value)
    else:
        text = value if isinstance(value, str) else show_value(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
