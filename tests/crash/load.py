"""People who submit and workers that work, while something is done to the database or to the workers themselves."""

import random
import signal
from collections.abc import Callable
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection, connections
from django.test import override_settings

from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from tests.crash.harness import SHORT, Child, Ledger, check, until, until_all_is_done, worker


def until_over(seconds: float) -> None:
    """A moment of the test's chance."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.sigtimedwait([signal.SIGUSR2], seconds)


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

    return Child(work, "web process")


def submit_until_it_is_there(program: Program, key: str) -> None:
    """Submit, and again with the same key for as long as the database does not take it."""
    while True:
        try:
            intake.submit(program, "item", {"word": key}, key=key)
        except (OperationalError, InterfaceError):
            connection.close()
            until_over(0.02)
        else:
            return


def under_load(
    program: Program, ledger: Ledger, folder: Path, chance: random.Random, shake: Callable[[list[Child]], None]
) -> None:
    """``shake`` while two processes submit and two work; then everything is done and as it should be. ``shake`` gets
    the list of the workers, and may put others in their places."""
    acknowledged = folder / "acknowledged"
    senders = [people(program, acknowledged, chance.randrange(10**9)) for _ in range(2)]
    workers = [worker() for _ in range(2)]
    until(lambda: acknowledged.exists() and bool(acknowledged.read_text()), what="the first submission")
    shake(workers)
    for each in senders:
        each.end()
    until_all_is_done()
    for each in workers:
        each.end()
    words = set(program.tables["item"].model._base_manager.values_list("word", flat=True))
    assert words == set(acknowledged.read_text().split()), "what was acknowledged is not what is there"
    check(program, ledger)
    connections.close_all()
