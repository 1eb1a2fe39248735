"""The walk itself: the engine's own, but that effects are rehearsed and that it notes what a reader wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions.program import CompiledNode
from meanwhile.engine import steps
from meanwhile.engine.dry.answers import NOT_SAID, Answers, Fails, merged
from meanwhile.engine.dry.read_only import WritingRefused
from meanwhile.engine.record import RecordState
from meanwhile.engine.steps import Step
from meanwhile.engine.walking import Walking
from meanwhile.plugins.contracts import Context, Outcome


@dataclass
class Noted:
    """What belongs to one step beside what the journal has."""

    request: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] | None = None
    made: list[RecordState] = field(default_factory=list)
    note: str = ""


@dataclass
class DryWalking(Walking):
    """Beside ``Walking``: ``answers`` are assumed for effects; ``noted`` tells of steps by their position. ``moment``:
    when the job was due, which is when what it queues is due."""

    moment: datetime = field(default_factory=clock.now)
    answers: Answers = field(default_factory=Answers)
    # Where the writer puts the records that it makes.
    made: list[RecordState] = field(default_factory=list)
    noted: dict[int, Noted] = field(default_factory=dict)

    def rehearse(self) -> None:
        """Take in an answer of the pending effect without performing it."""
        pending, node = self._pending_node()
        if node is None or pending is None or node.kind != "action":
            raise MissingDefinition("The walk stands at no effect.")
        noted = self._noted(len(self.steps) - 1)
        noted.request = dict(pending.request)
        given = self.answers.of(node.id, pending.request)
        if isinstance(given, Fails):
            self.fail_effect(given.error(), 0.0)
            return
        noted.answer = merged(node.plugin.rehearse(node.settings, pending.request, self._context()), given)
        self.conclude(noted.answer, 0.0)

    def told(self) -> list[tuple[Step, Noted]]:
        """The steps with what was noted of them."""
        return [(step, self.noted.get(index, Noted())) for index, step in enumerate(self.steps)]

    def _noted(self, index: int) -> Noted:
        return self.noted.setdefault(index, Noted())

    def _write(self, outcome: Outcome) -> dict[str, list[Any]]:
        changes = super()._write(outcome)
        if self.made:
            # Of an effect whose answer is taken in, the step is there already; any other one comes next.
            index = len(self.steps) - (1 if self.pending else 0)
            self._noted(index).made = list(self.made)
            self.made.clear()
        return changes

    def _run(self, node: CompiledNode, context: Context) -> None:
        """An action that uses the database runs for real, as long as it only reads."""
        if not node.needs_database:
            super()._run(node, context)
            return
        given = self.answers.of(node.id, {"function": getattr(node.settings, "function", None)})
        if given is not NOT_SAID:
            self._assume(node, context, given)
            return
        try:
            with self.writer.savepoint():
                super()._run(node, context)
        except WritingRefused as refused:
            note = _("{refusal} Its answer is assumed instead.").format(refusal=refused.message)
            self._assume(node, context, NOT_SAID, note)

    def _assume(self, node: CompiledNode, context: Context, given: Any, note: str = "") -> None:
        if isinstance(given, Fails):
            raise given.error()
        request = node.plugin.prepare(node.settings, context)
        answer = merged(node.plugin.rehearse(node.settings, request, context), given)
        outcome = node.plugin.conclude(node.settings, request, answer, context)
        frame = self.cursor[-1]
        changes = self._take(node, outcome)
        self._noted(len(self.steps)).note = note
        self._noted(len(self.steps)).answer = answer
        self._journal(steps.Outcome.DONE, node, frame, changes=changes, detail=outcome.detail, note=outcome.note)
