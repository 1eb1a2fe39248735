"""A performer that knows nothing but lists: each job carries a script, and each turn walks it to its next effect.

Payload: ``{"script": [word, …], "place": n}``. Words: ``note`` (a pure action, journalled), ``effect`` (performed by
the pool; what it returns is journalled), ``fail`` (an action that can heal), ``broken`` (one that cannot), ``raise``
(an error outside any action), ``sql`` (an error of the database).
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from meanwhile.core import clock
from meanwhile.core.errors import ActionFailed, PermanentError
from meanwhile.queue import store
from meanwhile.queue.jobs import Advance, Claimed, Effect, NewJob, Ready
from meanwhile.queue.models import Job


class Toy:
    """``queue.jobs.Performer``."""

    def __init__(self, effect: Callable[[int], Any] = lambda job_id: "done", timeout: float | None = None) -> None:
        self.effect = effect
        self.timeout = timeout
        # Jobs for which ``fail`` fails no more.
        self.mended: set[int] = set()
        # Sizes of the batches that it was given.
        self.batches: list[tuple[int, ...]] = []

    def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
        self.batches.append(tuple(each.job.id for each in ready))
        return [self._advance(each) for each in ready]

    def _advance(self, ready: Ready) -> Advance:
        job, script = ready.job, ready.job.payload["script"]
        place, steps, start = job.payload["place"], list(job.steps), job.payload["place"]
        if ready.answer:
            if ready.answer.error:
                return self._failed(job, place, [*steps, "failed"], start, ready.answer.error)
            steps.append(ready.answer.value)
            place += 1
        if job.cancel_requested:
            return Advance.cancelled(job.id, payload=job.payload | {"place": place}, steps=steps)
        while place < len(script):
            word = script[place]
            if word == "effect":
                return Advance.pending(
                    job.id,
                    payload=job.payload | {"place": place},
                    steps=steps,
                    at_node=f"n{place}",
                    effect=Effect(job.id, lambda: self.effect(job.id), self.timeout),
                    progressed=place > start,
                )
            if word == "fail" and job.id not in self.mended:
                return self._failed(job, place, steps, start, ActionFailed("not this time"))
            if word == "broken":
                return self._failed(job, place, steps, start, PermanentError("never"))
            if word == "raise":
                raise ZeroDivisionError("outside any action")
            if word == "sql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT * FROM there_is_no_such_table")
            steps.append(f"{word}{place}")
            place += 1
        return Advance.done(job.id, payload=job.payload | {"place": place}, steps=steps)

    def _failed(self, job: Claimed, place: int, steps: list[Any], start: int, error: BaseException) -> Advance:
        return Advance.failed(
            job.id,
            payload=job.payload | {"place": place},
            steps=steps,
            at_node=f"n{place}",
            error=error,
            progressed=place > start,
        )


def new_job(*script: str, line: str | None = None, due_in: float = 0, **more: Any) -> NewJob:
    """A job with a script. ``due_in`` seconds; what lies ahead is scheduled."""
    return NewJob(
        line=line,
        due_at=clock.now() + timedelta(seconds=due_in),
        is_due=due_in <= 0,
        payload={"script": list(script) or ["note"], "place": 0},
        **more,
    )


def put(*script: str, **more: Any) -> int:
    """Enqueue one job; its id."""
    return store.enqueue([new_job(*script, **more)])[0]


def state_of(job_id: int) -> str:
    return str(Job.objects.values_list("state", flat=True).get(pk=job_id))


def steps_of(job_id: int) -> list[Any]:
    steps: list[Any] = Job.objects.values_list("steps", flat=True).get(pk=job_id)
    return steps
