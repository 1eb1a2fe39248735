"""The steps of a walk as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.program import CompiledNode, Program
from meanwhile.engine.dry.told import Line, Made, change
from meanwhile.engine.dry.walking import DryWalking, Noted
from meanwhile.engine.inspect import words
from meanwhile.engine.record import RecordState
from meanwhile.engine.steps import Outcome, Step
from meanwhile.tables.table import Table


def lines_of(walking: DryWalking, branch: str | None, first_depth: int, *, waits: bool) -> Iterator[Line]:
    """The lines of a walk that began below the node ``branch``, or at the top of a tree. ``first_depth``: how many
    events led to its first one. ``waits``: a person waits for its effects."""
    for step, noted in walking.told():
        node = _node(walking.program, step)
        yield _line(walking.record.table, step, noted, node, _depth(node, branch, step, first_depth), waits=waits)


def described(record: RecordState) -> str:
    """A record in a few words, such as ``Booking #7``."""
    return f"{record.table.label} #{record.id}"


def _line(table: Table, step: Step, noted: Noted, node: CompiledNode | None, depth: int, *, waits: bool) -> Line:
    changes = step.get("changes", {})
    return Line(
        node=step.get("node", ""),
        type=step.get("type", ""),
        event=step.get("event", ""),
        title=_title(step, node),
        outcome=Outcome(step["outcome"]),
        depth=depth,
        changes=tuple(change(table, key, before, after) for key, (before, after) in changes.items()),
        made=tuple(_made(record) for record in noted.made),
        request=noted.request,
        answer=noted.answer,
        note=" ".join(filter(None, [noted.note, step.get("note", "")])),
        error=step.get("error", {}).get("message", ""),
        waits=waits and noted.request is not None,
    )


def _node(program: Program, step: Mapping[str, Any]) -> CompiledNode | None:
    tree = program.trees.get(step.get("event", ""))
    return tree.by_id.get(step.get("node", "")) if tree else None


def _title(step: Step, node: CompiledNode | None) -> str:
    if node is None:
        return _("The record is gone") if step["outcome"] == Outcome.GONE else str(step.get("type", ""))
    try:
        return node.title
    except (MeanwhileError, ValueError):
        return node.name or node.type


def _depth(node: CompiledNode | None, branch: str | None, step: Step, first_depth: int) -> int:
    depth = max(int(step.get("depth", 0)) - first_depth, 0)
    while node is not None and node.parent is not None and node.parent.id != branch:
        depth, node = depth + 1, node.parent
    return depth


def _made(record: RecordState) -> Made:
    values = {key: value for key, value in record.values.items() if key in record.table.fields and value is not None}
    shown = tuple((words.field_label(record.table, key), words.shown(record.table, key, values[key])) for key in values)
    return Made(record.table.key, str(record.table.label), record.id, values, shown)
