"""Runs and jobs written straight into the tables, for tests of who only looks at them."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from meanwhile.core import clock
from meanwhile.definitions import program
from meanwhile.definitions.models import Application, Version
from meanwhile.engine.inspect import words
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State

DOCUMENT = {
    "application": "shop",
    "title": "Shop",
    "tables": {
        "item": {
            "label": "Item",
            "fields": {"name": {"type": "text", "label": "Name"}, "price": {"type": "decimal", "places": 2}},
            "events": {
                "record_update": [
                    {"update_field": {"field": "name", "value": "A"}, "id": "n-first"},
                    {
                        "background": {},
                        "id": "n-back",
                        "name": "Price it",
                        "do": [
                            {"update_field": {"field": "price", "value": "1.50"}, "id": "n-price"},
                            {"update_field": {"field": "name", "value": "B"}, "id": "n-last"},
                        ],
                    },
                ]
            },
        }
    },
}
NOW_ERROR = {"message": "The partner is busy.", "type": "ActionFailed", "node": "n-price", "trace": "shop.py:3 ask"}
_numbers = count(1)


def forget_versions() -> None:
    """Ids of versions are given out again when a test is rolled back; what is cached by them must go."""
    program.forget()
    words.forget()


def make_version(key: str = "shop") -> Version:
    """A published version of a small application."""
    application, _ = Application.objects.get_or_create(key=key, defaults={"title": key.title()})
    number = application.versions.count() + 1
    document = {**DOCUMENT, "application": key, "title": key.title()}
    version = Version.objects.create(
        application=application, number=number, document=document, published_at=clock.now()
    )
    application.current = version
    application.save()
    return version


def make_run(version: Version, record: str = "1", *, minutes_ago: float = 0, steps: Sequence[Any] = ()) -> Run:
    """A submission with its run."""
    at = clock.now() - timedelta(minutes=minutes_ago)
    submission = Submission.objects.create(
        version=version, form="enter", table="item", record_id=record, created_at=at, key=f"key-{next(_numbers)}"
    )
    return Run.objects.create(
        submission=submission,
        version=version,
        event="item.record_update",
        table="item",
        record_id=record,
        chain=["item.record_update"],
        created_at=at,
        steps=list(steps),
    )


def make_lease(*queues: str, seconds: float = 30, kind: str = Lease.Kind.WORKER, name: str = "host:1") -> Lease:
    """A lease that ends in ``seconds``; negative: it has ended."""
    now = clock.now()
    end = now + timedelta(seconds=seconds)
    return Lease.objects.create(
        kind=kind, name=name, queues=list(queues), started_at=now, renewed_at=now, expires_at=end
    )


def make_job(run: Run | None, state: State = State.AVAILABLE, *, minutes_ago: float = 0, **more: Any) -> Job:
    """A job of ``run`` in ``state``, with what the state asks for."""
    return Job.objects.create(**job_fields(run, state, minutes_ago=minutes_ago, **more))


def job_fields(run: Run | None, state: State, *, minutes_ago: float = 0, **more: Any) -> dict[str, Any]:
    """The columns of such a job."""
    at = clock.now() - timedelta(minutes=minutes_ago)
    fields: dict[str, Any] = {
        "state": state,
        "due_at": at,
        "created_at": at,
        "payload": payload(run),
        "branch_node": "n-back",
        "at_node": "n-price",
        "started_at": at if state not in (State.SCHEDULED, State.AVAILABLE) else None,
    }
    if run:
        ids = {"run_id": run.pk, "submission_id": run.submission_id, "version_id": run.version_id}
        fields |= {**ids, "line": f"mw_shop__item:{run.record_id}"}
    if state in (State.FAILED, State.RETRYING):
        fields |= {"error": NOW_ERROR, "attempt": 5 if state == State.FAILED else 2}
    if state == State.RETRYING:
        fields["retry_at"] = at + timedelta(minutes=5)
    if state == State.SCHEDULED:
        fields["due_at"] = clock.now() + timedelta(hours=3)
    if state in (State.COMPLETED, State.CANCELLED):
        fields["finished_at"] = at + timedelta(seconds=2)
    if state == State.RUNNING and "lease" not in more:
        fields["lease"] = make_lease()
    return fields | more


def payload(run: Run | None) -> dict[str, Any]:
    """What travels with a job that stands at its first action."""
    frame = {
        "event": "item.record_update",
        "at": "n-price",
        "branch": "n-back",
        "parameters": {},
        "chain": ["item.record_update"],
    }
    return {
        "table": "item",
        "record": int(run.record_id) if run else 1,
        "user": None,
        "is_new": True,
        "token": "t",
        "passed": 0,
        "frames": [frame],
        "start": [frame],
    }
