"""Whatever somebody writes is a document or an error with its place; what is made up is a document."""

import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meanwhile.definitions.check import check
from meanwhile.definitions.loading import load, load_plain
from meanwhile.definitions.problems import DocumentErrors
from meanwhile.definitions.writer import dump_plain, dump_yaml
from tests.contract.generated_documents import Plain, documents


@given(documents())
def test_what_is_made_up_is_mostly_right(plain: Plain) -> None:
    """The other tests would prove nothing with documents that do not load."""
    load(dump_plain(plain), "fuzz.yaml")


@given(documents())
def test_a_document_loads_from_its_export(plain: Plain) -> None:
    document = load(dump_plain(plain))
    assert document.plain == plain
    again = load(dump_yaml(document))
    assert again.plain == document.plain
    assert again == document
    assert load_plain(document.plain).plain == document.plain


@given(documents(), st.data())
def test_a_document_with_a_piece_missing_is_an_error_or_a_document(plain: Plain, data: Any) -> None:
    text = dump_plain(plain)
    start = data.draw(st.integers(0, len(text) - 1))
    _load_and_check(text[:start] + text[start + data.draw(st.integers(1, 20)) :])


@given(documents(), st.data())
def test_a_document_with_a_wrong_value_is_an_error_or_a_document(plain: Plain, data: Any) -> None:
    """Every place gets every kind of value."""
    places = list(_places(plain))
    *path, last = data.draw(st.sampled_from(places))
    plain = copy.deepcopy(plain)
    owner: Any = plain
    for part in path:
        owner = owner[part]
    owner[last] = data.draw(
        st.sampled_from(
            [None, True, 0, -1, 10**30, "", "x", "{{", "{{ record.x }}", [], [None], {}, {"": ""}, {"x": []}]
        )
    )
    _load_and_check(dump_plain(plain))
    with suppress(DocumentErrors):
        check(load_plain(plain))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_or_a_document(content: bytes) -> None:
    _load_and_check(content)


PIECES = st.sampled_from([
    "application", "tables", "fields", "events", "record_update", "background", "do", "if", "type", "text", ":", ": ",
    "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", ",", "x", '"', "'", "{{", "}}", "null", "1", "#", "|", ">", "&",
    "*", "!",
])  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_words_of_documents_are_an_error_or_a_document(text: str) -> None:
    _load_and_check(text)


def _load_and_check(content: str | bytes) -> None:
    try:
        problems = check(load(content, "fuzz.yaml"))
    except DocumentErrors as errors:
        problems = list(errors.problems)
        assert problems
    for problem in problems:
        assert problem.line is not None
        assert problem.message
