"""Changes of forms: made, set up and taken out; their fields, chosen, put in order and set up.

Documents keep their short spellings: a field that the form leaves as it is stands as its key alone. Everything here
returns a new document and leaves the old one as it was.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.definitions.editing.parts import add, configure, existing, part, remove, replace
from meanwhile.definitions.editing.refused import EditRefused

type Plain = dict[str, Any]

SECTION = "forms"
# What ``configure_form`` sets; fields and events have functions of their own.
SETTINGS = ("table", "title", "description", "next", "who", "submit", "validate")


# --- forms -----------------------------------------------------------------------------------------------------------


def forms(plain: Plain) -> Plain:
    """The forms of a document, by key."""
    return part(plain, SECTION)


def form(plain: Plain, key: str) -> Plain:
    """A form. EditRefused where there is none: somebody may have deleted it."""
    return existing(plain, SECTION, key)


def add_form(plain: Plain, key: str, table: str, title: str = "", fields: Iterable[str] = ()) -> Plain:
    """A new form of ``table``, with those of its fields. EditRefused where the key is taken or cannot be one."""
    made = {"table": table, **({"title": title} if title else {}), "fields": list(fields)}
    return add(plain, SECTION, key, made)


def remove_form(plain: Plain, key: str) -> Plain:
    """Take a form out, with its event. What names it stays, and is wrong then."""
    return remove(plain, SECTION, key)


def configure_form(plain: Plain, key: str, settings: Plain) -> Plain:
    """Give a form its settings, as they stand in a document: those of ``SETTINGS`` that are not given are taken out."""
    return configure(plain, SECTION, key, settings, SETTINGS)


# --- fields ----------------------------------------------------------------------------------------------------------


def fields(plain: Plain, key: str) -> list[Plain]:
    """The fields of a form, in order, each as a mapping with its key under ``field``. What is neither is left out."""
    return [spelled_out(item) for item in _items(form(plain, key)) if _is_field(item)]


def field(plain: Plain, key: str, name: str) -> Plain:
    """A field as a mapping. EditRefused where the form has none of that name."""
    return spelled_out(_items(form(plain, key))[_index(plain, key, name)])


def spelled_out(item: Any) -> Plain:
    """A field of a form as a mapping."""
    return {"field": item} if isinstance(item, str) else dict(item)


def shortened(item: Plain) -> Any:
    """A field as documents have it: its key alone where the form changes nothing."""
    return item["field"] if set(item) == {"field"} else item


def add_field(plain: Plain, key: str, name: str) -> Plain:
    """Put a field on a form, as the last one. EditRefused where it stands there already."""
    if any(each["field"] == name for each in fields(plain, key)):
        raise EditRefused(_('The form has the field "{field}" already.').format(field=name[:80]))
    return _with_fields(plain, key, lambda items: [*items, name])


def remove_field(plain: Plain, key: str, name: str) -> Plain:
    """Take a field off a form; the table keeps it."""
    index = _index(plain, key, name)
    return _with_fields(plain, key, lambda items: [*items[:index], *items[index + 1 :]])


def configure_field(plain: Plain, key: str, name: str, settings: Plain) -> Plain:
    """What this form changes of a field: its label, help, preset, and whether it is hidden."""
    index, made = _index(plain, key, name), shortened({"field": name, **settings})
    return _with_fields(plain, key, lambda items: [*items[:index], made, *items[index + 1 :]])


def move_field(plain: Plain, key: str, name: str, index: int) -> Plain:
    """Put a field at that position, counted from 0 and without it."""
    found = _index(plain, key, name)

    def move(items: list[Any]) -> list[Any]:
        rest = [*items[:found], *items[found + 1 :]]
        at = max(0, min(index, len(rest)))
        return [*rest[:at], items[found], *rest[at:]]

    return _with_fields(plain, key, move)


def up_field(plain: Plain, key: str, name: str) -> Plain:
    """Before the field above it. EditRefused where it is the first one."""
    index = _index(plain, key, name)
    if index == 0:
        raise EditRefused(_("It is the first one already."))
    return move_field(plain, key, name, index - 1)


def down_field(plain: Plain, key: str, name: str) -> Plain:
    """Behind the field below it. EditRefused where it is the last one."""
    index = _index(plain, key, name)
    if index == len(_items(form(plain, key))) - 1:
        raise EditRefused(_("It is the last one already."))
    return move_field(plain, key, name, index + 1)


def _items(form: Plain) -> list[Any]:
    listed = form.get("fields")
    return listed if isinstance(listed, list) else []


def _is_field(item: Any) -> bool:
    return isinstance(item, str) or (isinstance(item, dict) and isinstance(item.get("field"), str))


def _index(plain: Plain, key: str, name: str) -> int:
    for index, item in enumerate(_items(form(plain, key))):
        if _is_field(item) and spelled_out(item)["field"] == name:
            return index
    raise EditRefused(_('The form has no field "{field}" any more.').format(field=name[:80]))


def _with_fields(plain: Plain, key: str, make: Callable[[list[Any]], list[Any]]) -> Plain:
    found = form(plain, key)
    return replace(plain, SECTION, key, {**found, "fields": make(_items(found))})
