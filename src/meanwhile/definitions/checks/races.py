"""Races that a designer would rather know about: what the background writes, and who looks at it too early.

All of these are warnings. Where a custom event may be walked, in the background or not, is not known here; what it
writes is taken as written in time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.checked import Checked
from meanwhile.definitions.document import FormDef, NodeDef, TreeDef
from meanwhile.definitions.problems import Finding, Loc
from meanwhile.expressions import expressions_in
from meanwhile.plugins.contracts import Action


@dataclass(frozen=True)
class Visit:
    """A node in the order of the walk. ``lane``: the places of the execution objects around it, so that an empty one
    is the synchronous part. ``sides``: the conditions around it, each with the side that it stands on."""

    loc: Loc
    node: NodeDef
    lane: tuple[Loc, ...]
    sides: tuple[tuple[Loc, str], ...]

    @cached_property
    def writes(self) -> frozenset[str]:
        plugin = self.node.plugin
        return _safely(lambda: plugin.writes(self.node.settings)) if isinstance(plugin, Action) else frozenset()

    @cached_property
    def reads(self) -> frozenset[str]:
        named = {
            path[1]
            for _path, formula in expressions_in(self.node.settings)
            for path in formula.paths
            if path[0] == "record" and len(path) > 1
        }
        return _safely(lambda: self.node.plugin.reads(self.node.settings)) | named

    @cached_property
    def has_effect(self) -> bool:
        plugin = self.node.plugin
        if not isinstance(plugin, Action):
            return False
        try:
            return plugin.has_effect(self.node.settings)
        except MeanwhileError:
            return False

    @property
    def resets(self) -> bool:
        """Whether it writes false or nothing, so that a flag is made ready for new work."""
        return getattr(self.node.settings, "value", True) in (False, None)

    def excludes(self, other: "Visit") -> bool:
        """Whether only one of the two is ever walked: they stand on two sides of one condition."""
        sides = dict(self.sides)
        return any(sides.get(loc, side) != side for loc, side in other.sides)


def _safely(ask: Callable[[], Iterable[str]]) -> frozenset[str]:
    """What a plugin says; nothing where its settings are wrong in a way that another check reports."""
    try:
        return frozenset(ask())
    except MeanwhileError:
        return frozenset()


class Walk:
    """A tree as its visits, without what is disabled."""

    def __init__(self, tree: TreeDef) -> None:
        self.tree = tree
        self.visits = list(_visits(tree.definition.do, tree.loc, (), ()))

    def in_background(self) -> frozenset[str]:
        """The fields that are written in the background."""
        return _written(visit for visit in self.visits if visit.lane)

    def in_time(self) -> frozenset[str]:
        """The fields that are written before the next page; all of a custom event's, which may be anywhere."""
        return _written(visit for visit in self.visits if not visit.lane or self.tree.is_custom)


def _written(visits: Iterable[Visit]) -> frozenset[str]:
    return frozenset(field for visit in visits for field in visit.writes)


def _visits(
    nodes: tuple[NodeDef, ...], at: Loc, lane: tuple[Loc, ...], sides: tuple[tuple[Loc, str], ...]
) -> Iterator[Visit]:
    for position, node in enumerate(nodes):
        if node.disabled:
            continue
        loc = (*at, position)
        yield Visit(loc, node, lane, sides)
        inner = (*lane, loc) if node.kind == "execution" else lane
        for side in ("do", "otherwise"):
            beside = (*sides, (loc, side)) if node.kind == "condition" else sides
            yield from _visits(getattr(node, side), (*loc, side), inner, beside)


def findings(checked: Checked) -> Iterator[Finding]:
    walks = [Walk(tree) for tree in checked.document.trees()]
    for walk in walks:
        yield from _effects_in_front(walk)
        yield from _two_branches(walk)
        yield from _reads_too_early(checked, walk, walks)
    yield from _flags(checked, walks)
    yield from _next_pages(checked, walks)


def _warning(loc: Loc, message: str) -> Finding:
    return Finding(loc, message, severity="warning")


def _effects_in_front(walk: Walk) -> Iterator[Finding]:
    if walk.tree.is_custom:
        return
    for visit in walk.visits:
        if visit.has_effect and not visit.lane:
            message = _('People wait for "{type}" before they see the next page; put it under a Background.')
            yield _warning((*visit.loc, visit.node.type), message.format(type=visit.node.type))


