"""A published application for crashes, its ledger of effects, and the report of a run."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meanwhile import function
from meanwhile.definitions.program import Program
from meanwhile.plugins import functions
from tests.contract.conftest import publish_yaml
from tests.crash import tally
from tests.crash.counts import IS_FULL
from tests.crash.harness import DOCUMENT, SYNCHRONOUS, Child, Ledger, until

__all__ = ["publish_yaml"]

tally.seed()  # before processes are started that have to agree on it


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger")

    @function(name="ledger")
    def write(line: int) -> str:
        return ledger.write(str(line))

    yield ledger
    functions._functions.pop("ledger", None)


@pytest.fixture
def slow(ledger: Ledger, tmp_path: Path) -> Path:
    """The function ``ledger`` writes its line and then takes as long as this file is there."""
    gate = tmp_path / "slow"
    gate.touch()

    @function(name="ledger")
    def write(line: int) -> str:
        answer = ledger.write(str(line))
        until(lambda: not gate.exists(), 60, "the end of the slow effect")
        return answer

    return gate


@pytest.fixture
def crash(ledger: Ledger, publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(DOCUMENT)


@pytest.fixture
def crash_sync(ledger: Ledger, publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(SYNCHRONOUS)


@pytest.fixture(autouse=True)
def no_process_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test started is gone when it has ended, however it ended; what it did is counted."""
    tally.take()
    yield
    request.node.user_properties.append((tally.PROPERTY, tally.take()))
    for child in Child.of_this_test:
        child.kill()
    Child.of_this_test.clear()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The chance of this test; the seed is in the report of the run, and with a failure."""
    print(f"{tally.SEED}={tally.seed()}")
    return tally.chance_of(request.node.name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for those in terminalreporter.stats.values() for report in those]
    database = os.environ.get("MEANWHILE_TEST_BACKEND", "sqlite")
    if lines := tally.lines(reports, database, is_full=IS_FULL):
        terminalreporter.write_sep("-", "crashes")
        for line in lines:
            terminalreporter.write_line(line)
