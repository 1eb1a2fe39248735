"""When a worker makes way for a job that has to run alone."""

from collections.abc import Callable

import pytest

from meanwhile.core import clock
from meanwhile.queue.solitude import PATIENCE_SECONDS, Solitude


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let seconds pass."""
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def test_a_worker_that_rests_makes_way_at_once() -> None:
    own = Solitude()
    own.look(one_waits=True, is_idle=True)
    assert own.makes_way


def test_a_busy_worker_leaves_the_job_to_others_for_a_moment(wait: Callable[[float], None]) -> None:
    own = Solitude()
    own.look(one_waits=True, is_idle=False)
    assert not own.makes_way
    wait(PATIENCE_SECONDS)
    own.look(one_waits=True, is_idle=False)
    assert own.makes_way


def test_where_another_worker_took_the_job_the_next_one_is_left_to_others_too(wait: Callable[[float], None]) -> None:
    own = Solitude()
    for waits in (True, False, True):
        own.look(one_waits=waits, is_idle=False)
        wait(PATIENCE_SECONDS)
    assert not own.makes_way


@pytest.mark.parametrize("is_idle", [True, False])
def test_after_a_job_that_ran_alone_everything_else_comes_first(is_idle: bool) -> None:
    own = Solitude()
    own.begin(has_one=True)
    own.look(one_waits=False, is_idle=is_idle)
    assert own.makes_way, "it has one in hand"
    own.end_when(is_over=False)
    assert own.makes_way
    own.end_when(is_over=True)
    assert not own.makes_way


def test_a_worker_that_waits_for_its_hand_to_be_empty_goes_on_waiting() -> None:
    own = Solitude()
    own.look(one_waits=True, is_idle=True)
    own.end_when(is_over=True)
    assert own.makes_way, "it has not had one yet"
