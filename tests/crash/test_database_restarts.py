"""PostgreSQL goes down at once, under load and during its recovery (faults.md, row 4): both sides come back by
themselves, what was acknowledged is there, and nothing is done twice."""

import os
import random
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django.test import override_settings

from meanwhile.definitions.loading import load
from meanwhile.definitions.program import Program, forget, program
from meanwhile.definitions.publish import plan, publish
from meanwhile.engine import intake
from tests.crash.counts import COUNTS
from tests.crash.harness import DOCUMENT, SHORT, Child, Ledger, check, everything_is_done, until, worker
from tests.crash.own_server import OwnServer, until_over, used_by_django

pytestmark = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite is no server")


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


def people(program: Program, acknowledged: Path, seed: int) -> Child:
    """A process that submits one form after the other, each again with the same key until it is acknowledged."""

    def work() -> None:
        goes_on = [True]
        signal.signal(signal.SIGTERM, lambda *_: goes_on.clear())
        with override_settings(MEANWHILE=SHORT), acknowledged.open("a") as file:
            number = 0
            while goes_on:
                number += 1
                submit_until_it_is_there(program, f"{seed}-{number}")
                file.write(f"{seed}-{number}\n")
                file.flush()
                until_over(0.01)

    return Child(work)


def submit_until_it_is_there(program: Program, key: str) -> None:
    while True:
        try:
            intake.submit(program, "item", {"word": key}, key=key)
        except (OperationalError, InterfaceError):
            connection.close()
            until_over(0.02)
        else:
            return


def under_load(
    program: Program, ledger: Ledger, folder: Path, chance: random.Random, shake: Callable[[], None]
) -> None:
    """``shake`` the server while two processes submit and two work; then everything is done and as it should be."""
    acknowledged = folder / "acknowledged"
    senders = [people(program, acknowledged, chance.randrange(10**9)) for _ in range(2)]
    workers = [worker() for _ in range(2)]
    shake()
    end(senders, "a sender did not get through")
    until(everything_is_done, 60, "the end of all work")
    end(workers, "a worker did not outlive its database")
    words = set(program.tables["item"].model._base_manager.values_list("word", flat=True))
    assert words == set(acknowledged.read_text().split()), "what was acknowledged is not what is there"
    check(program, ledger)
    connections.close_all()


def end(children: list[Child], complaint: str) -> None:
    for each in children:
        os.kill(each.pid, signal.SIGTERM)
        assert each.wait(60) == 0, complaint


def test_a_server_that_goes_down_at_once_under_load_loses_nothing(
    server: OwnServer, published: Program, ledger: Ledger, tmp_path: Path, chance: random.Random
) -> None:
    def shake() -> None:
        for _ in range(COUNTS.restarts):
            until_over(chance.uniform(0.0, 0.4))
            server.restart()

    under_load(published, ledger, tmp_path, chance, shake)


def test_a_server_that_goes_down_again_during_its_recovery_loses_nothing(
    server: OwnServer, published: Program, ledger: Ledger, tmp_path: Path, chance: random.Random
) -> None:
    def shake() -> None:
        for _ in range(COUNTS.restarts_in_recovery):
            until_over(chance.uniform(0.0, 0.3))
            server.restart_twice(chance.uniform(0.0, 0.1))

    under_load(published, ledger, tmp_path, chance, shake)
