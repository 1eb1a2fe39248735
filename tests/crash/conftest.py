"""A published application for crashes, and its ledger of effects."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meanwhile import function
from meanwhile.definitions.program import Program
from meanwhile.plugins import functions
from tests.contract.conftest import publish_yaml
from tests.crash.harness import DOCUMENT, SYNCHRONOUS, Child, Ledger

__all__ = ["publish_yaml"]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger")

    @function(name="ledger")
    def write(line: int) -> str:
        return ledger.write(str(line))

    yield ledger
    functions._functions.pop("ledger", None)


@pytest.fixture
def crash(ledger: Ledger, publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(DOCUMENT)


@pytest.fixture
def crash_sync(ledger: Ledger, publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(SYNCHRONOUS)


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Whatever a test started is gone when it has ended, however it ended."""
    yield
    for child in Child.of_this_test:
        child.kill()
    Child.of_this_test.clear()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The chance of this test; its seed is printed when the test fails."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)
