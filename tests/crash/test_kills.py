"""A process that is killed loses nothing and does no record change twice (faults.md, rows 1 to 3)."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import override_settings

from meanwhile import function
from meanwhile.core import failpoints
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.models import Job, Lease
from meanwhile.tables import records
from tests.crash import tally
from tests.crash.counts import COUNTS
from tests.crash.harness import (
    DOCUMENT,
    SHORT,
    Child,
    Ledger,
    check,
    drain,
    everything_is_done,
    finishing,
    request,
    until,
    worker,
)
from tests.crash.load import until_over

pytestmark = pytest.mark.django_db(transaction=True)

RECORDS = 4

WORKER_FAILPOINTS = [
    "worker.after_claim",
    "worker.before_commit",
    "worker.after_commit",
    "effect.before_perform",
    "effect.after_perform",
]
WEB_FAILPOINTS = ["intake.before_commit", "intake.after_commit", "request.before_effect", "request.after_effect"]


def submit_some(program: Program, count: int = RECORDS) -> None:
    first = None
    for number in range(count):
        submitted = intake.submit(program, "item", {"word": str(number)})
        first = first or submitted.record_id
    intake.submit(program, "item", {"word": "again"}, record_id=first)


def at_work(program: Program, chance: random.Random, failpoint: str | None = None, at: int = 1) -> Child:
    """A worker for which jobs wait, or one that waits for jobs: that one turns the first of them as it claims it."""
    if chance.random() < 0.5:
        submit_some(program)
        return worker(failpoint, at)
    first = worker(failpoint, at)
    until(lambda: Lease.objects.filter(name__endswith=f":{first.pid}").exists(), what="its lease")
    until_over(chance.uniform(0, 0.05))  # while it comes to rest
    submit_some(program)
    return first


@pytest.mark.parametrize("failpoint", WORKER_FAILPOINTS)
def test_a_worker_killed_at_a_failpoint_loses_nothing(
    failpoint: str, crash: Program, ledger: Ledger, chance: random.Random
) -> None:
    for _ in range(COUNTS.at_failpoint):
        victim = at_work(crash, chance, failpoint, at=chance.randint(1, 3))
        until(lambda victim=victim: victim.has_ended or everything_is_done(), what="the failpoint or the end")
        victim.kill()
        with finishing():
            until(everything_is_done, what="the end of all work")
        check(crash, ledger)


def test_a_worker_killed_at_any_moment_loses_nothing(crash: Program, ledger: Ledger, chance: random.Random) -> None:
    for _ in range(COUNTS.at_any_moment):
        victim = at_work(crash, chance)
        moment = chance.randint(0, len(ledger.lines()) + RECORDS)
        until(lambda moment=moment: len(ledger.lines()) >= moment or everything_is_done())
        victim.kill()
        with finishing():
            until(everything_is_done, what="the end of all work")
        check(crash, ledger)


@pytest.mark.parametrize("failpoint", WEB_FAILPOINTS)
def test_a_web_process_killed_around_its_commit_leaves_all_or_nothing(
    failpoint: str, crash_sync: Program, ledger: Ledger
) -> None:
    for number in range(COUNTS.web_at_failpoint):
        before = Submission.objects.count()
        assert request(crash_sync, str(number), failpoint).wait() == -signal.SIGKILL
        saved = Submission.objects.count() - before
        assert saved == (0 if failpoint == "intake.before_commit" else 1)
        assert crash_sync.tables["item"].model._base_manager.count() == Submission.objects.count()
        assert Run.objects.count() == Submission.objects.count() == Job.objects.count()
        Lease.objects.filter(kind="request").update(expires_at="2000-01-01T00:00:00Z")
        with finishing():
            until(everything_is_done, what="the end of all work")
        check(crash_sync, ledger)


def pause_in_the_middle(program: Program, gate: Path, **settings: object) -> None:
    """A zombie: a worker is stopped while it performs an effect; others take over; it wakes up and goes on."""
    intake.submit(program, "item", {"word": "x"})
    zombie = worker(**settings)
    until(lambda: gate.exists(), what="the effect")
    zombie.pause()
    gate.unlink()
    try:
        with finishing():
            until(everything_is_done, what="the takeover")
    finally:
        zombie.go_on()
    tally.count("zombies woken")
    os.kill(zombie.pid, signal.SIGTERM)
    zombie.wait()


def gated(ledger: Ledger, gate: Path) -> Callable[[], bool]:
    """The function ``ledger`` opens the gate once, and then takes a moment."""

    @function(name="ledger")
    def write(line: int) -> str:
        is_first = not ledger.lines()
        answer = ledger.write(str(line))
        if is_first:
            gate.touch()
            until(lambda: not gate.exists(), what="the pause")
        return answer

    return gate.exists


def test_a_zombie_changes_nothing(crash: Program, ledger: Ledger, tmp_path: Path) -> None:
    for _ in range(COUNTS.zombies):
        Path(ledger.path).write_text("")
        gated(ledger, tmp_path / "gate")
        Submission.objects.all().delete()
        Job.objects.all().delete()
        crash.tables["item"].model._base_manager.all().delete()
        pause_in_the_middle(crash, tmp_path / "gate")
        check(crash, ledger)


def test_jobs_of_one_record_never_overlap_under_four_workers(
    publish_yaml: Callable[[str], Program], tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "spans")

    @function(name="ledger")
    def span(line: int) -> str:
        ledger.write(f"+{line}")
        ledger.write(f"-{line}")
        return f"noted {line}"

    program = publish_yaml(DOCUMENT)
    ids = [intake.submit(program, "item", {"word": "x"}).record_id for _ in range(3)]
    for number in range(8):
        for id_ in ids:
            intake.submit(program, "item", {"word": str(number)}, record_id=id_)
    workers = [drain() for _ in range(4)]
    for each in workers:
        each.wait()
    with finishing():
        until(everything_is_done)
    inside: Counter[str] = Counter()
    for mark in ledger.lines():
        inside[mark[1:]] += 1 if mark[0] == "+" else -1
        assert inside[mark[1:]] in (0, 1), f"two jobs of record {mark[1:]} overlap"
    found = records.read(program.tables["item"], ids)
    assert [values["later"] for values in found.values()] == [9, 9, 9]


def test_a_worker_that_is_told_to_stop_leaves_nothing_behind(crash: Program, ledger: Ledger) -> None:
    submit_some(crash)
    leaving = worker()
    until(lambda: bool(ledger.lines()))
    os.kill(leaving.pid, signal.SIGTERM)
    assert leaving.wait() == 0
    assert not Lease.objects.exists()
    assert not Job.objects.filter(state="running").exists()


def test_without_fencing_a_zombie_would_be_noticed(crash: Program, ledger: Ledger, tmp_path: Path) -> None:
    """The negative control: the suite fails when the fence is off."""
    gated(ledger, tmp_path / "gate")
    with override_settings(MEANWHILE=SHORT), failpoints.armed("store.fence", lambda: None):
        # Its own look at its lease would stop it too; the fence is what is tested.
        pause_in_the_middle(crash, tmp_path / "gate", stall_seconds=0)
    with pytest.raises(AssertionError):
        check(crash, ledger)
