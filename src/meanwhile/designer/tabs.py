"""The navigation of one application's designer: where there is a page for it, and where we are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.designer.addresses import address


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to go. ``current``: "page" on its own page, "true" on one below it, else empty."""

    label: str
    url: str
    current: str


def tabs(key: str, document: dict[str, Any], path: str) -> list[Tab]:
    """The tabs of the application ``key``, as they are on the page at ``path``."""
    home = address("designer-application", key)
    here = _section(path.removeprefix(home))
    return [
        Tab(label, url, ("page" if url == path else "true") if section == here else "")
        for section, label, url in _ways(key, home, document)
        if url
    ]


def _section(rest: str) -> str:
    """The tab that a page belongs to, by its address below the application's home."""
    first, *others = rest.split("/")
    if first.startswith("new-"):
        return f"{first.removeprefix('new-')}s"
    if first == "start":
        return ""
    return "records" if first == "tables" and "records" in others[1:2] else first


def _ways(key: str, home: str, document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    tables = document.get("tables")
    first = next(iter(tables), "") if isinstance(tables, dict) else ""
    yield "", _("Home"), home
    yield "tables", _("Tables"), f"{home}#tables"
    yield "forms", _("Forms"), f"{home}#forms"
    yield "pages", _("Pages"), f"{home}#pages"
    yield "events", _("Events"), f"{home}#events"
    yield "records", _("Records"), address("designer-records", key, first) if first else ""
    yield "dry-run", _("Dry run"), address("designer-dry-run", key)
    yield "publish", _("Publish"), address("designer-publish", key)
    yield "versions", _("Versions"), address("designer-versions", key)
