"""Workers that are told to stop, and connections that are cut: nothing waits for a lease, nothing is lost or repeated
(faults.md: SIGTERM, connections terminated, a flood of one queue)."""

import os
import random
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test import override_settings

from meanwhile.cli.main import perform
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.queue.health import oldest_waiting_seconds
from meanwhile.queue.models import Job, Lease
from tests.crash import tally
from tests.crash.counts import COUNTS
from tests.crash.harness import (
    SHORT,
    Child,
    Ledger,
    check,
    everything_is_done,
    finishing,
    until,
    until_all_is_done,
    worker,
)
from tests.crash.load import under_load, until_over

pytestmark = pytest.mark.django_db(transaction=True)

# No lease of these tests ends by itself: what waited for one would wait for ever.
LONG = {"lease_seconds": 3600}


def held_by(pid: int) -> bool:
    """Whether a process that is gone still has a lease."""
    found = Lease.objects.filter(name__endswith=f":{pid}").exists()
    connections.close_all()
    return found


def test_deploys_under_load_leave_nothing_that_waits_for_a_lease(
    crash: Program, ledger: Ledger, tmp_path: Path, chance: random.Random
) -> None:
    def deploy(workers: list[Child]) -> None:
        for each in workers:
            each.end()
        workers[:] = [worker(**LONG) for _ in workers]
        for number in range(COUNTS.deploys):
            until_over(chance.uniform(0.0, 0.3))
            old, workers[number % 2] = workers[number % 2], worker(**LONG)
            old.end()
            assert not held_by(old.pid)
            tally.count("deploys")

    under_load(crash, ledger, tmp_path, chance, deploy)


def test_a_worker_that_is_told_to_stop_ends_what_runs_and_claims_nothing_more(
    crash: Program, ledger: Ledger, slow: Path
) -> None:
    first = intake.submit(crash, "item", {"word": "runs"})
    leaving = worker(**LONG)
    until(lambda: bool(ledger.lines()), what="the slow effect")
    os.kill(leaving.pid, signal.SIGTERM)
    later = [intake.submit(crash, "item", {"word": "later"}) for _ in range(3)]
    slow.unlink()
    assert leaving.wait() == 0
    tally.count("deploys")
    assert Job.objects.get(submission_id=first.submission_id).state == "completed"
    waiting = Job.objects.filter(submission_id__in=[each.submission_id for each in later])
    assert set(waiting.values_list("state", "started_at")) == {("available", None)}
    with finishing():
        until(everything_is_done)
    check(crash, ledger)


def test_what_does_not_end_in_time_is_released_and_marked_unknown(crash: Program, ledger: Ledger, slow: Path) -> None:
    intake.submit(crash, "item", {"word": "hangs"})
    leaving = worker(grace_seconds=0.1, **LONG)
    until(lambda: bool(ledger.lines()), what="the slow effect")
    leaving.end()
    tally.count("deploys")
    assert Job.objects.get().state == "available"
    slow.unlink()
    with finishing():
        until(everything_is_done)
    assert [step["outcome"] for step in Job.objects.get().steps] == ["done", "unknown", "done", "done"]
    check(crash, ledger)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections that a server could cut")
def test_connections_that_the_server_cuts_under_load_lose_nothing(
    crash: Program, ledger: Ledger, tmp_path: Path, chance: random.Random
) -> None:
    def cut(_workers: list[Child]) -> None:
        for _ in range(COUNTS.terminations):
            until_over(chance.uniform(0.0, 0.2))
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                tally.count("connections cut", len(cursor.fetchall()))

    under_load(crash, ledger, tmp_path, chance, cut)


FLOOD = """
application: flood
tables:
  item:
    fields: {word: {type: text}, done: {type: boolean}}
    events:
      record_update:
        - background: {queue: bulk}
          do: [call: {function: ledger, arguments: {line: 1}}]
  quick:
    fields: {word: {type: text}, done: {type: boolean}}
    events:
      record_update:
        - background: {queue: quick}
          do: [update_field: {field: done, value: true}]
"""


def test_a_flood_of_one_queue_holds_up_no_other(
    publish_yaml: Callable[[str], Program], ledger: Ledger, slow: Path
) -> None:
    """Each queue has workers of its own: the real command, in real processes."""
    program = publish_yaml(FLOOD)
    for number in range(150):
        intake.submit(program, "item", {"word": str(number)})

    def serve(queue: str) -> Child:
        def work() -> None:
            warnings.simplefilter("ignore")  # Django's own checks read settings that it is about to give up
            with override_settings(MEANWHILE=SHORT | LONG):
                assert perform(["worker", "--queues", queue, "--threads", "2"]) == 0

        return Child(work, "worker")

    servers = [serve("bulk"), serve("quick")]
    until(lambda: bool(ledger.lines()), what="the flood")
    for number in range(10):
        intake.submit(program, "quick", {"word": str(number)})
    quick = Job.objects.filter(queue="quick").exclude(state="completed")
    until(lambda: not quick.exists(), what="the quick ones")
    assert Job.objects.filter(queue="bulk", state="available").exists()
    assert (oldest_waiting_seconds("bulk") or 0) > 0
    assert oldest_waiting_seconds("quick") is None
    slow.unlink()
    until_all_is_done()
    assert len(ledger.lines()) == 150
    for each in servers:
        each.end()
    tally.count("rounds checked")
