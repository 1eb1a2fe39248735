"""Flags of wait pages: that something sets them, when all the work is done, and makes them ready for the next time."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.races import warning
from meanwhile.definitions.checks.walks import Visit, Walk
from meanwhile.definitions.document import PageDef
from meanwhile.definitions.problems import Finding, Mend
from meanwhile.expressions import expressions_in


def findings(checked: Checked, walks: list[Walk]) -> Iterator[Finding]:
    for key, page in checked.document.pages.items():
        if page.kind == "wait" and page.flag:
            of_table = [walk for walk in walks if walk.tree.table == page.table]
            yield from _never_set(key, page, of_table)
            yield from _set_early(page, of_table)
            yield from _never_reset(checked, key, page, of_table)


def _setting(walks: list[Walk], flag: str) -> list[tuple[Walk, Visit]]:
    return [(walk, visit) for walk in walks for visit in walk.visits if flag in visit.writes and not visit.resets]


def _never_set(key: str, page: PageDef, walks: list[Walk]) -> Iterator[Finding]:
    if not _setting(walks, page.flag):
        message = _('Nothing sets the flag "{flag}"; people would wait for ever.')
        mends = [
            Mend(_("Set it at the end of the background work"), "set_flag", walk.tree.loc, page.flag)
            for walk in walks
            if any(visit.lane for visit in walk.visits)
        ]
        none = Mend(_("Wait for all background work instead"), "no_flag", ("pages", key))
        yield warning(("pages", key, "flag"), message.format(flag=page.flag), *mends[:1], none)


def _set_early(page: PageDef, walks: list[Walk]) -> Iterator[Finding]:
    for walk, visit in _setting(walks, page.flag):
        if _is_early(walk, visit):
            message = _('The flag "{flag}" is set before its work is done; move this below the rest of the work.')
            mend = Mend(_("Move it to the end of the work"), "flag_last", visit.loc)
            yield warning(visit.at, message.format(flag=page.flag), mend)


def _is_early(walk: Walk, flag: Visit) -> bool:
    """Whether work of the flag's own branch follows it, or the synchronous part sets it and there is background."""
    if not flag.lane:
        return not walk.tree.is_custom and any(visit.lane for visit in walk.visits)
    following = walk.visits[walk.visits.index(flag) + 1 :]
    return any(
        visit.node.kind == "action" and visit.lane[: len(flag.lane)] == flag.lane and not visit.excludes(flag)
        for visit in following
    )


def _never_reset(checked: Checked, key: str, page: PageDef, walks: list[Walk]) -> Iterator[Finding]:
    """Who changes a record whose flag is still true does not wait for the new work. Only where people can do that."""
    again = [walk for walk, visit in _setting(walks, page.flag) if visit.lane and not visit.is_only_for_new]
    resets = any(
        page.flag in visit.writes and visit.resets and not visit.lane for walk in walks for visit in walk.visits
    )
    if again and not resets and _can_come_again(checked, key, page):
        message = _('The flag "{flag}" is never set back; who changes a record would not wait for the new work.')
        mend = Mend(_("Set it back at the start"), "reset_flag", again[0].tree.loc, page.flag)
        yield warning(("pages", key, "flag"), message.format(flag=page.flag), mend)


def _can_come_again(checked: Checked, key: str, page: PageDef) -> bool:
    """Whether an address of a form that leads to the wait page is given out, so that its record can be changed."""
    document = checked.document
    forms = {name for name, form in document.forms.items() if form.table == page.table and form.next == key}
    texts = [*document.pages.values(), *(node.settings for tree in document.trees() for _loc, node in tree.nodes())]
    return any(forms & formula.pages for text in texts for _path, formula in expressions_in(text))
