"""Changes of tables: each leaves the old document as it was, and a document that loads where it can."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meanwhile.definitions.editing import EditRefused, tables
from meanwhile.definitions.inspection import inspect

DOCUMENT: dict[str, Any] = {
    "application": "x",
    "tables": {
        "booking": {
            "label": "Booking",
            "fields": {"a": {"type": "text"}, "b": {"type": "integer"}, "c": {"type": "boolean"}},
            "events": {
                "record_update": [{"update_field": {"field": "a", "value": "x"}, "id": "n1"}],
                "remind": [{"trigger_event": "other", "id": "n2"}],
                "other": None,
            },
        }
    },
    "forms": {
        "book": {"table": "booking", "fields": ["a", {"field": "b", "label": "B"}]},
        "list": {"table": "other", "fields": ["a"]},
    },
}


@pytest.fixture
def plain() -> Any:
    before = deepcopy(DOCUMENT)
    yield before
    assert before == DOCUMENT


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Name of the passenger", "name_of_the_passenger"),
        ("  Größe (cm) ", "groe_cm"),
        ("2nd name", "field_2nd_name"),
        ("日付", "field"),
        ("class", "class_2"),
        ("ID", "id_2"),
        ("a__b", "a_b"),
        ("", "field"),
        ("seats", "seats_3"),
        ("x" * 50, "x" * 40),
    ],
)
def test_a_key_is_made_from_a_label(label: str, key: str) -> None:
    made = tables.key_from(label, {"seats", "seats_2"}, is_field=True)
    assert made == key
    assert tables.why_not(made, is_field=True) == ""


def test_long_keys_that_are_taken_get_a_number_within_their_length() -> None:
    assert tables.key_from("x" * 50, {"x" * 40}) == "x" * 38 + "_2"


def test_a_table_is_added_with_its_label_and_no_fields(plain: Any) -> None:
    made = tables.add_table(plain, "customer", "Customers")
    assert made["tables"]["customer"] == {"label": "Customers", "fields": {}}
    assert list(made["tables"]) == ["booking", "customer"]


@pytest.mark.parametrize("key", ["booking", "Booking", "a b", "", "class"])
def test_a_key_that_is_taken_or_is_none_is_refused(plain: Any, key: str) -> None:
    with pytest.raises(EditRefused):
        tables.add_table(plain, key)


def test_the_first_table_of_an_application_is_added(plain: Any) -> None:
    assert tables.add_table({"application": "x", "tables": None}, "a")["tables"] == {"a": {"fields": {}}}


def test_a_label_changes_and_the_key_stays(plain: Any) -> None:
    assert tables.label_table(plain, "booking", "Flights")["tables"]["booking"]["label"] == "Flights"
    assert "label" not in tables.label_table(plain, "booking", "")["tables"]["booking"]


def test_a_table_is_taken_out_and_what_names_it_is_wrong_then(plain: Any) -> None:
    made = tables.remove_table(plain, "booking")
    assert made["tables"] == {}
    assert inspect(made).errors


def test_a_field_is_added_as_the_last_one(plain: Any) -> None:
    made = tables.add_field(plain, "booking", "d", {"type": "date"})
    assert list(tables.fields(made, "booking")) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("key", ["a", "id", "save", "A"])
def test_a_field_whose_key_is_taken_or_reserved_is_refused(plain: Any, key: str) -> None:
    with pytest.raises(EditRefused):
        tables.add_field(plain, "booking", key, {"type": "text"})


@pytest.mark.parametrize(("index", "order"), [(0, "cab"), (1, "acb"), (2, "abc"), (9, "abc"), (-1, "cab")])
def test_a_field_is_moved_to_a_position(plain: Any, index: int, order: str) -> None:
    assert "".join(tables.fields(tables.move_field(plain, "booking", "c", index), "booking")) == order


def test_a_field_goes_up_and_down_until_the_ends(plain: Any) -> None:
    assert "".join(tables.fields(tables.up_field(plain, "booking", "b"), "booking")) == "bac"
    assert "".join(tables.fields(tables.down_field(plain, "booking", "b"), "booking")) == "acb"
    with pytest.raises(EditRefused, match="first"):
        tables.up_field(plain, "booking", "a")
    with pytest.raises(EditRefused, match="last"):
        tables.down_field(plain, "booking", "c")


def test_a_field_is_set_up_and_stays_where_it_is(plain: Any) -> None:
    made = tables.configure_field(plain, "booking", "b", {"type": "integer", "min": 1})
    assert list(tables.fields(made, "booking")) == ["a", "b", "c"]
    assert tables.field(made, "booking", "b") == {"type": "integer", "min": 1}


def test_a_field_is_taken_out_of_the_forms_of_its_table_only(plain: Any) -> None:
    assert tables.forms_with(plain, "booking", "a") == ["book"]
    made = tables.remove_field(plain, "booking", "a", from_forms=True)
    assert made["forms"]["book"]["fields"] == [{"field": "b", "label": "B"}]
    assert made["forms"]["list"]["fields"] == ["a"]
    assert tables.remove_field(plain, "booking", "a")["forms"] == DOCUMENT["forms"]


@pytest.mark.parametrize(
    "work",
    [
        lambda plain: tables.field(plain, "booking", "gone"),
        lambda plain: tables.move_field(plain, "booking", "gone", 0),
        lambda plain: tables.configure_field(plain, "booking", "gone", {}),
        lambda plain: tables.add_field(plain, "gone", "a", {}),
        lambda plain: tables.remove_table(plain, "gone"),
        lambda plain: tables.remove_event(plain, "booking", "gone"),
        lambda plain: tables.configure_event(plain, "booking", "gone", ""),
    ],
)
def test_what_somebody_else_has_deleted_is_refused(plain: Any, work: Any) -> None:
    with pytest.raises(EditRefused):
        work(plain)


def test_a_custom_event_is_added_with_its_parameters(plain: Any) -> None:
    made = tables.add_event(plain, "booking", "late", "It is late", ["days"])
    assert made["tables"]["booking"]["events"]["late"] == {"label": "It is late", "parameters": ["days"], "do": []}
    assert not [problem for problem in inspect(made).errors if "late" in problem.path]


def test_an_event_that_is_written_as_a_list_gets_a_label_and_keeps_its_tree(plain: Any) -> None:
    made = tables.configure_event(plain, "booking", "remind", "Remind", [])
    assert made["tables"]["booking"]["events"]["remind"] == {
        "label": "Remind",
        "do": [{"trigger_event": "other", "id": "n2"}],
    }


def test_the_record_update_event_cannot_be_added_as_a_custom_one(plain: Any) -> None:
    with pytest.raises(EditRefused):
        tables.add_event({"tables": {"t": {}}}, "t", "record_update")


def test_a_custom_event_is_taken_out_and_what_triggers_it_is_wrong_then(plain: Any) -> None:
    made = tables.remove_event(plain, "booking", "other")
    assert "other" not in tables.events(made, "booking")
    assert any("other" in problem.message for problem in inspect(made).errors)


TABLES = st.sampled_from(["booking", "customer", "gone"])
KEYS = st.sampled_from(["a", "b", "c", "d", "save", "gone", ""])
DEFINITIONS = st.sampled_from(
    [{"type": "text"}, {"type": "choice"}, {"type": "nothing"}, {"type": "integer", "min": 3, "max": 1}, {}]
)
OPERATIONS = st.one_of(
    st.builds(lambda key: lambda plain: tables.add_table(plain, key, "Label"), TABLES),
    st.builds(lambda key, label: lambda plain: tables.label_table(plain, key, label), TABLES, st.text(max_size=3)),
    st.builds(lambda key: lambda plain: tables.remove_table(plain, key), TABLES),
    st.builds(lambda *each: lambda plain: tables.add_field(plain, *each), TABLES, KEYS, DEFINITIONS),
    st.builds(lambda *each: lambda plain: tables.configure_field(plain, *each), TABLES, KEYS, DEFINITIONS),
    st.builds(lambda *each: lambda plain: tables.move_field(plain, *each), TABLES, KEYS, st.integers(-1, 4)),
    st.builds(lambda *each: lambda plain: tables.up_field(plain, *each), TABLES, KEYS),
    st.builds(lambda table, key: lambda plain: tables.remove_field(plain, table, key, from_forms=True), TABLES, KEYS),
    st.builds(lambda *each: lambda plain: tables.add_event(plain, *each, "L", ["p"]), TABLES, KEYS),
    st.builds(lambda *each: lambda plain: tables.remove_event(plain, *each), TABLES, st.sampled_from(["other", "a"])),
)


@given(st.lists(OPERATIONS, max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_sequence_of_changes_leaves_a_document_that_is_right_or_says_why(operations: list[Any]) -> None:
    plain = deepcopy(DOCUMENT)
    for operate in operations:
        before = deepcopy(plain)
        try:
            made = operate(plain)
        except EditRefused:
            made = plain
        assert plain == before
        plain = made
    found = inspect(plain)
    assert found.is_whole or found.errors
    assert all(problem.message for problem in found.errors)