def _two_branches(walk: Walk) -> Iterator[Finding]:
    seen: dict[str, list[Visit]] = {}
    for visit in walk.visits:
        for field in sorted(visit.writes) if visit.lane else ():
            if any(_race(earlier, visit) for earlier in seen.get(field, ())):
                message = _('Two branches write "{field}"; which comes last depends on when they run.')
                yield _warning((*visit.loc, visit.node.type), message.format(field=field))
            seen.setdefault(field, []).append(visit)


def _race(first: Visit, second: Visit) -> bool:
    shorter, longer = sorted((first.lane, second.lane), key=len)
    return longer[: len(shorter)] != shorter and not first.excludes(second)


def _reads_too_early(checked: Checked, walk: Walk, walks: list[Walk]) -> Iterator[Finding]:
    table = walk.tree.table
    in_time = _in_time(checked, table, walks)
    behind: set[str] = set()
    for visit in walk.visits:
        if visit.lane:
            behind |= visit.writes
        elif not walk.tree.is_custom:
            for field in sorted(visit.reads & behind - in_time):
                message = _('"{type}" reads "{field}", which only the background writes, later.')
                text = message.format(type=visit.node.type, field=field)
                yield _warning((*visit.loc, visit.node.type), text)


def _in_time(checked: Checked, table: str, walks: list[Walk]) -> frozenset[str]:
    """Fields of ``table`` that have a value before any background runs: typed in, by default, or written in front."""
    typed = {field.field for form in checked.document.forms.values() if form.table == table for field in form.fields}
    fields = checked.document.tables[table].fields if table in checked.document.tables else {}
    given = {key for key, field in fields.items() if field.settings.default is not None}
    written = (walk.in_time() for walk in walks if walk.tree.table == table)
    return frozenset(typed | given).union(*written)


def _flags(checked: Checked, walks: list[Walk]) -> Iterator[Finding]:
    for key, page in checked.document.pages.items():
        if page.kind != "wait" or not page.flag:
            continue
        of_table = [walk for walk in walks if walk.tree.table == page.table]
        setting = [(walk, visit) for walk in of_table for visit in walk.visits if _sets(visit, page.flag)]
        if not setting:
            message = _('Nothing sets the flag "{flag}"; people would wait for ever.')
            yield _warning(("pages", key, "flag"), message.format(flag=page.flag))
        for walk, visit in setting:
            if _is_early(walk, visit):
                message = _('The flag "{flag}" is set before its work is done; move this below the rest of the work.')
                yield _warning((*visit.loc, visit.node.type), message.format(flag=page.flag))


def _sets(visit: Visit, flag: str) -> bool:
    return flag in visit.writes and not visit.resets


def _is_early(walk: Walk, flag: Visit) -> bool:
    """Whether work of the flag's own branch follows it, or the synchronous part sets it and there is background."""
    if not flag.lane:
        return not walk.tree.is_custom and any(visit.lane for visit in walk.visits)
    following = walk.visits[walk.visits.index(flag) + 1 :]
    return any(
        visit.node.kind == "action" and visit.lane[: len(flag.lane)] == flag.lane and not visit.excludes(flag)
        for visit in following
    )


def _next_pages(checked: Checked, walks: list[Walk]) -> Iterator[Finding]:
    for key, form in checked.document.forms.items():
        page = checked.document.pages.get(form.next)
        if page is None:
            continue
        paths = page.text.paths if page.text else ()
        shown = {path[1] for path in paths if path[0] == "record"}
        for field in sorted(shown & _only_later(checked, key, form, walks)):
            message = _('Page "{page}" shows "{field}", which only the background writes; put a wait page in front.')
            yield _warning(("forms", key, "next"), message.format(page=form.next, field=field))


def _only_later(checked: Checked, key: str, form: FormDef, walks: list[Walk]) -> frozenset[str]:
    """The fields that only the background of a submission of this form writes."""
    own = [walk for walk in walks if walk.tree.event in (f"{form.table}.record_update", f"form:{key}")]
    later = frozenset(field for walk in own for field in walk.in_background())
    return later - _in_time(checked, form.table, walks)
