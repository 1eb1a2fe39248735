"""JSON that brings back what went in, in a database column too."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core.exact_json import ExactDecoder, ExactEncoder, dumps, loads

KEYS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | KEYS | st.decimals(allow_nan=False) | st.dates() | st.uuids()
VALUES = st.recursive(
    SCALARS | st.datetimes(timezones=st.just(UTC)) | st.timedeltas(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.sampled_from(["$", "$decimal", "$date"]), inner),
)


@given(VALUES)
def test_what_went_in_comes_back(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(VALUES)
def test_a_column_keeps_it_too(value: Any) -> None:
    # A decimal in a column came back as {"$decimal": …}: Python's encode() calls iterencode(), and both made it plain.
    assert json.loads(json.dumps(value, cls=ExactEncoder), cls=ExactDecoder) == value
    file = StringIO()
    json.dump(value, file, cls=ExactEncoder)
    assert json.loads(file.getvalue(), cls=ExactDecoder) == value


@pytest.mark.parametrize(
    "value",
    [Decimal("1.10"), date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC), timedelta(microseconds=-1), UUID(int=5)],
)
def test_a_value_keeps_its_type_and_its_digits(value: Any) -> None:
    assert repr(loads(dumps([value]))) == repr([value])


def test_a_value_without_an_exact_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no exact form"):
        dumps([object()])
