"""Nodes: what their plugins say, the names in their expressions, their ids, and objects that do nothing."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.checks.names import Naming
from meanwhile.definitions.document import NodeDef, TreeDef
from meanwhile.definitions.draft import Draft
from meanwhile.definitions.problems import Finding, Loc, Severity
from meanwhile.plugins.contracts import Checking, Problem


def findings(draft: Draft) -> Iterator[Finding]:
    ids: set[str] = set()
    for tree in draft.document.trees():
        for loc, node in tree.nodes():
            yield from _check_id(node, loc, ids)
            yield from _check_children(node, loc)
            if tree.table in draft.tables:
                yield from _check_settings(draft, tree, node, loc)


def _check_id(node: NodeDef, loc: Loc, ids: set[str]) -> Iterator[Finding]:
    if node.id is None:
        return
    if node.id in ids:
        message = _('The id "{id}" stands twice; remove it here, and a new one is made.')
        yield Finding((*loc, "id"), message.format(id=node.id))
    ids.add(node.id)


def _check_children(node: NodeDef, loc: Loc) -> Iterator[Finding]:
    if node.kind != "action" and not node.do and not node.otherwise:
        message = _('"{type}" has no children and does nothing.').format(type=node.type)
        yield Finding((*loc, node.type), message, severity="warning", at_key=True)


def _check_settings(draft: Draft, tree: TreeDef, node: NodeDef, loc: Loc) -> Iterator[Finding]:
    at = (*loc, node.type)
    yield from Naming(draft, tree.table, event=tree.definition.parameters).check(node.settings, at)
    for problem in _problems(draft, tree, node):
        severity: Severity = "warning" if problem.severity == "warning" else "error"
        yield Finding((*at, *problem.path), problem.message, problem.suggestion, severity)


def _problems(draft: Draft, tree: TreeDef, node: NodeDef) -> Iterator[Problem]:
    checking = Checking(draft.tables[tree.table], draft.tables, draft.events, draft.functions)
    try:
        yield from node.plugin.check(node.settings, checking)
    except MeanwhileError as error:
        yield Problem(error.message)
