"""Publishing only widens: what a plan says, what it refuses, and what becomes of the data."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core.errors import MissingDefinition
from meanwhile.plugins.registry import field_types
from meanwhile.tables import physical, records, schema
from meanwhile.tables.schema import Change
from meanwhile.tables.table import Table
from tests.contract.conftest import drop_run_time_tables
from tests.contract.table_making import built, migrate, plan

pytestmark = pytest.mark.usefixtures("clean_tables")

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TEXT = {"type": "text"}
NAMED = {"item": {"name": TEXT}}


@pytest.fixture
def clean_tables(transactional_db: None) -> Iterator[None]:
    yield
    drop_run_time_tables()


def item(*fields: tuple[str, Any]) -> dict[str, Any]:
    return {"item": {"name": TEXT, **dict(fields)}}


def insert(table: Table, **values: Any) -> Any:
    return records.insert(table, records.new_values(table) | values, user_id=None, now=NOW)


def only(before: Any, after: Any) -> Change:
    (change,) = plan(before, after).changes
    return change


def values_of(table: Table, key: str) -> list[Any]:
    ids = list(table.model._base_manager.values_list("pk", flat=True))
    return [values[key] for values in records.read(table, ids).values()]


# --- adding --------------------------------------------------------------------------------------------------------


def test_a_new_table_is_added_with_all_its_fields() -> None:
    assert [str(change) for change in plan(None, NAMED).changes] == ["Table item is added."]
    table = migrate(None, NAMED)["item"]
    assert set(physical.columns(table.db_table)) == {
        "id", "name", "created_at", "updated_at", "created_by", "updated_by",
    }  # fmt: skip


def test_a_plan_changes_nothing() -> None:
    plan(None, NAMED)
    assert physical.columns("mw_shop__item") == {}


def test_what_stays_as_it_is_needs_no_change() -> None:
    migrate(None, NAMED)
    assert plan(NAMED, NAMED).changes == ()


def test_a_new_field_is_empty_in_the_records_that_are_there() -> None:
    old = migrate(None, NAMED)["item"]
    insert(old, name="a")
    wider = item(("seats", {"type": "integer", "required": True}))
    assert str(only(NAMED, wider)) == "Field seats is added to item."
    assert values_of(migrate(NAMED, wider)["item"], "seats") == [None]


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"type": "text", "default": "100% 'of' %s"}, "100% 'of' %s"),
        ({"type": "integer", "default": 7}, 7),
        ({"type": "decimal", "default": Decimal("1.5")}, Decimal("1.50")),
        ({"type": "boolean", "default": True}, True),
        ({"type": "boolean"}, False),
        ({"type": "date", "default": "2026-03-31"}, datetime(2026, 3, 31).date()),
        ({"type": "datetime", "default": "2026-03-31 12:00"}, datetime(2026, 3, 31, 12, tzinfo=UTC)),
        ({"type": "choice", "choices": ["a"], "default": "a"}, "a"),
        ({"type": "json", "default": {"a'%": ["\\", 1]}}, {"a'%": ["\\", 1]}),
        ({"type": "date", "default": "today"}, None),
        ({"type": "datetime", "default": "now"}, None),
    ],
)
def test_records_that_are_there_get_a_default_that_is_the_same_for_all(definition: Any, value: Any) -> None:
    old = migrate(None, NAMED)["item"]
    insert(old, name="a")
    wider = item(("extra", definition))
    assert ("get its default" in str(only(NAMED, wider))) is (value is not None)
    table = migrate(NAMED, wider)["item"]
    insert(old, name="b")  # a job of the version before
    for found in values_of(table, "extra"):
        assert (found, str(found)) == (value, str(value))


def test_every_type_can_be_added_to_a_table_with_records() -> None:
    insert(migrate(None, NAMED)["item"], name="a")
    more = {"choice": {"choices": ["a"]}, "link": {"table": "item"}}
    wider = item(*((f"new_{word}", {"type": word, **more.get(word, {})}) for word in field_types))
    table = migrate(NAMED, wider)["item"]
    insert(table, name="b")
    assert len(values_of(table, "name")) == 2
    assert plan(wider, wider).changes == ()


def test_tables_can_link_to_each_other_and_to_tables_that_come_later() -> None:
    both = {"one": {"two": {"type": "link", "table": "two"}}, "two": {"one": {"type": "link", "table": "one"}}}
    tables = migrate(None, both)
    first = insert(tables["two"])
    assert insert(tables["one"], two=first)
    later = {
        "one": {**both["one"], "three": {"type": "link", "table": "three"}},
        "two": both["two"],
        "three": {"x": TEXT},
    }
    tables = migrate(both, later)
    assert insert(tables["one"], three=insert(tables["three"]))


def test_names_that_are_as_long_as_they_may_be_do_not_collide() -> None:
    long = "k" * 39
    table_key = "t" * 40
    fields = {f"{long}{letter}": {"type": "integer", "unique": True} for letter in "ab"}
    table = migrate(None, {table_key: fields})[table_key]
    insert(table, **dict.fromkeys(fields, 1))
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        insert(table, **{f"{long}b": 1})
    assert records.explain(caught.value, [table]).data["field"] == f"{long}b"


def test_a_field_may_be_called_like_the_column_of_a_link() -> None:
    tables = {"item": {"customer_id": TEXT, "customer": {"type": "link", "table": "item"}, "customer__x": TEXT}}
    del tables["item"]["customer__x"]
    table = migrate(None, tables)["item"]
    first = insert(table, customer_id="A-1")
    second = insert(table, customer_id="A-2", customer=first)
    found = records.read(table, [second])[second]
    assert (found["customer_id"], found["customer"]) == ("A-2", first)


# --- dropping and coming back --------------------------------------------------------------------------------------


def test_a_dropped_field_keeps_its_data_and_says_what_nobody_sees_any_more() -> None:
    before = item(("seats", {"type": "integer", "unique": True}))
    table = migrate(None, before)["item"]
    insert(table, name="a", seats=1)
    insert(table, name="b")
    change = only(before, NAMED)
    assert str(change) == "Field seats is dropped from item."
    assert (
        change.loses == "1 record of item has a value in seats, which nobody sees any more (it stays in the database)."
    )
    migrate(before, NAMED)
    insert(table, seats=1)  # a job of the version before; it is not unique any more
    assert values_of(table, "seats") == [1, None, 1]


def test_dropping_an_empty_field_loses_nothing() -> None:
    before = item(("seats", {"type": "integer"}))
    insert(migrate(None, before)["item"], name="a")
    assert only(before, NAMED).loses is None


def test_other_changes_leave_the_data_of_dropped_fields_alone() -> None:
    before = item(("seats", {"type": "integer"}), ("fare", {"type": "integer"}))
    first = migrate(None, before)["item"]
    insert(first, name="a", seats=5, fare=3)
    second = item(("fare", {"type": "integer"}))
    migrate(before, second)
    # On SQLite, Django's own schema editor would make the table anew, without the column that no version names.
    third = item(("fare", {"type": "decimal", "unique": True}), ("code", {"type": "text", "unique": True}))
    migrate(second, third)
    assert values_of(first, "seats") == [5]
    migrate(third, item(("seats", {"type": "integer"})))
    assert values_of(first, "seats") == [5]


def test_a_field_that_comes_back_has_its_data() -> None:
    before = item(("seats", {"type": "integer", "unique": True}))
    insert(migrate(None, before)["item"], seats=1)
    migrate(before, NAMED)
    change = only(NAMED, before)
    assert str(change) == "Field seats comes back to item, with its data."
    table = migrate(NAMED, before)["item"]
    assert values_of(table, "seats") == [1]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(table, seats=1)


def test_a_field_that_comes_back_with_limits_says_how_many_values_do_not_fit() -> None:
    before = item(("seats", {"type": "integer"}))
    table = migrate(None, before)["item"]
    for number in (1, 2, 30, 40):
        insert(table, seats=number)
    migrate(before, NAMED)
    change = only(NAMED, item(("seats", {"type": "integer", "max": 9})))
    assert change.refused is None
    assert change.loses is not None
    assert "2 values do not fit; they stay as they are" in change.loses


@pytest.mark.parametrize(
    ("earlier", "now"),
    [
        ({"type": "integer"}, {"type": "text"}),
        ({"type": "text"}, {"type": "integer"}),
        ({"type": "text"}, {"type": "json"}),
        ({"type": "link", "table": "item"}, {"type": "integer"}),
        ({"type": "integer"}, {"type": "link", "table": "item"}),
        ({"type": "link", "table": "item"}, {"type": "user"}),
        ({"type": "date"}, {"type": "datetime"}),
    ],
)
def test_a_field_of_another_type_cannot_take_a_left_column(earlier: Any, now: Any) -> None:
    before = item(("extra", earlier))
    insert(migrate(None, before)["item"], **({"extra": "words"} if earlier["type"] == "text" else {}))
    migrate(before, NAMED)
    (problem,) = plan(NAMED, item(("extra", now))).problems
    assert "data of another type" in problem.message
    assert problem.path == ("tables", "item", "fields", "extra")


def test_a_field_cannot_come_back_unique_with_values_that_stand_twice() -> None:
    before = item(("seats", {"type": "integer"}))
    table = migrate(None, before)["item"]
    insert(table, seats=1)
    insert(table, seats=1)
    migrate(before, NAMED)
    (problem,) = plan(NAMED, item(("seats", {"type": "integer", "unique": True}))).problems
    assert "1 value of it stands in more than one record" in problem.message


@pytest.mark.parametrize("definition", [{"type": "text", "unique": True}, {"type": "link", "table": "item"}])
def test_the_data_of_a_dropped_field_can_be_deleted(definition: Any) -> None:
    before = item(("extra", definition))
    table = migrate(None, before)["item"]
    insert(table, name="a")
    migrate(before, NAMED)
    for _ in range(2):  # the second time there is nothing to do
        with connection.schema_editor(atomic=True) as editor:
            schema.drop_column(table, "extra", editor)
    assert "extra" not in physical.columns(table.db_table)
    assert values_of(migrate(NAMED, item(("extra", {"type": "integer"})))["item"], "extra") == [None]


def test_a_dropped_table_keeps_its_records_and_comes_back_with_them() -> None:
    two = {**NAMED, "other": {"x": TEXT}}
    insert(migrate(None, two)["other"], x="kept")
    change = only(two, NAMED)
    assert change.loses == "1 record of other, which nobody sees any more (it stays in the database)."
    migrate(two, NAMED)
    assert str(plan(NAMED, two).changes[0]) == "Table other comes back, with its data."
    assert values_of(migrate(NAMED, two)["other"], "x") == ["kept"]


def test_dropped_links_protect_nothing_any_more() -> None:
    link = {"type": "link", "table": "item", "on_delete": "protect"}
    before = {**item(("parent", link)), "other": {"item": link}}
    tables = migrate(None, before)
    first = insert(tables["item"])
    second = insert(tables["item"], parent=first)
    third = insert(tables["other"], item=first)
    now = migrate(before, NAMED)
    assert records.delete(now["item"], first, now)
    assert records.read(tables["item"], [second])[second]["parent"] is None
    assert records.read(tables["other"], [third])[third]["item"] is None


# --- changing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "values"),
    [
        ({"type": "integer"}, {"type": "decimal", "places": 2}, {5: Decimal("5.00"), -3: Decimal("-3.00")}),
        ({"type": "text"}, {"type": "long_text"}, {"a": "a"}),
        ({"type": "email"}, {"type": "text"}, {"a@example.org": "a@example.org"}),
        ({"type": "url"}, {"type": "long_text"}, {"http://a.example": "http://a.example"}),
        ({"type": "choice", "choices": ["a", "b"]}, {"type": "text"}, {"a": "a"}),
    ],
)
def test_a_field_becomes_a_wider_one_with_its_data(before: Any, after: Any, values: dict[Any, Any]) -> None:
    narrow, wide = item(("extra", before)), item(("extra", after))
    old = migrate(None, narrow)["item"]
    for value in values:
        insert(old, extra=value)
    change = only(narrow, wide)
    assert str(change) == f"Field extra of item becomes {after['type']} instead of {before['type']}."
    assert (change.loses, change.refused) == (None, None)
    new = migrate(narrow, wide)["item"]
    assert [repr(value) for value in values_of(new, "extra")] == [repr(value) for value in values.values()]
    assert plan(wide, wide).changes == ()


def test_a_job_of_the_version_before_goes_on_after_a_widening() -> None:
    narrow, wide = item(("extra", {"type": "integer"})), item(("extra", {"type": "decimal"}))
    old = migrate(None, narrow)["item"]
    id_ = insert(old, extra=5)
    # The query is prepared by now; it would fail if its answer changed its type.
    for _ in range(3):
        records.read(old, [id_])
    new = migrate(narrow, wide)["item"]
    assert records.read(old, [id_])[id_]["extra"] == 5
    records.update(new, [(id_, {"extra": Decimal("2.50")})], user_id=None, now=NOW)
    assert records.read(old, [id_])[id_]["extra"] == Decimal("2.50")
    records.update(old, [(id_, {"extra": 7})], user_id=None, now=NOW)
    assert repr(records.read(new, [id_])[id_]["extra"]) == "Decimal('7.00')"


def test_a_wider_type_is_refused_where_a_value_does_not_fit() -> None:
    narrow, wide = item(("extra", {"type": "integer"})), item(("extra", {"type": "decimal"}))
    table = migrate(None, narrow)["item"]
    insert(table, extra=10**15)
    (problem,) = plan(narrow, wide).problems
    assert problem.message == "1 value that it holds does not fit the new type; mend it first."


@given(st.sampled_from(sorted(field_types)), st.sampled_from(sorted(field_types)))
def test_a_type_changes_only_to_a_wider_one(before: str, after: str) -> None:
    more = {"choice": {"choices": ["a"]}, "link": {"table": "item"}}
    drop_run_time_tables()
    one, two = (item(("extra", {"type": word, **more.get(word, {})})) for word in (before, after))
    migrate(None, one)
    problems = plan(one, two).problems
    assert bool(problems) is (before != after and after not in field_types[before].widens_to)
    for problem in problems:
        assert f"A field of type {before} cannot become {after}" in problem.message
    if not problems:
        migrate(one, two)
        assert plan(two, two).changes == ()


def test_narrower_limits_are_told_with_what_does_not_fit() -> None:
    before, after = (item(("seats", {"type": "integer", "max": limit})) for limit in (9, 5))
    table = migrate(None, before)["item"]
    insert(table, seats=3)
    assert only(before, after).loses is None
    insert(table, seats=8)
    change = only(before, after)
    assert str(change) == "Field seats of item takes fewer values: It may be at most 5 now."
    assert change.loses is not None
    assert change.loses.endswith("1 value does not fit; it stays as it is, until somebody changes its record.")


def test_a_field_becomes_unique_unless_a_value_stands_twice() -> None:
    before, after = item(), {"item": {"name": {"type": "text", "unique": True}}}
    table = migrate(None, before)["item"]
    insert(table, name="a")
    insert(table)
    insert(table)
    assert only(before, after).refused is None
    insert(table, name="a")
    (problem,) = plan(before, after).problems
    assert problem.message == "1 value of it stands in more than one record; mend those first."
    records.update(table, [(1, {"name": "b"})], user_id=None, now=NOW)
    unique = migrate(before, after)["item"]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(unique, name="b")
    again = migrate(after, before)["item"]
    insert(again, name="b")


@pytest.mark.parametrize("one", ["clear", "protect", "cascade"])
@pytest.mark.parametrize("other", ["clear", "protect", "cascade"])
def test_what_becomes_of_a_link_can_change(one: str, other: str) -> None:
    before, after = (
        item(("parent", {"type": "link", "table": "item", "on_delete": word, "unique": word == "protect"}))
        for word in (one, other)
    )
    table = migrate(None, before)["item"]
    first = insert(table)
    second = insert(table, parent=first)
    now = migrate(before, after)["item"]
    # Straight to the database, which has to know by itself.
    if other == "protect":
        with pytest.raises(IntegrityError), transaction.atomic():
            now.model._base_manager.filter(pk=first)._raw_delete("default")
        return
    now.model._base_manager.filter(pk=first)._raw_delete("default")
    expected = {"clear": {second: None}, "cascade": {}}[other]
    assert {id_: values["parent"] for id_, values in records.read(now, [first, second]).items()} == expected


def test_a_link_cannot_point_to_another_table() -> None:
    before, after = (
        {**NAMED, "a": {"x": TEXT}, "b": {"x": TEXT, "to": {"type": "link", "table": table}}} for table in ("item", "a")
    )
    migrate(None, before)
    (problem,) = plan(before, after).problems
    assert "cannot point to another table" in problem.message


def test_a_table_cannot_become_a_model_of_the_host() -> None:
    migrate(None, NAMED)
    (problem,) = plan(NAMED, {"item": "host.Customer"}).problems
    assert "cannot become another table" in problem.message
    assert plan(None, {"item": "host.Customer"}).problems == []


def test_a_link_to_nothing_makes_no_table() -> None:
    with pytest.raises(MissingDefinition, match='no table "nowhere"'):
        built({"item": {"to": {"type": "link", "table": "nowhere"}}})
    with pytest.raises(MissingDefinition, match=r'no model "host\.Nobody"'):
        built({"item": "host.Nobody"})
