"""When a failed action is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.queue.retry import LONGEST_SECONDS, delay_seconds


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 15), (2, 60), (3, 240), (4, 960)])
def test_the_delay_grows_by_the_factor(attempt: int, seconds: float) -> None:
    assert delay_seconds(attempt, 15, 4, chance=0.5) == pytest.approx(seconds)


@given(st.integers(1, 10_000), st.floats(0, 1e9), st.floats(1, 100))
def test_the_delay_is_never_longer_than_a_day_and_its_jitter(attempt: int, backoff: float, factor: float) -> None:
    assert 0 <= delay_seconds(attempt, backoff, factor) <= LONGEST_SECONDS * 1.15


def test_jitter_spreads_the_delay_by_fifteen_percent_either_way() -> None:
    assert delay_seconds(1, 100, 4, chance=0) == pytest.approx(85)
    assert delay_seconds(1, 100, 4, chance=1) == pytest.approx(115)
