"""Races that a designer would rather know about: what the background writes, and who looks at it too early.

All of these are warnings. Where a custom event may be walked, in the background or not, is not known here; what it
writes is taken as written in time.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.walks import Visit, Walk
from meanwhile.definitions.document import FormDef
from meanwhile.definitions.problems import Finding, Loc, Mend


def findings(checked: Checked, walks: list[Walk]) -> Iterator[Finding]:
    for walk in walks:
        yield from _effects_in_front(walk)
        yield from _two_branches(walk)
        yield from _reads_too_early(checked, walk, walks)
    yield from _next_pages(checked, walks)


def warning(loc: Loc, message: str, *mends: Mend) -> Finding:
    """Something that a designer would rather know."""
    return Finding(loc, message, severity="warning", mends=mends)


def _into_background(visit: Visit) -> Mend:
    # What follows may need what the action writes, and goes along.
    return Mend(_("Move it into a Background"), "into_background", visit.loc, "following" if visit.writes else "")


def _effects_in_front(walk: Walk) -> Iterator[Finding]:
    if walk.tree.is_custom:
        return
    for visit in walk.visits:
        if visit.has_effect and not visit.lane:
            message = _("People wait for “{title}” before they see the next page; put it under a Background.")
            yield warning(visit.at, message.format(title=visit.title), _into_background(visit))


def _two_branches(walk: Walk) -> Iterator[Finding]:
    seen: dict[str, list[Visit]] = {}
    for visit in walk.visits:
        for field in sorted(visit.writes) if visit.lane else ():
            if any(_race(earlier, visit) for earlier in seen.get(field, ())):
                message = _('Two branches write "{field}"; which comes last depends on when they run.')
                yield warning(visit.at, message.format(field=field))
            seen.setdefault(field, []).append(visit)


def _race(first: Visit, second: Visit) -> bool:
    shorter, longer = sorted((first.lane, second.lane), key=len)
    return longer[: len(shorter)] != shorter and not first.excludes(second)


def _reads_too_early(checked: Checked, walk: Walk, walks: list[Walk]) -> Iterator[Finding]:
    in_time = _in_time(checked, walk.tree.table, walks)
    behind: set[str] = set()
    for visit in walk.visits:
        if visit.lane:
            behind |= visit.writes
        elif not walk.tree.is_custom:
            for field in sorted(visit.reads & behind - in_time):
                message = _('“{title}” reads "{field}", which only the background writes, later.')
                text = message.format(title=visit.title, field=field)
                yield warning(visit.at, text, _into_background(visit))


def _in_time(checked: Checked, table: str, walks: list[Walk]) -> frozenset[str]:
    """Fields of ``table`` that have a value before any background runs: typed in, by default, or written in front."""
    typed = {field.field for form in checked.document.forms.values() if form.table == table for field in form.fields}
    fields = checked.document.tables[table].fields if table in checked.document.tables else {}
    given = {key for key, field in fields.items() if field.settings.default is not None}
    written = (walk.in_time() for walk in walks if walk.tree.table == table)
    return frozenset(typed | given).union(*written)


def _next_pages(checked: Checked, walks: list[Walk]) -> Iterator[Finding]:
    for key, form in checked.document.forms.items():
        page = checked.document.pages.get(form.next)
        if page is None:
            continue
        paths = page.text.paths if page.text else ()
        shown = {path[1] for path in paths if path[0] == "record"}
        for field in sorted(shown & _only_later(checked, key, form, walks)):
            message = _('Page "{page}" shows "{field}", which only the background writes; put a wait page in front.')
            mend = Mend(_("Put a wait page in front"), "wait_page", ("forms", key))
            yield warning(("forms", key, "next"), message.format(page=form.next, field=field), mend)


def _only_later(checked: Checked, key: str, form: FormDef, walks: list[Walk]) -> frozenset[str]:
    """The fields that only the background of a submission of this form writes."""
    own = [walk for walk in walks if walk.tree.event in (f"{form.table}.record_update", f"form:{key}")]
    later = frozenset(field for walk in own for field in walk.in_background())
    return later - _in_time(checked, form.table, walks)
