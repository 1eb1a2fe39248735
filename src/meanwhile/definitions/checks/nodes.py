"""Nodes: what their plugins say, the names in their expressions, their ids, and objects that do nothing."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.names import Naming
from meanwhile.definitions.document import NodeDef, TreeDef
from meanwhile.definitions.problems import Finding, Loc, Mend, Severity
from meanwhile.plugins.contracts import Checking, Problem


def findings(checked: Checked) -> Iterator[Finding]:
    ids: set[str] = set()
    for tree in checked.document.trees():
        for loc, node in tree.nodes():
            yield from _check_id(node, loc, ids)
            yield from _check_children(node, loc)
            if tree.table in checked.tables:
                yield from _check_settings(checked, tree, node, loc)


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
        delete = Mend(_("Delete it"), "remove", loc)
        yield Finding((*loc, node.type), message, severity="warning", at_key=True, mends=(delete,))


def _check_settings(checked: Checked, tree: TreeDef, node: NodeDef, loc: Loc) -> Iterator[Finding]:
    at = (*loc, node.type)
    yield from Naming(checked, tree.table, event=tree.definition.parameters).check(node.settings, at)
    for problem in _problems(checked, tree, node):
        severity: Severity = "warning" if problem.severity == "warning" else "error"
        yield Finding((*at, *problem.path), problem.message, problem.suggestion, severity)


def _problems(checked: Checked, tree: TreeDef, node: NodeDef) -> Iterator[Problem]:
    checking = Checking(checked.tables[tree.table], checked.tables, checked.events, checked.functions)
    try:
        yield from node.plugin.check(node.settings, checking)
    except MeanwhileError as error:
        yield Problem(error.message)
