"""Shared by all tests: hypothesis without deadlines, and a registry that forgets."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the tests

settings.register_profile(
    "suite", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("long", settings.get_profile("suite"), max_examples=1000)
settings.load_profile("long" if os.environ.get("MEANWHILE_CHAOS") else "suite")

# What takes longest in one file begins first, and what is short comes last, so that no process of a run is left alone
# with a long file at its end.
LONGEST_FIRST = (
    "tests/browser/test_monitor.py",
    "tests/crash/test_kills.py",
    "tests/contract/queue/test_model.py",
    "tests/crash/test_database_restarts.py",
    "tests/docs",
    "tests/browser",
    "tests/crash",
    "tests/contract/test_monitor_lists.py",
    "tests/contract/designer",
    "tests/unit/cli",
    "tests/contract",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; within one, and among those that are not told apart, pytest-randomly's order stays."""

    def place(item: pytest.Item) -> int:
        found = (n for n, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start))
        return next(found, len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture
def no_functions_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test registers or loads from beside a document is forgotten after it."""
    monkeypatch.setenv("MEANWHILE_FUNCTIONS", "")
    from meanwhile.plugins import functions as registered

    before = dict(registered._functions)
    yield
    registered._functions.clear()
    registered._functions.update(before)
    for name in [name for name in sys.modules if name.startswith("meanwhile_functions_of_")]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """pytest-django's database, of which each test empties what it wrote."""
    from tests import emptying

    with django_db_blocker.unblock():
        emptying.begin()
