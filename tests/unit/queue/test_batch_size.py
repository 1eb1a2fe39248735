"""How many jobs are turned together."""

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core.conf import conf
from meanwhile.queue.batch_size import LEAST, BatchSize

TOO_LONG = 1.0


def test_what_took_too_long_is_made_smaller_and_grows_again() -> None:
    batch = BatchSize()
    batch.fit(batch.limit, TOO_LONG)
    assert batch.limit == conf().batch_size // 2
    for _ in range(10):
        batch.fit(batch.limit, 0.001)
    assert batch.limit == conf().batch_size


def test_one_job_that_takes_long_makes_no_batch_smaller() -> None:
    batch = BatchSize()
    batch.fit(1, TOO_LONG)
    assert batch.limit == conf().batch_size


@pytest.mark.parametrize("most", [1, 4, 50])
@given(turns=st.lists(st.tuples(st.integers(1, 50), st.floats(0, 2))))
def test_it_stays_between_the_least_and_the_setting(most: int, turns: list[tuple[int, float]]) -> None:
    with override_settings(MEANWHILE={"batch_size": most}):
        batch = BatchSize()
        for size, seconds in turns:
            batch.fit(min(size, batch.limit), seconds)
            assert min(LEAST, most) <= batch.limit <= most
