"""What forms and pages of a document have in common: each stands in a section, by its key."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.editing.tables import why_not

type Plain = dict[str, Any]


def part(plain: Plain, section: str) -> Plain:
    """What stands in a section, by key."""
    found = plain.get(section)
    return found if isinstance(found, dict) else {}


def existing(plain: Plain, section: str, key: str) -> Plain:
    """One of a section. EditRefused where there is none of that key: somebody may have deleted it."""
    if key not in part(plain, section):
        words = {"forms": _('There is no form "{key}" any more.'), "pages": _('There is no page "{key}" any more.')}
        raise EditRefused(words[section].format(key=key[:80]))
    found = part(plain, section)[key]
    return found if isinstance(found, dict) else {}


def add(plain: Plain, section: str, key: str, made: Plain) -> Plain:
    """A new one, as the last. EditRefused where the key is taken or cannot be one."""
    if reason := why_not(key):
        raise EditRefused(reason)
    if key in part(plain, section):
        raise EditRefused(_('The key "{key}" is taken already; choose another one.').format(key=key))
    return {**plain, section: {**part(plain, section), key: made}}


def remove(plain: Plain, section: str, key: str) -> Plain:
    """Take one out."""
    existing(plain, section, key)
    return {**plain, section: {name: value for name, value in part(plain, section).items() if name != key}}


def replace(plain: Plain, section: str, key: str, made: Plain) -> Plain:
    """Another one at the place of the one of that key."""
    existing(plain, section, key)
    return {**plain, section: {name: made if name == key else each for name, each in part(plain, section).items()}}


def configure(plain: Plain, section: str, key: str, settings: Plain, names: Sequence[str]) -> Plain:
    """Set those of ``names`` that are given, take the others out; the rest stays. What is new stands where it is in
    the order of ``names``, before what has no place there."""
    found = existing(plain, section, key)
    given = {name: value for name, value in settings.items() if name in names}
    if set(given) <= set(found):
        made = {name: given.get(name, value) for name, value in found.items() if name in given or name not in names}
    else:
        made = {name: given[name] for name in names if name in given}
        made |= {name: value for name, value in found.items() if name not in names}
    return replace(plain, section, key, made)
