"""PostgreSQL goes down at once, under load and during its recovery (faults.md, row 4): both sides come back by
themselves, what was acknowledged is there, and nothing is done twice."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.models.functions import Now

from meanwhile.definitions.loading import load
from meanwhile.definitions.program import Program, forget, program
from meanwhile.definitions.publish import plan, publish
from meanwhile.engine import intake
from meanwhile.queue.models import Job, Lease
from tests.crash import tally
from tests.crash.counts import COUNTS
from tests.crash.harness import DOCUMENT, Child, Ledger, check, everything_is_done, until, worker
from tests.crash.load import under_load, until_over
from tests.crash.own_server import OwnServer, used_by_django

# So many workers that one of them comes back before the one that has the job could renew its lease.
OUTLIVING = 8

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no server")


@pytest.fixture
def server(django_db_blocker: pytest.FixtureRequest) -> Iterator[OwnServer]:
    # Not a folder of pytest's, which nobody but its owner may enter: the server runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="meanwhile-pg-"))
    own = OwnServer(folder / "data")
    with django_db_blocker.unblock(), used_by_django(own):  # type: ignore[attr-defined]
        forget()
        yield own
        forget()
    own.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def published(server: OwnServer, ledger: Ledger) -> Program:
    (version,) = publish(plan([load(DOCUMENT, "crash.yaml")]))
    return program(version.pk)


def test_a_server_that_goes_down_at_once_under_load_loses_nothing(
    server: OwnServer, published: Program, ledger: Ledger, tmp_path: Path, chance: random.Random
) -> None:
    def shake(_workers: list[Child]) -> None:
        for _ in range(COUNTS.restarts):
            until_over(chance.uniform(0.0, 0.4))
            server.restart()
            tally.count("restarts of PostgreSQL")

    under_load(published, ledger, tmp_path, chance, shake)


def test_workers_that_outlive_an_outage_keep_what_they_hold(
    server: OwnServer, published: Program, ledger: Ledger, slow: Path
) -> None:
    """The server is away for longer than any lease. Nobody could renew one, and nobody is dead, whoever of them is the
    first to find it back."""
    intake.submit(published, "item", {"word": "x"})
    workers = [worker(lease_seconds=2.4) for _ in range(OUTLIVING)]
    until(lambda: bool(ledger.lines()), what="the slow effect")
    server.be_away(4)
    until(_all_are_renewed, what="the renewals")
    until_over(2)  # for those who would take it over
    assert len(ledger.lines()) == 1
    slow.unlink()
    until(everything_is_done, what="the end of the job")
    assert Job.objects.get().deaths == 0
    check(published, ledger)
    for each in workers:
        each.end()
    connections.close_all()


def _all_are_renewed() -> bool:
    renewed = Lease.objects.filter(expires_at__gt=Now()).count() == OUTLIVING
    connections.close_all()
    return renewed


def test_a_server_that_goes_down_again_during_its_recovery_loses_nothing(
    server: OwnServer, published: Program, ledger: Ledger, tmp_path: Path, chance: random.Random
) -> None:
    def shake(_workers: list[Child]) -> None:
        for _ in range(COUNTS.restarts_in_recovery):
            until_over(chance.uniform(0.0, 0.3))
            server.restart_twice(chance.uniform(0.0, 0.1))
            tally.count("restarts during recovery")

    under_load(published, ledger, tmp_path, chance, shake)
