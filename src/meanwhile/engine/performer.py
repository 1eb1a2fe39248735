"""What the queue calls: bring a batch of jobs to their next effects or their ends, inside its transaction.

Records are locked and read in key order, walks run in memory, writes are set-based. Nothing is kept between calls.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from meanwhile.core import clock, telemetry
from meanwhile.core.errors import MeanwhileError, MissingDefinition
from meanwhile.core.logging import about
from meanwhile.definitions.program import Program, program
from meanwhile.engine import importing, payloads, walk
from meanwhile.engine.record import RecordState
from meanwhile.engine.steps import Outcome, Step, conclude, describe, outcome_of, step
from meanwhile.engine.time_limit import TimeLeft, times_left
from meanwhile.engine.walking import Walking
from meanwhile.engine.writing import UnitOfWork, enqueue_all, write_records
from meanwhile.plugins.contracts import Action
from meanwhile.queue.jobs import Advance, Claimed, Effect, Limit, Ready
from meanwhile.tables import records
from meanwhile.tables.table import Table


class TwoVersions(MeanwhileError):
    """A batch holds jobs of one record under two versions; neither would see what the other changes."""


@dataclass(slots=True)
class Held:
    """A job in hand: ``record`` None when it is gone, ``walking`` None then too, or when its version is broken."""

    ready: Ready
    job: Claimed
    program: Program
    table: Table | None
    record: RecordState | None = None
    walking: Walking | None = None
    # Of the job's own time limit; None where it has none.
    time: TimeLeft | None = None


class EnginePerformer:
    """``queue.jobs.Performer`` for event trees. ``may_prepare`` False: stop in front of every further effect."""

    def __init__(self, *, may_prepare: bool = True) -> None:
        self._may_prepare = may_prepare

    def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
        """One Advance per job. See ``queue.jobs.Performer``."""
        telemetry.link(each.job.payload.get("trace") for each in ready)
        imports = [each for each in ready if importing.is_import(each.job)]
        held = [self._hold(each) for each in ready if not importing.is_import(each.job)]
        _read_records(held)
        left = times_left([each.job for each in held])
        for each in held:
            if each.record is not None:
                with about(**each.job.names):
                    each.walking, each.time = _start(each, each.record, careful), left.get(each.job.id)
                    _advance(each, each.walking, self._may_prepare)
        _write(held)
        # After what the walks hold in memory is written: an import may change the same records.
        return [*(self._settle(each) for each in held), *map(importing.advance, imports)]

    def _hold(self, ready: Ready) -> Held:
        version = program(ready.job.version_id or 0)
        return Held(ready, ready.job, version, version.tables.get(ready.job.payload["table"]))

    def _settle(self, held: Held) -> Advance:
        job, walking = held.job, held.walking
        if walking is None:
            return _without_walk(held)
        steps = [*job.steps[: len(job.steps) - _reopened(job)], *walking.steps]
        if walking.failure is None:
            # Nobody goes on with it: where it stands need not be written down.
            if job.cancel_requested:
                return Advance.cancelled(job.id, payload=job.payload, steps=steps, at_node=walking.at_node)
            if not walking.cursor:
                return Advance.done(job.id, payload=job.payload, steps=steps)
        return _unfinished(held, walking, payloads.moved(job.payload, walking), steps)


def _unfinished(held: Held, walking: Walking, payload: payloads.Payload, steps: list[Step]) -> Advance:
    job, at_node, progressed = held.job, walking.at_node, walking.progressed
    if walking.failure:
        return Advance.failed(
            job.id,
            payload=payload,
            steps=steps,
            at_node=walking.failure.node_id or at_node,
            error=walking.failure.error,
            progressed=progressed,
            retry_within_seconds=held.time.seconds if held.time else None,
            action=steps[-1].get("type", "") if steps else "",
        )
    if walking.pending:
        effect = effect_of(job.id, walking, job.queue, held.time.for_effect if held.time else None)
        return Advance.pending(
            job.id, payload=payload, steps=steps, at_node=at_node, effect=effect, progressed=progressed
        )
    return Advance.released(job.id, payload=payload, steps=steps, at_node=at_node, progressed=progressed)


def effect_of(job_id: int, walking: Walking, queue: str | None = None, limit: Limit | None = None) -> Effect:
    """The pending effect of a walk, to be performed after the commit."""
    pending, node = walking.pending, walk.current(walking.program.trees, walking.cursor)
    if pending is None or node is None or node.kind != "action":
        raise MissingDefinition("The walk stands at no effect.")
    plugin: Action = node.plugin
    names = {"submission": walking.origin.submission_id, "run": walking.origin.run_id, "job": job_id, "queue": queue}
    trace, node_id = walking.origin.trace or telemetry.traceparent(), node.id

    def perform() -> Any:
        with about(**names), telemetry.span("meanwhile.effect", trace, action=plugin.type, node=node_id, **names):
            return plugin.perform(pending.request, pending.key)

    return Effect(job_id, perform, timeout_seconds=plugin.timeout_seconds(node.settings), limit=limit)


def _reopened(job: Claimed) -> int:
    """How many steps at the end of the journal the walk goes on with: the effect that is under way."""
    return 1 if job.steps and "pending" in job.payload else 0


def _read_records(held: Iterable[Held]) -> None:
    """Lock and read the records of all jobs, table by table in the order of their names, each in the order of ids."""
    tables: dict[str, list[tuple[Held, Table]]] = {}
    for each in held:
        if each.table is not None:
            tables.setdefault(each.table.db_table, []).append((each, each.table))
    for _, those in sorted(tables.items()):
        _read_table(those)


def _read_table(those: Sequence[tuple[Held, Table]]) -> None:
    """Two jobs of one record, one of them out of the order, share its state; of two versions, they cannot."""
    versions: dict[int, list[tuple[Held, Table]]] = {}
    for each, table in those:
        versions.setdefault(each.program.version_id, []).append((each, table))
    if len(versions) > 1:
        _lock_together(those)
    for jobs in versions.values():
        table, ids = jobs[0][1], _ids(jobs)
        states = {id_: RecordState(table, id_, values) for id_, values in records.read(table, ids, lock=True).items()}
        for each, _table in jobs:
            each.record = states.get(each.job.payload["record"])


def _lock_together(those: Sequence[tuple[Held, Table]]) -> None:
    """The records of several versions, locked in one order of ids. Raises where a record is wanted by two of them."""
    wanted = {(each.program.version_id, each.job.payload["record"]) for each, _ in those}
    ids = _ids(those)
    if len(wanted) > len(ids):
        raise TwoVersions("Two versions work on one record; their jobs go one after the other.")
    records.read(those[0][1], ids, lock=True)


def _ids(those: Iterable[tuple[Held, Table]]) -> list[Any]:
    return sorted({each.job.payload["record"] for each, _ in those})


def _start(held: Held, record: RecordState, careful: bool) -> Walking:
    job = held.job
    origin = payloads.origin_of(job.payload, job.submission_id, job.run_id)
    if careful:
        origin = origin._replace(user_id=_living(origin.user_id))
    return Walking(
        program=held.program,
        record=record,
        cursor=payloads.cursor_of(job.payload),
        origin=origin,
        writer=UnitOfWork(held.program, origin.user_id),
        token=job.payload["token"],
        passed=job.payload["passed"],
        pending=payloads.pending_of(job.payload),
        steps=list(job.steps[len(job.steps) - _reopened(job) :]),
        attempt=job.attempt + 1,
        careful=careful,
    )


def _living(user_id: int | None) -> int | None:
    """None for a user who was deleted meanwhile: the database refuses that name, and what they started goes on in
    nobody's. Looked up only once a batch was refused."""
    return user_id if get_user_model()._base_manager.filter(pk__in=[user_id]).exists() else None


