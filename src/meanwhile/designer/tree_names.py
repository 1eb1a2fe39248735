"""The names that expressions of an event can use, with their labels, in groups: for a menu and for a list."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.document import Document, title_of
from meanwhile.definitions.keys import SYSTEM_FIELDS, USER_NAMES
from meanwhile.designer.settings_form import Choosing


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is typed, and what it is."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Names that belong together."""

    label: str
    names: tuple[Name, ...]


def names_in_scope(document: Document, table: str, choosing: Choosing, parameters: tuple[str, ...]) -> list[Group]:
    """Everything that can be named; links one step deep."""
    checked = Checked(document)
    links = _links(checked, table, choosing)
    groups = [
        Group(_("Record"), tuple(_fields("record", table, choosing))),
        *(Group(label, tuple(_fields(f"record.{key}", target, choosing))) for key, label, target in links),
        Group(_("Before this save"), tuple(_fields("old", table, choosing, with_system=False))),
        Group(_("Event"), tuple(_event(parameters))),
        Group(_("Person who saved"), tuple(Name(f"user.{name}", title_of("", name)) for name in USER_NAMES)),
        Group(_("Time and pages"), (Name("now", _("The moment it runs")), *_pages(document, table))),
    ]
    return [group for group in groups if group.names]


def _fields(prefix: str, table: str, choosing: Choosing, *, with_system: bool = True) -> Iterator[Name]:
    found = choosing.tables.get(table)
    for field in found.fields.values() if found else ():
        yield Name(f"{prefix}.{field.key}", field.label)
    for key in SYSTEM_FIELDS if with_system else ():
        yield Name(f"{prefix}.{key}", title_of("", key))


def _links(checked: Checked, table: str, choosing: Choosing) -> list[tuple[str, str, str]]:
    own = choosing.tables.get(table)
    found = [
        (key, field.label, checked.link_target(table, key))
        for key, field in (own.fields.items() if own else ())
        if table in checked.document.tables
    ]
    return [(key, label, target) for key, label, target in found if target]


def _event(parameters: tuple[str, ...]) -> Iterator[Name]:
    yield Name("event.is_new", _("Whether the record is new"))
    for name in parameters:
        yield Name(f"event.{name}", title_of("", name))


def _pages(document: Document, table: str) -> Iterator[Name]:
    titles = [(key, page.title) for key, page in document.pages.items() if page.table == table]
    titles += [(key, form.title) for key, form in document.forms.items() if form.table == table]
    for key, title in titles:
        yield Name(f'link("{key}")', _("Address of “{page}”").format(page=title_of(title, key)))
