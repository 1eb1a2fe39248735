"""One turn: a batch of jobs brought forward and written, all in one transaction.

Fence, advance, settle, and where wanted claim the next batch, then commit. A batch that fails is rolled back and run
again job by job, so that one bad job fails alone. Used by the worker's loop, and by a request for its own rest.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meanwhile.core import failpoints, telemetry
from meanwhile.core.conf import conf
from meanwhile.core.errors import MeanwhileError
from meanwhile.core.logging import about
from meanwhile.queue import failures, retry, store, wake
from meanwhile.queue.database import text_of
from meanwhile.queue.jobs import Advance, Claimed, Effect, Move, Performer, Ready
from meanwhile.queue.states import State
from meanwhile.queue.store import Verdict
from meanwhile.queue.trouble import is_trouble

logger = logging.getLogger(__name__)

# Of a trace the end says what happened; one that is a recursion is cut.
_LONGEST_TRACE = 20_000
_LONGEST_MESSAGE = 4_000


class AnswerLost(MeanwhileError):
    """An effect came back well, and what came of it could not be saved. To try again would be to do it again: that is
    for a person to decide."""

    can_heal = False

    def __init__(self, node: str, error: Exception) -> None:
        super().__init__(
            _(
                'The action at node "%(node)s" was performed, and what came of it could not be saved: %(error)s'
                " Mend that first: resuming performs the action once more, with the same key."
            )
            % {"node": node, "error": error}
        )


# Claims the next batch; it is told the lines that the turn has freed.
type Claim = Callable[[Sequence[str]], list[Claimed]]


@dataclass(slots=True)
class Turned:
    """What a turn committed. ``effects`` are to be performed now, each with its job as it stands after the turn.

    ``trouble``: the database could not do it all; ``left`` is what can be turned again when it can, and nothing of it
    was written, unless its epoch says so.
    """

    effects: list[tuple[Claimed, Effect]] = field(default_factory=list)
    # None when nothing was claimed because nobody looked.
    claimed: list[Claimed] | None = None
    lost: list[Claimed] = field(default_factory=list)
    settled: dict[int, State] = field(default_factory=dict)
    left: list[Ready] = field(default_factory=list)
    trouble: BaseException | None = None

    def add(self, other: "Turned") -> None:
        self.effects += other.effects
        self.lost += other.lost
        self.settled |= other.settled


def turn(
    performer: Performer, ready: Sequence[Ready], *, claim: Claim | None = None, claims_next: bool = False
) -> Turned:
    """Turn a batch, in a transaction of its own. ``claim`` takes the next batch in the same transaction;
    ``claims_next``: the caller takes it right afterwards, so that nobody need be told of the lines that were freed.

    Raises nothing that a job or the database does: a job that fails alone is settled as failed, and what the database
    could not do is in ``Turned.left``.
    """
    if not ready:
        return Turned()
    with telemetry.span("meanwhile.turn", jobs=len(ready)):
        return _turn(performer, ready, claim, claims_next)


def _turn(performer: Performer, ready: Sequence[Ready], claim: Claim | None, claims_next: bool) -> Turned:
    try:
        return retry.on_conflict(lambda: _together(performer, ready, claim, claims_next))
    except Exception as error:
        if is_trouble(error):
            return Turned(left=list(ready), trouble=error)
        logger.debug("A batch of %s jobs failed and is run job by job: %r", len(ready), error)
    return _singly(performer, ready)


def claim_and_turn(performer: Performer, claim: Callable[[], Claimed | None]) -> Turned:
    """Claim a job, and turn it in the same transaction: a commit less until it is done.

    Where that fails, or nothing is claimed, nothing is settled, and the job is to be claimed as ever: what fails does
    so again then. Raises what the database could not do.
    """
    try:
        return retry.on_conflict(lambda: _claim_and_turn(performer, claim))
    except Exception as error:
        if is_trouble(error):
            raise
        logger.debug("A job that was turned as it was claimed failed, and is claimed first: %r", error)
        return Turned()


def _claim_and_turn(performer: Performer, claim: Callable[[], Claimed | None]) -> Turned:
    with transaction.atomic():
        job = claim()
        if job is None:
            return Turned()
        with telemetry.span("meanwhile.turn", jobs=1):
            turned = _write([job], performer.advance([Ready(job)], careful=False))
        failpoints.hit("worker.before_commit")
    failpoints.hit("worker.after_commit")
    return turned


def release(job: Claimed) -> None:
    """Give one claim up where the job stands, in a transaction of its own."""
    with transaction.atomic():
        store.release([job])


def _singly(performer: Performer, ready: Sequence[Ready]) -> Turned:
    turned = Turned()
    for index, each in enumerate(ready):
        try:
            with about(**each.job.names):
                turned.add(_alone(performer, each))
        except Exception as error:
            turned.trouble = error
            if is_trouble(error):
                turned.left += ready[index:]
                break
            logger.exception("Job %s could not even be settled as failed.", each.job.id, extra=each.job.names)
            turned.left.append(each)
    return turned


def _alone(performer: Performer, ready: Ready) -> Turned:
    try:
        return retry.on_conflict(lambda: _together(performer, [ready], None, careful=True))
    except Exception as error:
        if is_trouble(error):
            raise
        logger.debug("Job %s failed outside any of its actions: %r", ready.job.id, error)
        failure = error
    return retry.on_conflict(lambda: _fail(ready, failure))


def _together(
    performer: Performer,
    ready: Sequence[Ready],
    claim: Claim | None,
    claims_next: bool = False,
    *,
    careful: bool = False,
) -> Turned:
    with transaction.atomic():
        held = store.fence([each.job for each in ready])
        kept = [_as_fenced(each, held[each.job.hold]) for each in ready if each.job.hold in held]
        advances = performer.advance(kept, careful=careful) if kept else []
        turned = _write([each.job for each in kept], advances)
        turned.lost = [each.job for each in ready if each.job.hold not in held]
        if claim is not None:
            turned.claimed = claim(_freed([each.job for each in kept], turned))
        elif not claims_next and any(state != State.RUNNING for state in turned.settled.values()):
            wake.after_commit()  # a later job of the line may go on, and it is not ours to claim
        failpoints.hit("worker.before_commit")
    failpoints.hit("worker.after_commit")
    return turned


def _freed(jobs: Sequence[Claimed], turned: Turned) -> list[str]:
    """The lines whose next jobs may run now."""
    ended = (job for job in jobs if turned.settled[job.id] not in (State.RUNNING, State.RETRYING))
    return [job.line for job in ended if job.line is not None]


def _as_fenced(ready: Ready, cancel_requested: bool) -> Ready:
    if ready.job.cancel_requested == cancel_requested:
        return ready
    return ready._replace(job=ready.job._replace(cancel_requested=cancel_requested))


def _fail(ready: Ready, error: Exception) -> Turned:
    """Settle a job as failed where it stood before the turn. One that stands at no action has none to repeat."""
    if ready.job.at_node and ready.answer is not None and ready.answer.error is None:
        error = AnswerLost(ready.job.at_node, error)
    with transaction.atomic():
        held = store.fence([ready.job])
        kept = [_as_fenced(ready, wanted).job for wanted in held.values()]
        turned = _write(kept, [_failed_outside(job, error) for job in kept])
        turned.lost = [] if kept else [ready.job]
    return turned


def _failed_outside(job: Claimed, error: Exception) -> Advance:
    return Advance.failed(
        job.id, payload=job.payload, steps=job.steps, at_node=job.at_node, error=error, progressed=False
    )


def _write(jobs: Sequence[Claimed], advances: Sequence[Advance]) -> Turned:
    by_id = {advance.job_id: advance for advance in advances}
    if len(advances) != len(jobs) or by_id.keys() != {job.id for job in jobs}:
        raise RuntimeError("A performer has to return exactly one Advance for each job that it is given.")
    verdicts = [_verdict(job, by_id[job.id]) for job in jobs]
    store.settle(verdicts)
    turned = Turned(settled={verdict.id: verdict.state for verdict in verdicts})
    for job, verdict in zip(jobs, verdicts, strict=True):
        effect = by_id[job.id].effect
        if effect is not None and verdict.state == State.RUNNING:
            turned.effects.append((_after(job, verdict), effect))
        if verdict.error is not None:
            # What is rolled back is tried again, and has not failed.
            transaction.on_commit(partial(failures.tell, job, verdict, by_id[job.id].action), robust=True)
    return turned


_STATES = {
    Move.PENDING: State.RUNNING,
    Move.DONE: State.COMPLETED,
    Move.CANCELLED: State.CANCELLED,
    Move.RELEASED: State.AVAILABLE,
}


def _verdict(job: Claimed, advance: Advance) -> Verdict:
    """What an advance makes of a job. Once it has made a step, or failed without killing anybody, it need not run
    alone any more."""
    if advance.move == Move.FAILED:
        return _failure(job, advance)
    if advance.move == Move.PENDING and advance.effect is None:
        raise RuntimeError("A pending job needs the effect for which it waits.")
    is_cleared = advance.progressed or advance.move in (Move.DONE, Move.CANCELLED)
    return Verdict(
        id=job.id,
        epoch=job.epoch,
        state=_STATES[advance.move],
        payload=advance.payload,
        steps=advance.steps,
        at_node=advance.at_node,
        attempt=0 if advance.progressed else job.attempt,
        alone=job.alone and not is_cleared,
        deaths=0 if is_cleared else job.deaths,
    )


def _failure(job: Claimed, advance: Advance) -> Verdict:
    error = advance.error or RuntimeError("The job failed without saying why.")
    attempt = (0 if advance.progressed else job.attempt) + 1
    return Verdict(
        id=job.id,
        epoch=job.epoch,
        state=_after_failure(job, attempt, error),
        payload=advance.payload,
        steps=advance.steps,
        at_node=advance.at_node,
        attempt=attempt,
        alone=False,
        deaths=0,
        error=described(error, advance.at_node),
        delay_seconds=_pause_seconds(job, attempt, advance.retry_within_seconds),
    )


def _pause_seconds(job: Claimed, attempt: int, longest: float | None) -> float:
    seconds = retry.delay_seconds(attempt, job.backoff_seconds, conf().backoff_factor)
    return seconds if longest is None else max(0.0, min(seconds, longest))


def _after_failure(job: Claimed, attempt: int, error: BaseException) -> State:
    if job.cancel_requested:
        return State.CANCELLED
    can_heal = getattr(error, "can_heal", True) and attempt < job.max_attempts
    return State.RETRYING if can_heal else State.FAILED


def described(error: BaseException, node: str) -> dict[str, Any]:
    """An error as a job keeps it: no locals, no more than a person reads."""
    trace = "".join(traceback.format_exception(error))
    return {
        "message": text_of(str(error) or type(error).__name__)[:_LONGEST_MESSAGE],
        "type": type(error).__name__,
        "node": node,
        "trace": text_of(trace)[-_LONGEST_TRACE:],
    }


def _after(job: Claimed, verdict: Verdict) -> Claimed:
    """The job in hand as it now is in the database."""
    return job._replace(
        epoch=job.epoch + 1,
        attempt=verdict.attempt,
        alone=verdict.alone,
        deaths=verdict.deaths,
        at_node=verdict.at_node,
        payload=verdict.payload,
        steps=list(verdict.steps),
    )
