"""Pages: what they show, and that waiting leads somewhere."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.names import ON_PAGES, Naming, missing
from meanwhile.definitions.document import PageDef
from meanwhile.definitions.problems import Finding, Loc

_WAIT_ONLY = ("flag", "every", "too_long", "next", "done", "failed")
# More often is a load and no help; less often nobody stays for.
_EVERY = (timedelta(seconds=1), timedelta(hours=1))


def findings(checked: Checked) -> Iterator[Finding]:
    for key, page in checked.document.pages.items():
        loc: Loc = ("pages", key)
        if page.table not in checked.document.tables:
            message = _('There is no table "{word}".')
            yield missing((*loc, "table"), message, page.table, checked.document.tables)
        else:
            yield from Naming(checked, page.table, ON_PAGES).check(page, loc)
        yield from _check_wait(checked, key, page, loc) if page.kind == "wait" else _check_content(page, loc)


def _check_content(page: PageDef, loc: Loc) -> Iterator[Finding]:
    for name in _WAIT_ONLY:
        if name in page.model_fields_set:
            yield Finding((*loc, name), _('Only a wait page has "{key}".').format(key=name), at_key=True)
    if page.text is None:
        yield Finding(loc, _('"text" is missing: a content page shows one.'))


def _check_wait(checked: Checked, key: str, page: PageDef, loc: Loc) -> Iterator[Finding]:
    yield from _check_flag(checked, page, (*loc, "flag"))
    yield from _check_next(checked, key, page, (*loc, "next"))
    if not _EVERY[0] <= page.every <= _EVERY[1]:
        yield Finding((*loc, "every"), _("This should be between one second and one hour."))
    elif page.too_long < page.every:
        yield Finding((*loc, "too_long"), _('This should be at least as long as "every".'))


def _check_flag(checked: Checked, page: PageDef, loc: Loc) -> Iterator[Finding]:
    table = checked.tables.get(page.table)
    if not page.flag or table is None:
        return
    field = table.fields.get(page.flag)
    if field is None:
        message = _('Table "{table}" has no field "{{word}}".').format(table=table.key)
        yield missing(loc, message, page.flag, table.fields)
    elif field.type != "boolean":
        message = _('A flag is a boolean field; "{field}" is of type {type}.')
        yield Finding(loc, message.format(field=page.flag, type=field.type))


def _check_next(checked: Checked, key: str, page: PageDef, loc: Loc) -> Iterator[Finding]:
    pages = checked.document.pages
    if not page.next:
        return
    if page.next not in pages:
        yield missing(loc, _('There is no page "{word}".'), page.next, pages)
    elif pages[page.next].table != page.table:
        yield Finding(loc, _('Page "{page}" shows records of another table.').format(page=page.next))
    elif _comes_back(checked, key):
        yield Finding(loc, _("These wait pages lead in a circle; nobody would ever arrive."))


def _comes_back(checked: Checked, key: str) -> bool:
    seen: set[str] = set()
    following = key
    while following in checked.document.pages and following not in seen:
        seen.add(following)
        following = checked.document.pages[following].next
    return following == key
