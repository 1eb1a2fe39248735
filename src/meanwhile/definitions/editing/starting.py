"""The first document of an application: one table with a form, a page to wait on, and a page that says thank you.

It checks clean as it is, and everything in it works at once; what is left to do is to say what happens in the
background. The wait page names no flag yet, since nothing sets one before there is background work: it waits for all
of that. The flag field is there for whoever wants to set it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.editing.tables import key_from, why_not
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.plugins import registry

type Plain = dict[str, Any]

WAIT_PAGE, LAST_PAGE = "working", "thank_you"
# Marks of placeholders; a label with them would be read as one.
_MARKS = str.maketrans("", "", "{}")


@dataclass(frozen=True, slots=True)
class FirstField:
    """A field of the first table, as a person names it. ``type``: one of ``first_types``."""

    label: str
    type: str


def first_types() -> list[str]:
    """The field types that need no settings, so that a label and a type are enough."""
    return [word for word, type_ in registry.field_types.items() if _works_bare(type_.Settings)]


def _works_bare(settings: Any) -> bool:
    try:
        settings()
    except ValidationError:
        return False
    return True


def application_key(title: str, taken: Collection[str] = ()) -> str:
    """A key for an application of that name that is not ``taken``."""
    starts_well = title[:1].isascii() and title[:1].isalpha()
    return key_from(title if starts_well else f"app {title}", taken)


def first_keys(fields: Sequence[FirstField]) -> list[str]:
    """A key for each field, in order. A hyphen joins: ``E-mail`` becomes ``email``."""
    keys: list[str] = []
    for field in fields:
        keys.append(key_from(field.label.replace("-", ""), keys, is_field=True))
    return keys


def new_application(key: str, title: str, table: str, fields: Sequence[FirstField]) -> Plain:
    """A document of a table named ``table`` with ``fields``, all wired together. EditRefused without a field, or where
    ``key`` cannot be one."""
    if reason := why_not(key):
        raise EditRefused(reason)
    if not fields:
        raise EditRefused(_("Give the table at least one field."))
    keys = first_keys(fields)
    table_key = key_from(table)
    return {
        "application": key,
        "title": title,
        "tables": {table_key: _table(table, fields, keys)},
        "forms": {table_key: _form(table, table_key, keys)},
        "pages": _pages(table_key, fields, keys),
    }


def _table(label: str, fields: Sequence[FirstField], keys: Sequence[str]) -> Plain:
    made: Plain = {key: {"type": field.type, "label": field.label} for key, field in zip(keys, fields, strict=True)}
    if fields[0].type != "boolean":  # a box that has to be ticked is rarely meant
        made[keys[0]]["required"] = True
    flag = key_from(_("Done"), keys, is_field=True)
    made[flag] = {
        "type": "boolean",
        "label": _("Done"),
        "default": False,
        "help": _("A flag: let the event tree set it when everything in the background is done."),
    }
    return {"label": label, "fields": made, "events": {RECORD_UPDATE: []}}


def _form(title: str, table: str, keys: Sequence[str]) -> Plain:
    return {"table": table, "title": title, "fields": list(keys), "submit": _("Submit"), "next": WAIT_PAGE}


def _pages(table: str, fields: Sequence[FirstField], keys: Sequence[str]) -> Plain:
    lines = [
        f"{field.label.translate(_MARKS)}: {{{{ record.{key} }}}}" for key, field in zip(keys, fields, strict=True)
    ]
    return {
        WAIT_PAGE: {
            "kind": "wait",
            "table": table,
            "title": _("One moment"),
            "next": LAST_PAGE,
            "text": _("Thank you. We have what you sent, and are working on it."),
        },
        LAST_PAGE: {
            "kind": "content",
            "table": table,
            "title": _("Thank you"),
            "text": "\n\n".join([_("This is what we have of you:"), *lines]) + "\n",
        },
    }
