"""Jobs go from one version to the next where their place still exists, also while a worker works; the others stay."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from meanwhile.definitions.models import Version
from meanwhile.definitions.program import Program
from meanwhile.engine import moving, operate
from meanwhile.engine.performer import EnginePerformer
from meanwhile.queue import claim, lease, operators, pinning, store, turn
from meanwhile.queue.jobs import Ready
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State
from meanwhile.queue.worker import Worker
from tests.contract.engine.conftest import Partner, Site, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

ONE = """
record_update:
  - background:
    do:
      - update_field: {field: b, value: one}
      - update_field: {field: c, value: done}
"""
TWO = ONE.replace("value: one", "value: two")
ASKING = """
record_update:
  - background: {attempts: 1}
    do:
      - call: {function: ask, arguments: {word: first}, into: b}
      - update_field: {field: c, value: one}
"""


@pytest.fixture
def ann(transactional_db: None) -> User:
    return User.objects.create_user("ann")


def states() -> list[str]:
    return list(Job.objects.order_by("pk").values_list("state", flat=True))


def with_table_gone(program: Program) -> Program:
    """The program as it would be if its table had another key."""
    plain = dict(program.document.plain)
    plain["tables"] = {"note": {"fields": {"text": {"type": "text"}}}}
    plain["forms"] = {}
    return Program(Version(pk=None, number=9, document=plain))


def test_a_waiting_job_runs_under_the_new_version_and_its_journal_says_who_moved_it(
    site: Callable[[str], Site], work: Callable[[], None], ann: User
) -> None:
    old = site(ONE)
    record = old.submit(a="x").record_id
    new = site(TWO)
    assert moving.preview("shop", new.program).moved == 1
    found = moving.move("shop", new.program, ann)
    assert (found.moved, found.staying) == (1, 0)
    job = Job.objects.get()
    assert job.version_id == new.program.version_id
    assert job.steps[-1]["outcome"] == "moved"
    assert job.steps[-1]["note"] == "By ann, from version 1 to 2."
    work()
    assert new.read(record)["b"] == "two"  # type: ignore[index]
    assert states() == [State.COMPLETED]


def test_without_a_move_a_job_ends_under_its_own_version(site: Callable[[str], Site], work: Callable[[], None]) -> None:
    record = site(ONE).submit(a="x").record_id
    new = site(TWO)
    work()
    assert new.read(record)["b"] == "one"  # type: ignore[index]


def test_a_job_whose_node_is_gone_stays_and_the_reason_is_said(site: Callable[[str], Site], ann: User) -> None:
    old = site(ONE)
    old.submit(a="x")
    new = site("record_update:\n  - update_field: {field: b, value: two}")
    found = moving.move("shop", new.program, ann)
    assert found.moved == 0
    assert dict(found.stays) == {"The object at which it stands is gone, or the one with which it began.": 1}
    assert Job.objects.get().version_id == old.program.version_id
    assert Job.objects.get().steps == []


def test_a_job_whose_node_left_its_branch_stays(site: Callable[[str], Site]) -> None:
    old = site(ONE)
    old.submit(a="x")
    plain: Any = old.program.document.plain
    event = plain["tables"]["item"]["events"]["record_update"]
    event = event["do"] if isinstance(event, dict) else event
    background = event[0]
    moved_out = {**background, "do": background["do"][1:]}
    tables = {
        **plain["tables"],
        "item": {**plain["tables"]["item"], "events": {"record_update": [background["do"][0], moved_out]}},
    }
    new = Program(Version(pk=None, number=2, document={**plain, "tables": tables}))
    assert list(moving.preview("shop", new).stays) == ["The object at which it stands is not in its branch any more."]


def test_a_job_whose_table_or_event_is_gone_stays(site: Callable[[str], Site]) -> None:
    old = site(ONE)
    old.submit(a="x")
    assert list(moving.preview("shop", with_table_gone(old.program)).stays) == ['Version 9 has no table "item".']
    assert moving.in_flight("shop") == [moving.InFlight(Version.objects.get(), State.AVAILABLE, 1)]


def test_a_failed_job_moves_and_goes_on_when_it_is_resumed(
    site: Callable[[str], Site], work: Callable[[], None], partner: Partner, ann: User
) -> None:
    partner.failures, partner.is_final = 1, True
    record = site(ASKING).submit(a="x").record_id
    work()
    assert states() == [State.FAILED]
    new = site(ASKING.replace("value: one", "value: two"))
    assert moving.move("shop", new.program, ann).moved == 1
    assert operate.resume([Job.objects.get().pk], ann) == 1
    work()
    assert states() == [State.COMPLETED]
    assert new.read(record)["c"] == "two"  # type: ignore[index]


def test_a_prepared_effect_keeps_its_request_and_its_key(
    site: Callable[[str], Site], work: Callable[[], None], partner: Partner, ann: User
) -> None:
    site(ASKING).submit(a="x")
    job = hold_prepared()
    before = job.payload["pending"]
    new = site(ASKING.replace("word: first", "word: second"))
    assert moving.move("shop", new.program, ann).moved == 1
    job.refresh_from_db()
    assert job.payload["pending"] == before
    assert [outcome for _, outcome in steps_of(job)] == ["moved", "prepared"]
    work()
    assert partner.calls == ["first"]
    assert [outcome for _, outcome in steps_of(job)] == ["moved", "unknown", "done", "done"]


def test_a_prepared_effect_stays_where_its_node_became_another_sort(
    site: Callable[[str], Site], partner: Partner
) -> None:
    old = site(ASKING)
    old.submit(a="x")
    job = hold_prepared()
    node = job.payload["pending"]["node"]
    plain: Any = old.program.document.plain
    event = plain["tables"]["item"]["events"]["record_update"]
    event = event["do"] if isinstance(event, dict) else event
    first, *others = event[0]["do"]
    other = {**event[0], "do": [{"update_field": {"field": "b", "value": "x"}, "id": first["id"]}, *others]}
    tables = {**plain["tables"], "item": {**plain["tables"]["item"], "events": {"record_update": [other]}}}
    new = Program(Version(pk=None, number=2, document={**plain, "tables": tables}))
    assert first["id"] == node
    assert list(moving.preview("shop", new).stays) == ["It is in the middle of an action that is of another sort now."]


def hold_prepared() -> Job:
    """The job as a worker leaves it that gave it up between preparing its effect and performing it."""
    lease_id = lease.take(Lease.Kind.WORKER, "test")
    with transaction.atomic():
        claimed = claim.claim(lease_id, None, 10)
    turned = turn.turn(EnginePerformer(), [Ready(job, None) for job in claimed])
    with transaction.atomic():
        store.release([job for job, _effect in turned.effects])
    lease.give_back(lease_id)
    return Job.objects.get()


def test_a_running_job_is_never_moved(site: Callable[[str], Site], partner: Partner, ann: User) -> None:
    site(ASKING).submit(a="x")
    found: list[moving.Moving] = []
    new: list[Site] = []

    def publish_and_move() -> None:
        new.append(site(ASKING.replace("value: one", "value: two")))
        found.append(moving.move("shop", new[0].program, ann))

    partner.before_answer = publish_and_move
    Worker(EnginePerformer(), threads=0).drain()
    assert dict(found[0].stays) == {"It is running at this moment.": 1}
    assert Job.objects.get().version_id != new[0].program.version_id
    assert states() == [State.COMPLETED]


def test_who_read_a_job_before_it_was_moved_writes_nothing(site: Callable[[str], Site], ann: User) -> None:
    site(ONE).submit(a="x")
    before = Job.objects.get()
    new = site(TWO)
    moving.move("shop", new.program, ann)
    assert not operators.rewrite(
        before.pk, payload={}, steps=[], epoch=before.epoch, from_state=State.AVAILABLE, to=State.AVAILABLE
    )
    with transaction.atomic():
        assert pinning.repin(before.version_id or 0, [(before.pk, before.epoch, [])]) == 0


def test_jobs_move_while_workers_work_and_each_is_done_once(site: Callable[[str], Site], ann: User) -> None:
    old = site(ONE)
    records = [old.submit(a=str(number)).record_id for number in range(60)]
    new = site(TWO)
    ready = threading.Barrier(2)
    found: list[moving.Moving] = []

    def move() -> None:
        ready.wait()
        found.append(moving.move("shop", new.program, ann))
        connection.close()

    mover = threading.Thread(target=move)
    mover.start()
    ready.wait()
    # A worker that finds every job locked by the move has nothing to do, and ends.
    while mover.is_alive():
        Worker(EnginePerformer(), threads=0).drain()
    mover.join()
    Worker(EnginePerformer(), threads=0).drain()
    assert states() == [State.COMPLETED] * 60
    moved = Job.objects.filter(version_id=new.program.version_id).count()
    assert moved == found[0].moved
    values = [new.read(id_)["b"] for id_ in records]  # type: ignore[index]
    assert values.count("two") == moved
    assert values.count("one") == 60 - moved


def test_a_job_that_somebody_has_locked_is_passed_over(site: Callable[[str], Site], ann: User) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite nobody writes while somebody else does")
    site(ONE).submit(a="x")
    new = site(TWO)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Job.objects.select_for_update().get()
            locked.set()
            done.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(20)
    assert moving.move("shop", new.program, ann).moved == 0
    done.set()
    holder.join()
    assert moving.move("shop", new.program, ann).moved == 1
