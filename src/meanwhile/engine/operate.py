"""What people do to jobs: resume, skip, restart, cancel. The journal and the log say who did it. All commit."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from meanwhile.core import clock
from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions.program import program
from meanwhile.engine import payloads, walk
from meanwhile.engine.steps import Outcome, Step, step
from meanwhile.queue import operators, store
from meanwhile.queue.jobs import NewJob
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED, State

logger = logging.getLogger(__name__)


def resume(job_ids: Iterable[int], user: Any) -> int:
    """Failed jobs, and those between two tries, go on at the action at which they stand. How many did."""
    return _each("resumed", job_ids, (State.FAILED, State.RETRYING), _resume, user)


def skip(job_ids: Iterable[int], user: Any) -> int:
    """Failed jobs go on past the action that failed. How many did; one whose version lost that node does not."""
    return _each("skipped an action of", job_ids, (State.FAILED,), _skip, user)


def restart(job_ids: Iterable[int], user: Any) -> int:
    """Failed jobs end, and a new job runs the branch of each from its start, with new keys. How many did."""
    return _each("restarted", job_ids, (State.FAILED,), _restart, user)


def cancel(job_ids: Iterable[int], user: Any) -> int:
    """Jobs that are not finished end; one that runs does so at its next step. How many were told."""
    jobs = list(_jobs(job_ids, tuple(UNFINISHED)).only("queue", "run_id", "submission_id"))
    told = operators.cancel([job.pk for job in jobs], [_entry(Outcome.CANCELLED, user)])
    _tell("cancelled", [job for job in jobs if job.pk in told], user)
    return len(told)


def _each(
    done: str, job_ids: Iterable[int], states: tuple[State, ...], change: Callable[[Job, Any], bool], user: Any
) -> int:
    changed: list[Job] = []
    try:
        changed.extend(job for job in _jobs(job_ids, states) if change(job, user))
    finally:
        _tell(done, changed, user)  # each is committed by itself
    return len(changed)


def _jobs(job_ids: Iterable[int], states: tuple[State, ...]) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=list(job_ids), state__in=states).order_by("pk")


def _tell(done: str, jobs: Sequence[Job], user: Any) -> None:
    """One line for each act, which names all jobs; where it is only one, the line is about that."""
    if not jobs:
        return
    by, ids = operators.name_of(user), ", ".join(str(job.pk) for job in jobs)
    about = jobs[0].names if len(jobs) == 1 else {}
    logger.info("%s %s %s jobs: %s.", by, done, len(jobs), ids, extra={**about, "by": by})


def _resume(job: Job, user: Any) -> bool:
    entry = _entry(Outcome.RESUMED, user)
    return operators.rewrite(
        job.pk,
        payload=job.payload,
        steps=[*job.steps, entry],
        at_node=job.at_node,
        epoch=job.epoch,
        from_state=State(job.state),
    )


def _skip(job: Job, user: Any) -> bool:
    if not _is_walk(job):
        return False
    cursor = payloads.cursor_of(job.payload)
    try:
        trees = program(job.version_id or 0).trees
        node = walk.current(trees, cursor)
        following = walk.past(cursor, node) if node else cursor
    except MissingDefinition as error:
        logger.warning("Job %s cannot skip its action: %s", job.pk, error)
        return False
    payload = {key: value for key, value in job.payload.items() if key != "pending"}
    payload |= {"frames": [frame.to_plain() for frame in following], "passed": job.payload["passed"] + 1}
    steps = [*job.steps, _entry(Outcome.SKIPPED, user, node=node)]
    at_node = following[-1].at if following else ""
    return operators.rewrite(job.pk, payload=payload, steps=steps, at_node=at_node, epoch=job.epoch)


def _restart(job: Job, user: Any) -> bool:
    if not _is_walk(job):
        return False
    entry = _entry(Outcome.RESTARTED, user)
    with transaction.atomic():
        is_ended = operators.rewrite(
            job.pk,
            payload=job.payload,
            steps=[*job.steps, entry],
            at_node=job.at_node,
            epoch=job.epoch,
            to=State.CANCELLED,
        )
        if is_ended:
            store.enqueue([_again(job)])
    return is_ended


def _is_walk(job: Job) -> bool:
    """Whether it walks over a tree. An import has no action to skip, and begins again with the rows that are left."""
    return "frames" in job.payload


def _again(job: Job) -> NewJob:
    payload = payloads.restarted(job.payload)
    return NewJob(
        line=job.line,
        due_at=clock.now(),
        payload=payload,
        queue=job.queue,
        submission_id=job.submission_id,
        run_id=job.run_id,
        version_id=job.version_id,
        branch_node=job.branch_node,
        at_node=payload["frames"][-1]["at"] if payload["frames"] else "",
        max_attempts=job.max_attempts,
        backoff_seconds=job.backoff_seconds,
    )


def _entry(outcome: Outcome, user: Any, node: Any = None) -> Step:
    return step(outcome, clock.now(), node=node, note=f"By {operators.name_of(user)}.")
