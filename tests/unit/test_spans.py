"""Spans of time and offsets as documents write them."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core.spans import format_span, parse_offset, parse_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("2m", 120), ("1h30m", 5400), ("1h 30m", 5400), ("3d", 259_200), ("2w", 1_209_600), ("0s", 0)],
)
def test_spans_are_read(text, seconds):
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "2h2h", "1.5h", "2x", "1mo", "1y", "two hours", "99999w", "2h!"])
def test_what_is_no_span_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"[.]$"):
        parse_span(text)


@given(st.integers(0, 10**9))
def test_a_written_span_reads_back(seconds):
    span = timedelta(seconds=seconds)
    assert parse_span(format_span(span)) == span


def test_offsets_tell_the_calendar_from_the_clock():
    offset = parse_offset("-1y2mo1w3d4h5m6s")
    assert (offset.months, offset.days, offset.seconds) == (-14, -10, -(4 * 3600 + 5 * 60 + 6))
    assert offset.is_earlier
    assert parse_offset("+1d") == parse_offset("1d").__class__("+1d", 0, 1, 0)


@given(st.text(max_size=12) | st.text("+-0123456789ywdhmso ", max_size=12), st.sampled_from([parse_span, parse_offset]))
def test_any_text_is_a_span_or_a_value_error(text, parse):
    with suppress(ValueError):
        parse(text)