def _advance(held: Held, walking: Walking, may_prepare: bool) -> None:
    answer = held.ready.answer
    if walking.pending and answer is not None:
        if answer.error is not None:
            walking.fail_effect(answer.error, answer.seconds)
        else:
            walking.conclude(answer.value or {}, answer.seconds)
    elif walking.pending and not held.job.cancel_requested and not _is_out_of_time(held):
        walking.perform_again()
    if held.job.cancel_requested:
        if walking.failure is None:
            walking.leave_unknown()
            walking.end(Outcome.CANCELLED, "Cancelled by a person; what was done stays.")
        return
    if held.time is not None and _is_out_of_time(held):
        walking.run_out(held.time.error)
    walking.go(may_prepare=may_prepare)


def _is_out_of_time(held: Held) -> bool:
    return held.time is not None and held.time.is_over


def _write(held: Iterable[Held]) -> None:
    walkings = [each.walking for each in held if each.walking]
    states = {id(walking.record): walking.record for walking in walkings}
    users: Mapping[int, int | None] = {id(walking.record): walking.origin.user_id for walking in walkings}
    write_records(states.values(), users)
    enqueue_all(walkings)


def _without_walk(held: Held) -> Advance:
    """The record is gone, or the version has no such table."""
    job = held.job
    if held.table is None:
        error = MissingDefinition(f'This version has no table "{job.payload["table"]}".')
        return Advance.failed(
            job.id, payload=job.payload, steps=job.steps, at_node=job.at_node, error=error, progressed=False
        )
    note = "The record does not exist any more; what follows does not run."
    steps = [*_with_answer(held.ready), step(Outcome.GONE, clock.now(), note=note)]
    return Advance.done(job.id, payload=job.payload, steps=steps)


def _with_answer(ready: Ready) -> list[Step]:
    """The steps of a job whose record went, with what came of the effect that was under way."""
    steps, answer = list(ready.job.steps), ready.answer
    if not steps or steps[-1]["outcome"] != Outcome.PREPARED:
        return steps
    if answer is None:
        conclude(steps, Outcome.UNKNOWN)
    elif answer.error is not None:
        conclude(steps, outcome_of(answer.error), ms=round(answer.seconds * 1000), error=describe(answer.error))
    else:
        detail = {**steps[-1].get("detail", {}), "answer": dict(answer.value or {})}
        conclude(steps, Outcome.DONE, ms=round(answer.seconds * 1000), detail=detail)
    return steps
