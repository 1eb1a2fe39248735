"""YAML as documents use it: exact scalars, a place for every value, and errors instead of tracebacks."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.definitions.reader import MAX_CHARACTERS, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Yes", "Yes"),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("2026-01-31", "2026-01-31"),
        ("1_000", "1_000"),
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("0", 0),
        ("1.50", Decimal("1.50")),
        ("1e3", Decimal("1e3")),
        (".5", Decimal("0.5")),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"true"', "true"),
        ("'5'", "5"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    reading = read(f"key: {text}")
    assert reading.findings == []
    assert reading.value == {"key": value}
    assert type(reading.value["key"]) is type(value)


def test_decimals_keep_their_zeros() -> None:
    assert str(read("key: 1.50").value["key"]) == "1.50"


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b"\xef\xbb\xbfkey: 1").value == {"key": 1}


@pytest.mark.parametrize(
    ("text", "words", "line", "column"),
    [
        (b"", "empty", 1, 1),
        (b"# only a remark\n", "empty", 1, 1),
        (b"a: 1\nb: \xff", "UTF-8", 2, 4),
        (b"a: 1\nb: \x00", "cannot be kept", 2, 4),
        (b'a: "\\0"', "cannot be kept", 1, 4),
        (b"a: 1\n  \na: 2", "twice", 3, 1),
        (b"a: &x 1", "Anchors", 1, 4),
        (b"a: 1\nb: *a", "Anchors", 2, 4),
        (b"*a : 1", "Anchors", 1, 1),
        (b"a: !!str 1", "Tags", 1, 4),
        (b"a: !python/object:os.system 1", "Tags", 1, 4),
        (b"a: .inf", "not a number", 1, 4),
        (b"a: .NaN", "not a number", 1, 4),
        (b"a: " + b"9" * 5000, "too long", 1, 4),
        (b"a: 1e999999999", "too long", 1, 4),
        (b"a: 1\n---\nb: 2", "second", 2, 1),
        (b"a: b: c", "not YAML", 1, 5),
        (b"a: [1, 2\n", "not YAML", 2, 1),
        (b"? [a]\n: b", "key is a word", 1, 3),
        (b"a: {{ record.email }}", "quotes", 1, 5),
        (b"a: {{ record.email }} and more", "quotes", 1, 5),
        (b"a:\n  - {{ record.email }}", "quotes", 2, 6),
        (b"a: " + b"[" * 100_000, "too deep", 1, 103),
    ],
)
def test_what_cannot_be_read_is_an_error_at_its_place(text: bytes, words: str, line: int, column: int) -> None:
    reading = read(text)
    finding = reading.findings[0]
    place = finding.place or reading.root
    if finding.loc and finding.place is None:
        place = reading.root.children[finding.loc[0]]
    assert words in finding.message
    assert (place.line, place.column) == (line, column)


def test_too_large_a_document_is_refused_before_it_is_read() -> None:
    (finding,) = read("a: " + "x" * MAX_CHARACTERS).findings
    assert "too large" in finding.message


def test_several_errors_are_found_at_once() -> None:
    reading = read("a: 1\na: 2\nb: &x 3\nc: .inf\n")
    assert len(reading.findings) == 3


def test_every_value_has_its_place() -> None:
    root = read("a:\n  - b: 1\n    c: [x, y]\n").root
    item = root.children["a"].children[0]
    assert (item.children["b"].key_line, item.children["b"].key_column) == (2, 5)
    assert (item.children["c"].children[1].line, item.children["c"].children[1].column) == (3, 12)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read(content)


_YAML_LIKE = st.text(st.sampled_from(list("ab:-{}[]\"'|>!&*?,#%@ \n\t\\01.e~é\ufeff")), max_size=80)


@given(_YAML_LIKE)
def test_any_text_that_looks_like_yaml_is_read_or_refused(text: str) -> None:
    read(text)
