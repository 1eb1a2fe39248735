"""Changes of forms and pages: each leaves the old document as it was, and keeps the short spellings."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meanwhile.definitions.editing import EditRefused, forms, pages
from meanwhile.definitions.inspection import inspect

DOCUMENT: dict[str, Any] = {
    "application": "x",
    "tables": {"booking": {"fields": {key: {"type": "text"} for key in "abcd"}}},
    "forms": {
        "book": {
            "table": "booking",
            "title": "Book",
            "fields": ["a", {"field": "b", "label": "B"}, "c"],
            "next": "wait",
            "events": {"record_update": []},
        }
    },
    "pages": {"wait": {"kind": "wait", "table": "booking", "every": "5s", "next": "done"}, "done": {"kind": "content"}},
}


@pytest.fixture
def plain() -> Iterator[Any]:
    before = deepcopy(DOCUMENT)
    yield before
    assert before == DOCUMENT


def listed(plain: Any) -> Any:
    return plain["forms"]["book"]["fields"]


def test_a_form_is_added_with_fields_as_keys_alone(plain: Any) -> None:
    made = forms.add_form(plain, "short", "booking", "Short one", ["a", "b"])
    assert list(made["forms"]) == ["book", "short"]
    assert made["forms"]["short"] == {"table": "booking", "title": "Short one", "fields": ["a", "b"]}


@pytest.mark.parametrize("key", ["book", "Not a key", "class", ""])
def test_a_key_that_is_taken_or_none_is_refused(plain: Any, key: str) -> None:
    with pytest.raises(EditRefused):
        forms.add_form(plain, key, "booking")


def test_settings_that_are_not_given_are_taken_out_and_the_rest_stays(plain: Any) -> None:
    made = forms.configure_form(plain, "book", {"table": "booking", "submit": "Send", "who": "signed_in"})["forms"][
        "book"
    ]
    assert made == {
        "table": "booking",
        "who": "signed_in",
        "submit": "Send",
        "fields": listed(plain),
        "events": {"record_update": []},
    }


def test_settings_that_stay_keep_their_places(plain: Any) -> None:
    given = {"next": "done", "title": "Other", "table": "booking"}
    made = forms.configure_form(plain, "book", given)["forms"]["book"]
    assert list(made) == ["table", "title", "fields", "next", "events"]


def test_a_field_is_put_on_set_up_and_taken_off(plain: Any) -> None:
    made = forms.add_field(plain, "book", "d")
    assert listed(made)[-1] == "d"
    made = forms.configure_field(made, "book", "d", {"hidden": True, "preset": 1})
    assert forms.field(made, "book", "d") == {"field": "d", "hidden": True, "preset": 1}
    made = forms.configure_field(made, "book", "d", {})
    assert listed(made)[-1] == "d"
    assert forms.remove_field(made, "book", "d") == plain


def test_a_field_stands_on_a_form_only_once(plain: Any) -> None:
    with pytest.raises(EditRefused, match="already"):
        forms.add_field(plain, "book", "b")


@pytest.mark.parametrize(
    ("change", "order"),
    [
        (lambda plain: forms.up_field(plain, "book", "b"), "bac"),
        (lambda plain: forms.down_field(plain, "book", "b"), "acb"),
        (lambda plain: forms.move_field(plain, "book", "a", 2), "bca"),
        (lambda plain: forms.move_field(plain, "book", "c", -5), "cab"),
    ],
)
def test_fields_are_put_in_order(plain: Any, change: Callable[[Any], Any], order: str) -> None:
    assert "".join(item["field"] for item in forms.fields(change(plain), "book")) == order


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: forms.up_field(plain, "book", "a"),
        lambda plain: forms.down_field(plain, "book", "c"),
        lambda plain: forms.remove_field(plain, "book", "gone"),
        lambda plain: forms.remove_form(plain, "gone"),
        lambda plain: pages.remove_page(plain, "gone"),
        lambda plain: pages.configure_page(plain, "gone", {}),
        lambda plain: pages.add_page(plain, "wait", "wait", "booking"),
    ],
)
def test_what_makes_no_sense_is_refused(plain: Any, change: Callable[[Any], Any]) -> None:
    with pytest.raises(EditRefused):
        change(plain)


def test_a_page_is_added_and_set_up(plain: Any) -> None:
    made = pages.add_page(plain, "thanks", "content", "booking", "Thanks")
    made = pages.configure_page(made, "thanks", {"kind": "content", "table": "booking", "text": "Bye"})
    assert made["pages"]["thanks"] == {"kind": "content", "table": "booking", "text": "Bye"}


def test_a_page_that_waits_no_more_keeps_nothing_of_waiting(plain: Any) -> None:
    settings = {**plain["pages"]["wait"], "kind": "content"}
    made = pages.configure_page(plain, "wait", settings)
    assert made["pages"]["wait"] == {"kind": "content", "table": "booking"}


def test_what_is_taken_out_is_missed_by_what_names_it(plain: Any) -> None:
    assert list(pages.remove_page(plain, "wait")["pages"]) == ["done"]
    assert forms.remove_form(plain, "book")["forms"] == {}


BROKEN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["field", "a", "fields"]), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(BROKEN, st.sampled_from(["a", "b"]), st.integers(-2, 5))
def test_forms_that_are_wrong_are_changed_or_refused(fields: Any, name: str, index: int) -> None:
    plain = {**DOCUMENT, "forms": {"book": {"table": "booking", "fields": fields}}, "pages": fields}
    for change in (
        lambda: forms.add_field(plain, "book", name),
        lambda: forms.move_field(plain, "book", name, index),
        lambda: forms.remove_field(plain, "book", name),
        lambda: pages.remove_page(plain, name),
    ):
        try:
            inspect(change())
        except EditRefused:
            continue
