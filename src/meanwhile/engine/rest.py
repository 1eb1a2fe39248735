"""The rest of the synchronous part, from its first effect on: a job that the request performs itself.

It is written in the submission's transaction, before the other jobs and already claimed; after the commit the request
turns it as a worker would, until it is done or the time limit passes. Then it lets go, and any worker goes on with it.
"""

import logging
from dataclasses import dataclass

from django.db import DatabaseError

from meanwhile.core import clock, failpoints
from meanwhile.core.conf import conf
from meanwhile.core.logging import about
from meanwhile.engine import payloads
from meanwhile.engine.performer import EnginePerformer, effect_of
from meanwhile.engine.walking import Walking
from meanwhile.queue import lease, pool, retry, store, turn
from meanwhile.queue.claim_one import claim_one
from meanwhile.queue.jobs import Claimed, Effect, NewJob, Ready

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeldRest:
    """A rest that the request has claimed, with its first effect. ``deadline``: monotonic seconds."""

    job: Claimed
    effect: Effect
    lease_id: int
    deadline: float


def put_down(walking: Walking, *, performs: bool) -> HeldRest | None:
    """Write the rest of ``walking`` as a job; claim it for this request where ``performs`` and where it is its turn.

    Inside the submission's transaction, before any other job is written.
    """
    (job_id,) = store.enqueue([_job(walking)])
    if not performs:
        return None
    limit = conf().request_limit_seconds
    lease_id = lease.take_for_request(limit)
    claimed = claim_one(job_id, lease_id)
    if claimed is None:
        lease.give_back(lease_id)
        return None
    return HeldRest(claimed, effect_of(job_id, walking), lease_id, clock.monotonic() + limit)


def perform(held: HeldRest) -> None:
    """Perform the rest until it is done, fails, or the limit passes. Never raises for what an effect does."""
    with about(**held.job.names):
        _perform(held)


def _perform(held: HeldRest) -> None:
    job, effect = held.job, held.effect
    try:
        while True:
            failpoints.hit("request.before_effect")
            answer = pool.perform(effect, held.deadline - clock.monotonic())
            if answer is None:
                return  # giving the lease back lets go of the job, where it stands
            failpoints.hit("request.after_effect")
            performer = EnginePerformer(may_prepare=clock.monotonic() < held.deadline)
            following = turn.turn(performer, [Ready(job, answer)]).effects
            if not following:
                return
            job, effect = following[0]
    finally:
        _give_back(held.lease_id)


def _give_back(lease_id: int) -> None:
    try:
        retry.on_conflict(lambda: lease.give_back(lease_id))
    except DatabaseError as error:
        logger.warning("The lease %s of a request could not be given back and ends by itself: %s", lease_id, error)


def _job(walking: Walking) -> NewJob:
    """The rest: where the walk stands, its effect prepared, due before anything else of the submission."""
    job = payloads.job(walking.program, walking.record, walking.origin, walking.cursor, due_at=walking.now, is_due=True)
    payload = payloads.payload(
        walking.record, walking.origin, walking.cursor, walking.token, walking.passed, walking.pending
    )
    return NewJob(
        line=job.line,
        due_at=job.due_at,
        payload=payload,
        steps=walking.steps[-1:],
        submission_id=job.submission_id,
        run_id=job.run_id,
        version_id=job.version_id,
        at_node=job.at_node,
        max_attempts=job.max_attempts,
        backoff_seconds=job.backoff_seconds,
    )
