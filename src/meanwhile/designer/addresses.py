"""Where in the designer something of a document is shown: a table, a field, a form, a page, an event, a node."""

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from meanwhile.definitions.problems import Loc

type Plain = dict[str, Any]


def address_of(key: str, loc: Loc, plain: Plain | None = None) -> str:
    """The page that shows what stands at ``loc`` of the application ``key``; its home where there is no nearer one.

    ``plain``: the document, so that a place within a tree leads to its node (``?node=``).
    """
    match loc:
        case ("tables", str(table), "fields", str(field), *_):
            found = address("designer-field", key, table, field) or address("designer-table", key, table)
        case ("tables", str(table), "events", str(event), *rest):
            found = event_address(key, f"{table}.{event}", node_at(value_at(plain, loc[:4]), rest))
        case ("tables", str(table), *_):
            found = address("designer-table", key, table)
        case ("forms", str(form), "events", str(event), *rest):
            found = event_address(key, f"form:{form}", node_at(value_at(plain, loc[:4]), rest))
        case ("forms", str(form), *_):
            found = address("designer-form", key, form)
        case ("pages", str(page), *_):
            found = address("designer-page", key, page)
        case _:
            found = ""
    return found or address("designer-application", key)


def event_address(key: str, event: str, node: str = "") -> str:
    """The page of an event's tree, with ``node`` selected; empty where there is no such page."""
    found = address("designer-event", key, event)
    return f"{found}?{urlencode({'node': node})}" if found and node else found


def address(name: str, *args: str) -> str:
    """The address of that name; empty where there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def node_at(event: Any, loc: list[str | int]) -> str:
    """The id of the innermost node that ``loc``, counted from the event, leads through; empty where it has none."""
    return str((innermost(event, loc) or {}).get("id") or "")


def innermost(event: Any, loc: list[str | int]) -> Plain | None:
    """The innermost node that ``loc``, counted from the event, leads through; None where it leads through none."""
    found, value = None, event
    for part in loc:
        if isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            value = value[part]
            found = value if isinstance(value, dict) else found
        elif isinstance(value, dict):
            value = value.get(part)
        elif not (isinstance(value, list) and part == "do"):  # an event may be its list of nodes
            break
    return found


def value_at(plain: Any, loc: Loc) -> Any:
    """What stands at ``loc``, a way through mappings; None where nothing does."""
    for part in loc:
        plain = plain.get(part) if isinstance(plain, dict) else None
    return plain
