"""An export reads well, and loads to the same document again."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.definitions.loading import load
from meanwhile.definitions.reader import read
from meanwhile.definitions.writer import dump_plain, dump_yaml
from tests.unit.definitions.documents import BOOKING, EXAMPLES

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from(list("\n '\"{}[]:#-|>&*!%@`,?\\")),
    max_size=30,
)
# Text that some reader of YAML takes for something else, or that is hard to keep on its lines.
ODD = st.sampled_from([
    "Yes", "no", "010", "1e3", "12:30", "~", "null", "true", "1_000", "0x1f", "=", "<<", "#", "{{", "{{ record.a }}",
    "é", "'", '"', "%", "@", "`", "...", "---", "1.", ".5", "5", "-", "?", ":", "a:", "2026-01-31", "", "- a", "a: b",
    " a", "a ", "\n", "a\n", "\na", "a\n\n", "a \nb", "  a\nb", "\ta", "a\tb", "a #b", "\x85", "\u2028", "\ufeff",
    "\r\n",
])  # fmt: skip
NUMBERS = st.integers(-(10**30), 10**30) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=3
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS | ODD
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | ODD, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(TEXTS | ODD, VALUES, min_size=1, max_size=5))
def test_whatever_is_written_reads_the_same(plain: dict[str, Any]) -> None:
    reading = read(dump_plain(plain))
    assert reading.findings == []
    assert reading.value == plain
    assert _types(reading.value) == _types(plain)


def _types(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    return [_types(item) for item in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_exports_to_the_same_document(path: Path) -> None:
    document = load(path.read_bytes(), str(path))
    again = load(dump_yaml(document))
    assert again.plain == document.plain
    assert dump_yaml(again) == dump_yaml(document)


def test_an_export_reads_well() -> None:
    text = dump_yaml(load(BOOKING))
    assert "      seats: {type: integer, min: 1, max: 9, default: 1}\n" in text
    assert (
        "        - if_new_record:\n          do:\n            - update_field: {field: status, value: Received}" in text
    )
    assert "\n\nforms:\n  book: {table: booking, fields: [passenger, email, seats], next: confirming}\n" in text


def test_the_keys_of_a_node_stand_in_order_with_the_children_last() -> None:
    nodes = "[{do: [], id: n-1, note: Why, name: Later, background: {attempts: 3}}]"
    document = load(
        f"application: x\ntables: {{t: {{fields: {{a: {{type: text}}}}, events: {{record_update: {nodes}}}}}}}"
    )
    lines = [line.strip() for line in dump_yaml(document).splitlines()][-5:]
    assert lines == ["- background: {attempts: 3}", "name: Later", "note: Why", "id: n-1", "do: []"]


def test_text_of_several_lines_is_a_block() -> None:
    text = dump_plain({"application": "x", "description": "One line,\nand another.\n"})
    assert text == "application: x\ndescription: |\n  One line,\n  and another.\n"


@pytest.mark.parametrize(
    "text", ["Yes", "no", "010", "1e3", "12:30", "null", "true", "5", "2026-01-31", "0x10", "1_000"]
)
def test_text_that_some_reader_takes_for_something_else_is_quoted(text: str) -> None:
    dumped = dump_plain({"title": text})
    assert read(dumped).value == {"title": text}
    assert yaml.safe_load(dumped) == {"title": text}


def test_numbers_keep_their_kind() -> None:
    for number in (5, Decimal("5.0"), Decimal("5"), Decimal("1E+3"), Decimal("-0.10")):
        value = read(dump_plain({"a": number})).value["a"]
        assert (type(value), value) == (type(number), number)
