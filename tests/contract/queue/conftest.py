"""Fixtures of the queue's suite: a holder's lease, and Meanwhile's settings for one test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meanwhile.queue import lease
from meanwhile.queue.models import Lease


@pytest.fixture
def lease_id(transactional_db: None) -> int:
    return lease.take(Lease.Kind.WORKER, "a test")


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Change some of Meanwhile's settings for this test."""

    def change(**some: Any) -> None:
        settings.MEANWHILE = settings.MEANWHILE | some

    return change


@pytest.fixture(autouse=True)
def own_wake_folder(tmp_path: Path, settings: Any) -> None:
    settings.MEANWHILE = settings.MEANWHILE | {"wake_folder": str(tmp_path / "wake")}
