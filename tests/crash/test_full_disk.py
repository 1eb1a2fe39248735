"""A disk that is full, and one that can only be read (faults.md): the save fails whole with a clear page, the worker
stays and backs off, health turns red, and when the trouble passes everything goes on."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections
from django.test import Client

from meanwhile.definitions.loading import load
from meanwhile.definitions.program import Program, forget, program
from meanwhile.definitions.publish import plan, publish
from meanwhile.engine import intake
from meanwhile.engine.models import Submission
from tests.crash import tally
from tests.crash.harness import DOCUMENT, Child, Ledger, check, everything_is_done, until, worker
from tests.crash.own_server import OwnServer, used_by_django
from tests.crash.small_disk import SmallDisk, small_disk, sqlite_on

LONG = DOCUMENT.replace("word: {type: text}", "word: {type: long_text}")
FORM = f"{LONG}forms:\n  enter: {{table: item, fields: [word], who: anyone}}\n"
ADDRESS = "/forms/crash/enter/"
ON_SQLITE = pytest.mark.skipif(connection.vendor != "sqlite", reason="the disk of a server is looked at below")
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no server")


@pytest.fixture
def disk(django_db_blocker: Any) -> Iterator[SmallDisk]:
    megabytes = 48 if connection.vendor == "sqlite" else 160
    with small_disk(megabytes) as disk, django_db_blocker.unblock():
        yield disk
        connections.close_all()


@pytest.fixture
def on_sqlite(disk: SmallDisk, ledger: Ledger) -> Iterator[Program]:
    with sqlite_on(disk.folder):
        yield _published()
        forget()


@pytest.fixture
def server(disk: SmallDisk) -> Iterator[OwnServer]:
    own = OwnServer(disk.folder / "data")
    with used_by_django(own):
        yield own
        forget()
    own.stop()


@pytest.fixture
def on_postgresql(server: OwnServer, ledger: Ledger) -> Program:
    return _published()


def _published() -> Program:
    forget()
    (version,) = publish(plan([load(FORM, "crash.yaml")]))
    return program(version.pk)


def send(words: str) -> tuple[int, str]:
    """Fill in the form and send it, as a browser does: the code of the answer, and its text."""
    client = Client(raise_request_exception=False)
    page = client.get(ADDRESS).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    answer = client.post(ADDRESS, {**hidden, "word": words})
    return answer.status_code, answer.content.decode()


def health() -> tuple[int, str]:
    answer = Client().get("/healthz")
    connections.close_all()
    return answer.status_code, answer.json()["database"]["status"]


def submit_until_refused(program: Program, most: int = 5000) -> int:
    """Submit until the database takes no more; how many it took."""
    for taken in range(most):
        try:
            intake.submit(program, "item", {"word": os.urandom(4_000).hex()})
        except DatabaseError:
            connections.close_all()
            return taken
    raise AssertionError("the disk never became full")


def goes_on(program: Program, ledger: Ledger, busy: Child) -> None:
    """After the trouble: a form is taken, all work is done, and everything is as it should be."""
    assert not busy.has_ended, "the worker stays while the database is in trouble"
    until(lambda: health() == (200, "ok"), what="good health")
    assert send("after")[0] == 303
    until(everything_is_done, 60, "the end of all work")
    busy.end()
    check(program, ledger)


def fails_whole(code: int, text: str, words: str) -> None:
    assert code == 503
    assert "Nothing was saved" in text
    assert words in text, "what was typed is still there"


@ON_SQLITE
def test_a_full_disk_under_sqlite_loses_nothing_and_everything_goes_on_after_it(
    on_sqlite: Program, disk: SmallDisk, ledger: Ledger
) -> None:
    for _ in range(3):
        intake.submit(on_sqlite, "item", {"word": "before"})
    disk.fill()
    before = Submission.objects.count()
    taken = submit_until_refused(on_sqlite)
    assert Submission.objects.count() == before + taken, "what failed left nothing"
    fails_whole(*send("typed in vain"), "typed in vain")
    assert health() == (503, "full")
    busy = worker()
    until_it_has_tried(busy)
    disk.make_room()
    goes_on(on_sqlite, ledger, busy)
    tally.count("disks filled")


def until_it_has_tried(busy: Child) -> None:
    """Give the worker time for a few tries, in which it must not end."""
    with pytest.raises(AssertionError):
        until(lambda: busy.has_ended, 1.0)


@ON_SQLITE
def test_a_database_that_can_only_be_read_takes_nothing_and_everything_goes_on_after_it(
    on_sqlite: Program, disk: SmallDisk, ledger: Ledger
) -> None:
    intake.submit(on_sqlite, "item", {"word": "before"})
    connections.close_all()
    disk.remount("ro")
    busy = worker()
    until_it_has_tried(busy)
    # In a process of its own, since Django opens SQLite in several steps and leaves it open where one of them fails.
    assert Child(_is_told).wait() == 0
    disk.remount("rw")
    goes_on(on_sqlite, ledger, busy)
    tally.count("databases made read-only")


def _is_told() -> None:
    assert health()[0] == 503
    code, text = send("typed in vain")
    assert code == 503
    assert "Nothing was saved" in text


@ON_POSTGRESQL
def test_a_server_that_can_only_be_read_takes_nothing_and_everything_goes_on_after_it(
    on_postgresql: Program, ledger: Ledger
) -> None:
    busy = worker()
    _make_read_only("on")
    fails_whole(*send("typed in vain"), "typed in vain")
    assert health() == (503, "read-only")
    assert not Submission.objects.exists()
    connections.close_all()
    until_it_has_tried(busy)
    _make_read_only("off")
    goes_on(on_postgresql, ledger, busy)
    tally.count("databases made read-only")


def _make_read_only(switch: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {switch}")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connections.close_all()


@ON_POSTGRESQL
def test_a_server_on_a_full_disk_loses_nothing_and_everything_goes_on_after_it(
    on_postgresql: Program, server: OwnServer, disk: SmallDisk, ledger: Ledger
) -> None:
    busy = worker()
    for _ in range(3):
        intake.submit(on_postgresql, "item", {"word": "before"})
    disk.fill()
    submit_until_refused(on_postgresql)
    code, text = send("typed in vain")
    assert code == 503
    assert "Nothing was saved" in text
    until_it_has_tried(busy)
    disk.make_room()
    server.come_back()
    goes_on(on_postgresql, ledger, busy)
    tally.count("disks filled")
