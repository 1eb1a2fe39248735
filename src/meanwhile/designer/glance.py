"""One application at a glance: its tables, forms, pages and events, as its home lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.comparing import event_label
from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.editing import tree
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.definitions.program import Program, program
from meanwhile.designer.addresses import address, event_address
from meanwhile.engine.inspect.figures import CAP, Capped

type Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TableRow:
    """``records``: None where there is no table in the database yet."""

    key: str
    label: str
    url: str
    fields: int
    model: str
    records: Capped | None
    records_url: str


@dataclass(frozen=True, slots=True)
class FormRow:
    """``following``: the page that it leads to. ``open_url``: where people fill it in; empty before it is published."""

    key: str
    label: str
    url: str
    who: str
    following: str
    open_url: str


@dataclass(frozen=True, slots=True)
class PageRow:
    key: str
    label: str
    url: str
    kind: str
    following: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """``nodes``: how many stand in its tree, ``later``: how many of them run in the background."""

    event: str
    label: str
    url: str
    nodes: int
    later: int


def tables(working: Working) -> list[TableRow]:
    """The tables of the draft, with the records that are there."""
    published = program(working.published.pk) if working.published else None
    return [
        TableRow(
            key,
            _title(table, key),
            address("designer-table", working.key, key),
            len(_mapping(table.get("fields"))),
            str(table.get("model") or ""),
            _count(published, key),
            address("designer-records", working.key, key) if published and key in published.tables else "",
        )
        for key, table in _section(working.document, "tables")
    ]


def _count(published: Program | None, key: str) -> Capped | None:
    if published is None or key not in published.tables:
        return None
    return Capped(published.tables[key].model._base_manager.all()[: CAP + 1].count())


def forms(working: Working) -> list[FormRow]:
    """The forms of the draft."""
    published = program(working.published.pk) if working.published else None
    return [
        FormRow(
            key,
            _title(form, key),
            address("designer-form", working.key, key),
            _who(form.get("who")),
            _page_title(working.document, form.get("next")),
            address("form", working.key, key) if published and key in published.forms else "",
        )
        for key, form in _section(working.document, "forms")
    ]


def _who(who: Any) -> str:
    if isinstance(who, dict):
        groups = who.get("groups")
        return _("Members of {groups}").format(groups=", ".join(map(str, groups if isinstance(groups, list) else [])))
    return _("Signed-in people") if who == "signed_in" else _("Anyone")


def pages(working: Working) -> list[PageRow]:
    """The pages of the draft."""
    return [
        PageRow(
            key,
            _title(page, key),
            address("designer-page", working.key, key),
            str(page.get("kind") or ""),
            _page_title(working.document, page.get("next")),
        )
        for key, page in _section(working.document, "pages")
    ]


def events(working: Working) -> list[EventRow]:
    """The events of the draft: of each table its record update, which is always there, and the custom ones; then those
    of forms that have one of their own."""
    return [_event(working, event) for event in _events(working.document)]


def _events(plain: Plain) -> Iterator[str]:
    for key, table in _section(plain, "tables"):
        yield f"{key}.{RECORD_UPDATE}"
        yield from (f"{key}.{event}" for event in _mapping(table.get("events")) if event != RECORD_UPDATE)
    for key, form in _section(plain, "forms"):
        if _mapping(form.get("events")):
            yield f"form:{key}"


def _event(working: Working, event: str) -> EventRow:
    found = list(tree.walk(_roots(working.document, event)))
    later = sum(any(tree.kind(above) == "execution" for above in each.above) for each in found)
    label = event_label(working.document, event)
    return EventRow(event, label, event_address(working.key, event), len(found), later)


def _roots(plain: Plain, event: str) -> list[Plain]:
    try:
        return tree.roots(plain, event)
    except (AttributeError, MeanwhileError):  # a draft may hold anything
        return []


def _section(plain: Plain, name: str) -> Iterator[tuple[str, Plain]]:
    yield from ((key, _mapping(value)) for key, value in _mapping(plain.get(name)).items())


def _page_title(plain: Plain, key: Any) -> str:
    page = _mapping(plain.get("pages")).get(key) if isinstance(key, str) and key else None
    return _title(_mapping(page), str(key)) if page is not None else ""


def _title(plain: Plain, key: str) -> str:
    return title_of(str(plain.get("title") or plain.get("label") or ""), key)


def _mapping(value: Any) -> Plain:
    return value if isinstance(value, dict) else {}
