"""Shared by all tests: hypothesis without deadlines, and a registry that forgets."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the tests

settings.register_profile(
    "suite", deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("long", settings.get_profile("suite"), max_examples=1000)
settings.load_profile("long" if os.environ.get("MEANWHILE_CHAOS") else "suite")


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
