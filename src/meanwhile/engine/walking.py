"""One walk in memory: from where it stands to its next effect, its end, or the action that fails.

Nothing here commits. Changes are gathered in the ``RecordState`` and in ``branches`` and ``fired``; the ``Writer`` that
is handed in does the writing that cannot wait. The same class walks the synchronous part of a submission and every job.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from meanwhile.core import clock
from meanwhile.core.conf import conf
from meanwhile.core.errors import FAILURES, MissingDefinition
from meanwhile.definitions.program import CompiledNode, Program
from meanwhile.engine import walk
from meanwhile.engine.gathered import Failure, Fired, Mark, NewBranch, Origin, Pending, Writer
from meanwhile.engine.record import RecordState
from meanwhile.engine.scope import ReadRecord, ScopeBuilder
from meanwhile.engine.steps import Outcome, Step, conclude, describe, outcome_of, step
from meanwhile.engine.tokens import linker
from meanwhile.engine.walk import NOWHERE, Cursor, Frame
from meanwhile.plugins import contracts
from meanwhile.plugins.contracts import Context


@dataclass
class Walking:
    """A walk. ``token`` and ``passed`` make the keys of its effects: the same at every attempt, new for a restart."""

    program: Program
    record: RecordState
    cursor: Cursor
    origin: Origin
    writer: Writer
    token: str
    passed: int = 0
    pending: Pending | None = None
    steps: list[Step] = field(default_factory=list)
    # What the next try of the action at which it stands is, from 1; for the journal.
    attempt: int = 1
    # A database error in a node is that node's failure, not the whole transaction's.
    careful: bool = False
    # In the synchronous part a failure undoes everything: it is raised, not kept.
    raises: bool = False
    # There the submission is written last; this writes it before its time, for an address that has to name it.
    open_submission: Callable[[], int] | None = None
    now: datetime = field(default_factory=clock.now)
    # How linked records are read; None: from the database, by the tables of the program.
    read: ReadRecord | None = None

    branches: list[NewBranch] = field(default_factory=list)
    fired: list[Fired] = field(default_factory=list)
    failure: Failure | None = None
    progressed: bool = False

    def __post_init__(self) -> None:
        self._mark: Mark | None = None
        self._scopes = ScopeBuilder(self.program, self.origin.user_id, self.now, self.read)

    # --- moving on -----------------------------------------------------------------------------------------------

    def go(self, *, may_prepare: bool = True) -> None:
        """Walk on until an effect is ``pending``, a ``failure`` is known, or the cursor is at its end.

        ``may_prepare`` False: stop in front of the next effect without preparing it.
        """
        try:
            while self.cursor and self.failure is None and self.pending is None:
                if self.record.is_deleted:
                    self.end(Outcome.GONE, "The record was deleted; what follows does not run.")
                    return
                node = self._current()
                if node is None or (not may_prepare and node.has_effect and not node.disabled):
                    return
                self._visit(node)
        finally:
            self._scopes.forget()

    def conclude(self, value: Mapping[str, Any], seconds: float) -> None:
        """Take in the answer of the pending effect."""
        pending, node = self._pending_node()
        if node is not None and pending is not None:
            # First of all the answer is kept, so that it is known even where taking it in fails.
            answer = {"answer": dict(value)} if value else {}
            conclude(self.steps, Outcome.PREPARED, ms=round(seconds * 1000), detail={**pending.request, **answer})
            self._guard(node, lambda node: self._conclude(node, pending, value))

    def fail_effect(self, error: BaseException, seconds: float) -> None:
        """The pending effect did not come back well. Where its outcome is unknown it stays prepared as it is."""
        _pending, node = self._pending_node()
        if node is None:
            return
        outcome = outcome_of(error)
        conclude(self.steps, outcome, ms=round(seconds * 1000), error=describe(error), attempt=self.attempt)
        if outcome == Outcome.FAILED:
            self.pending = None
        self.failure = Failure(node.id, error)

    def perform_again(self) -> None:
        """A takeover: the pending effect may have happened. Say so, and let it be performed with the same key."""
        pending, node = self._pending_node()
        if node is None or pending is None:
            return
        self.leave_unknown()
        self._journal(Outcome.PREPARED, node, key=pending.key, detail=pending.request, attempt=self.attempt)

    def leave_unknown(self) -> None:
        """The effect that is under way may have happened, and nobody will learn it."""
        if self.steps and self.steps[-1]["outcome"] == Outcome.PREPARED:
            conclude(self.steps, Outcome.UNKNOWN, attempt=self.attempt)

    def run_out(self, error: BaseException) -> None:
        """Fail where it stands, unless it is at its end or has failed: an effect that is prepared stays so."""
        node = self._current() if self.cursor and self.failure is None else None
        if node is not None:
            self.leave_unknown()
            self._journal(Outcome.FAILED, node, error=describe(error), attempt=self.attempt)
            self.failure = Failure(node.id, error)

    def end(self, outcome: Outcome, note: str) -> None:
        """Stop for good, with the reason in the journal."""
        self._journal(outcome, None, note=note)
        self.cursor, self.pending = walk.END, None

    @property
    def at_node(self) -> str:
        """The node at which it stands; empty at the end."""
        return self.cursor[-1].at if self.cursor else ""

    # --- one node ------------------------------------------------------------------------------------------------

    def _current(self) -> CompiledNode | None:
        try:
            node: CompiledNode | None = walk.current(self.program.trees, self.cursor)
        except MissingDefinition as error:
            self._fail(None, error)
            return None
        return node

    def _pending_node(self) -> tuple[Pending | None, CompiledNode | None]:
        return self.pending, self._current()

    def _visit(self, node: CompiledNode) -> None:
        if node.disabled:
            self._journal(Outcome.DISABLED, node)
            self._move(walk.past(self.cursor, node))
        elif self.raises:
            self._do(node)
        else:
            self._guard(node, self._do)

    def _guard(self, node: CompiledNode, work: Callable[[CompiledNode], None]) -> None:
        """Do ``work``; an error is the node's failure, and nothing of what the node did stays."""
        self._mark = None
        try:
            if self.careful or node.runs_on_database:
                self._work_in_savepoint(node, work)
            else:
                work(node)
        except DatabaseError:
            raise  # of the whole transaction; in careful mode the savepoint has turned it into one of ours
        except FAILURES as error:
            if self._mark is not None:
                self._go_back(self._mark)
            self._fail(node, error)

    def _work_in_savepoint(self, node: CompiledNode, work: Callable[[CompiledNode], None]) -> None:
        """Do what may leave something in the database that its failure has to take back."""
        self._mark = self._here()
        with self.writer.savepoint():
            work(node)
            if self.careful:
                self.writer.flush(self.record)

    def _here(self) -> Mark:
        """Where it stands, to come back to. A node that does no more than set values needs none: whatever it may raise
        is raised before anything has changed."""
        place = (self.cursor, self.passed, self.attempt, self.progressed, self.pending)
        return Mark(place, tuple(self.steps), len(self.branches), len(self.fired), self.record.snapshot())

    def _go_back(self, mark: Mark) -> None:
        self.cursor, self.passed, self.attempt, self.progressed, self.pending = mark.place
        self.steps[:] = mark.steps
        del self.branches[mark.branches :], self.fired[mark.fired :]
        self.record.restore(mark.record)

    def _fail(self, node: CompiledNode | None, error: BaseException) -> None:
        if self.raises:
            raise error
        if self.pending is not None and self.steps and self.steps[-1]["outcome"] == Outcome.PREPARED:
            # The effect is done and known to be; only taking in its answer failed. It is not performed again
            # unasked: its answer is kept in the journal.
            conclude(self.steps, Outcome.FAILED, error=describe(error), attempt=self.attempt)
        else:
            self._journal(Outcome.FAILED, node, error=describe(error), attempt=self.attempt)
        self.pending = None
        self.failure = Failure(node.id if node else self.at_node, error)

    def _do(self, node: CompiledNode) -> None:
        plugin, context = node.plugin, self._context()
        if node.has_effect:
            self._prepare(node, plugin.prepare(node.settings, context), context.key)
        elif node.kind == "action":
            self._run(node, context)
        elif node.kind == "condition":
            self._choose(node, plugin.holds(node.settings, context))
        else:
            self._put_aside(node, plugin.branch(node.settings, context))

    def _choose(self, node: CompiledNode, holds: bool) -> None:
        self._journal(Outcome.TRUE if holds else Outcome.FALSE, node)
        self._move(walk.into(self.cursor, node, "do" if holds else "otherwise"))

    def _put_aside(self, node: CompiledNode, branch: contracts.Branch) -> None:
        if branch.skipped:
            self._journal(Outcome.SKIPPED, node, note=branch.skipped)
        else:
            cursor = walk.branch_of(self.cursor, node)
            if cursor:
                self.branches.append(NewBranch(cursor, branch, node.id))
            self._journal(Outcome.QUEUED, node, detail=branch.detail)
        self._move(walk.past(self.cursor, node))

    def _prepare(self, node: CompiledNode, request: Mapping[str, Any], key: str) -> None:
        self.pending = Pending(node.id, key, request)
        self._journal(Outcome.PREPARED, node, key=key, detail=request, attempt=self.attempt)

    def _run(self, node: CompiledNode, context: Context) -> None:
        started = clock.monotonic()
        if node.needs_database:
            self.writer.flush(self.record)
        outcome = node.plugin.run(node.settings, context)
        frame = self.cursor[-1]
        changes = self._take(node, outcome)
        self._journal(
            Outcome.CALLED if outcome.call else Outcome.DONE,
            node,
            frame,
            changes=changes,
            detail=outcome.detail,
            note=outcome.note,
            ms=round((clock.monotonic() - started) * 1000),
        )

    def _conclude(self, node: CompiledNode, pending: Pending, value: Mapping[str, Any]) -> None:
        if node.kind != "action":
            raise MissingDefinition(f'Node "{node.id}" is no action in this version.', node=node.id)
        outcome = node.plugin.conclude(node.settings, pending.request, value, self._context())
        changes = self._take(node, outcome)
        detail = {**self.steps[-1].get("detail", {}), **outcome.detail}
        conclude(self.steps, Outcome.DONE, changes=changes, detail=detail, note=outcome.note)
        self.pending = None

    # --- what an action wants ------------------------------------------------------------------------------------

    def _take(self, node: CompiledNode, outcome: contracts.Outcome) -> dict[str, list[Any]]:
        """Do what ``outcome`` says and move past ``node``. Returns what changed."""
        if not (outcome.creates or outcome.deletes_record or outcome.call or outcome.fires_event):
            changes = self.record.set(outcome.values)
            self._move(walk.past(self.cursor, node))
            return changes
        self._mark = self._mark or self._here()
        before = dict(self.record.values)
        changes = self.record.set(outcome.values)
        if outcome.fires_event and changes:
            self._fire(self.record, before, is_new=False)
        with self.writer.savepoint() if outcome.creates or outcome.deletes_record else nullcontext():
            changes |= self._write(outcome)
            self._move(self._called(node, outcome.call) if outcome.call else walk.past(self.cursor, node))
        return changes

    def _write(self, outcome: contracts.Outcome) -> dict[str, list[Any]]:
        changes: dict[str, list[Any]] = {}
        for create in outcome.creates:
            changes |= self._create(create)
        if outcome.deletes_record:
            self.writer.delete(self.record)
            self.record.is_deleted = True
        return changes

    def _create(self, create: contracts.Create) -> dict[str, list[Any]]:
        self.writer.flush(self.record)
        made = self.writer.create(create.table, create.values)
        if create.fires_event:
            self._fire(made, {}, is_new=True)
        return self.record.set({create.into: made.id}) if create.into else {}

    def _fire(self, record: RecordState, old: Mapping[str, Any], *, is_new: bool) -> None:
        event = f"{record.table.key}.record_update"
        if event in self.program.trees:
            chain = walk.deeper(self.cursor[-1].chain, event, conf().event_depth)
            self.fired.append(Fired(record, old, is_new, chain))

    def _called(self, node: CompiledNode, call: contracts.Call) -> Cursor:
        event = f"{self.record.table.key}.{call.event}"
        if event not in self.program.trees:
            raise MissingDefinition(f'This version has no event "{event}".', event=event)
        return walk.call(self.program.trees[event], self.cursor, node, call.parameters, conf().event_depth)

    def _move(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.passed += 1
        self.attempt = 1
        self.progressed = True

    # --- what a node sees ----------------------------------------------------------------------------------------

    def _context(self) -> Context:
        record = self.record
        return Context(
            self._scopes.scope_of(self.cursor[-1], record, self.origin, self._identify, self._link),
            record.values,
            record.table,
            self.program.tables,
            record.id,
            self.origin.user_id,
            self.now,
            self._scopes.zone,
            f"{self.token}.{self.passed}",
        )

    def _identify(self) -> Any:
        if self.record.id is None:
            self.writer.flush(self.record)
        return self.record.id

    def _link(self, name: str) -> str:
        self._identify()
        if self.open_submission and self.origin.submission_id is None:
            self.origin = self.origin._replace(submission_id=self.open_submission())
        return linker(self.program, self.record, self.origin.submission_id)(name)

    def _journal(self, outcome: Outcome, node: CompiledNode | None, frame: Frame | None = None, **more: Any) -> None:
        event, _at, _branch, _parameters, chain = frame or (self.cursor[-1] if self.cursor else NOWHERE)
        if len(chain) > 1:
            more["depth"] = len(chain) - 1
        self.steps.append(step(outcome, clock.now(), node=node, event=event, **more))
