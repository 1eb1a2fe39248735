"""Where something of a document stands, in the words that a designer reads: labels and titles, no keys."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.definitions.document import title_of
from meanwhile.definitions.inspection import Inspection
from meanwhile.definitions.problems import Loc
from meanwhile.designer.addresses import innermost, value_at
from meanwhile.designer.settings_form import choosing_for, label_of_setting
from meanwhile.designer.tree_rows import event_title
from meanwhile.designer.tree_words import title_of_node

type Plain = dict[str, Any]


def in_words(plain: Plain, loc: Loc) -> str:
    """``loc`` as ``Table Booking › Seats`` or ``When a record of “Booking” is saved › Update Status to Ticketed``."""
    return " › ".join(_words(plain, loc))


def message_in_words(message: str) -> str:
    """``message``, with the label that the settings have where it says that one of them is missing."""
    before, after = _('"{key}" is missing.').split("{key}")
    key = message.removeprefix(before).removesuffix(after)
    if not key.isidentifier() or message != f"{before}{key}{after}":
        return message
    return _("“{label}” is missing.").format(label=label_of_setting(key))


def _words(plain: Plain, loc: Loc) -> Iterator[str]:
    match loc:
        case ("tables", str(table), "fields", str(field), *_rest):
            yield _("Table {label}").format(label=_called(plain, loc[:2], table))
            yield _called(plain, loc[:4], field)
        case ("tables", str(table), "events", str(event), *rest):
            yield from _in_tree(plain, f"{table}.{event}", loc, rest)
        case ("tables", str(table), *_rest):
            yield _("Table {label}").format(label=_called(plain, loc[:2], table))
        case ("forms", str(form), "events", str(_event), *rest):
            yield from _in_tree(plain, f"form:{form}", loc, rest)
        case ("forms", str(form), *_rest):
            yield _("Form {title}").format(title=_called(plain, loc[:2], form))
        case ("pages", str(page), *_rest):
            yield _("Page {title}").format(title=_called(plain, loc[:2], page))


def _in_tree(plain: Plain, event: str, loc: Loc, rest: list[str | int]) -> Iterator[str]:
    yield event_title(plain, event)
    if node := innermost(value_at(plain, loc[:4]), rest):
        # Only labels are asked for; what is wrong with the document is known already.
        yield title_of_node(node, choosing_for(Inspection(plain, None, (), False), event))


def _called(plain: Plain, loc: Loc, key: str) -> str:
    found = value_at(plain, loc)
    given = (found.get("title") or found.get("label")) if isinstance(found, dict) else ""
    return title_of(str(given or ""), key)
