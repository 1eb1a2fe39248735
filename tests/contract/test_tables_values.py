"""What is written into a table is read back as it was, whatever its type, on the database at hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core.errors import InvalidValue
from meanwhile.tables import records
from meanwhile.tables.table import Table
from tests.contract.conftest import drop_run_time_tables
from tests.contract.table_making import migrate

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ITEM: dict[str, Any] = {
    "name": {"type": "text", "max_length": 100},
    "story": {"type": "long_text"},
    "seats": {"type": "integer"},
    "fare": {"type": "decimal", "places": 2},
    "rate": {"type": "decimal", "places": 15},
    "share": {"type": "decimal", "places": 7, "digits": 15},
    "confirmed": {"type": "boolean"},
    "day": {"type": "date"},
    "moment": {"type": "datetime"},
    "status": {"type": "choice", "choices": {"New": "Brand new", "Old%s": "50% off"}},
    "email": {"type": "email"},
    "page": {"type": "url"},
    "data": {"type": "json"},
    "parent": {"type": "link", "table": "item"},
    "owner": {"type": "user"},
}
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXT | st.decimals(-(10**9), 10**9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.just("$decimal"), inner, max_size=3),
    max_leaves=8,
)


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    limit = 10**digits - 1
    return st.integers(-limit, limit).map(lambda number: Decimal(number).scaleb(-places))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXT,
    "story": TEXT,
    "seats": st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9),
    "fare": decimals(15, 2),
    "rate": decimals(15, 15),
    "share": decimals(15, 7),
    "confirmed": st.booleans(),
    "day": st.dates(),
    "moment": st.datetimes(timezones=st.just(UTC)),
    "status": st.sampled_from(["New", "Old%s"]),
    "email": st.sampled_from(["ada@example.org", "x+y%s@example.org"]),
    "page": st.sampled_from(["https://example.org/?a=%s&b=%25", "http://localhost:8000"]),
    "data": st.lists(JSON, max_size=3) | st.dictionaries(TEXT, JSON, max_size=3),
}


@pytest.fixture
def item(transactional_db: None) -> Iterator[Table]:
    yield migrate(None, {"item": ITEM})["item"]
    drop_run_time_tables()


def insert(table: Table, **values: Any) -> Any:
    return records.insert(table, records.new_values(table) | records.clean(table, values), user_id=None, now=NOW)


def update(table: Table, *changes: tuple[Any, dict[str, Any]], user_id: int | None = None) -> None:
    records.update(table, changes, user_id=user_id, now=NOW)


def read(table: Table, id_: Any) -> dict[str, Any]:
    return records.read(table, [id_])[id_]


def exactly(value: Any) -> tuple[Any, type, str]:
    """For comparisons that tell 1 from True and 1.50 from 1.5. A mapping's order is not kept by PostgreSQL."""
    return value, type(value), "" if isinstance(value, dict | list) else str(value)


@pytest.mark.parametrize("key", sorted(VALUES))
@given(data=st.data())
def test_every_value_comes_back_as_it_was(item: Table, key: str, data: Any) -> None:
    one, two, three = (records.clean(item, {key: data.draw(VALUES[key])}) for _ in range(3))
    with transaction.atomic():
        first, second = insert(item, **one), insert(item)
        assert exactly(read(item, first)[key]) == exactly(one[key])
        update(item, (first, two))
        assert exactly(read(item, first)[key]) == exactly(two[key])
        update(item, (first, three), (second, one))
        found = records.read(item, [first, second])
        assert exactly(found[first][key]) == exactly(three[key])
        assert exactly(found[second][key]) == exactly(one[key])
        update(item, (first, {key: None}), (second, {key: None}))
        assert {values[key] for values in records.read(item, [first, second]).values()} == {None}


def test_fifteen_digits_are_exact(item: Table) -> None:
    for text in ("9999999999999.99", "-1234567890123.45", "0.01", "8000000000000.07"):
        id_ = insert(item, fare=text)
        assert str(read(item, id_)["fare"]) == text
    for text in ("0.999999999999999", "0.000000000000001"):
        assert f"{read(item, insert(item, rate=text))['rate']:f}" == text


def test_a_record_has_who_and_when(item: Table) -> None:
    ada = User.objects.create_user("ada")
    id_ = records.insert(item, {}, user_id=ada.pk, now=NOW)
    later = NOW + timedelta(hours=1)
    records.update(item, [(id_, {"name": "x"})], user_id=None, now=later)
    found = read(item, id_)
    assert (found["id"], found["created_at"], found["updated_at"]) == (id_, NOW, later)
    assert (found["created_by"], found["updated_by"]) == (ada.pk, None)
    ada.delete()
    assert read(item, id_)["created_by"] is None


def test_a_user_who_is_deleted_leaves_links_empty(item: Table) -> None:
    ada = User.objects.create_user("ada")
    id_ = insert(item, owner=ada.pk)
    assert read(item, id_)["owner"] == ada.pk
    ada.delete()
    assert read(item, id_)["owner"] is None


def test_only_the_given_fields_are_written(item: Table) -> None:
    id_ = insert(item, name="a", seats=1)
    update(item, (id_, {"seats": 2}))
    assert (read(item, id_)["name"], read(item, id_)["seats"]) == ("a", 2)


def test_system_columns_are_never_written_by_an_update(item: Table) -> None:
    id_ = insert(item, name="a")
    update(item, (id_, {"name": "b", "id": 99, "created_at": None}), (insert(item), {"created_by": 5}))
    assert read(item, id_)["created_at"] == NOW


def test_records_are_changed_together_by_sets_of_fields(item: Table) -> None:
    ids = [insert(item, name=str(number), seats=number) for number in range(20)]
    update(item, *((id_, {"seats": number * 10} if number % 2 else {"name": "even"}) for number, id_ in enumerate(ids)))
    found = records.read(item, ids)
    assert list(found) == ids
    for number, id_ in enumerate(ids):
        expected = (str(number), number * 10) if number % 2 else ("even", number)
        assert (found[id_]["name"], found[id_]["seats"]) == expected


def test_records_are_read_in_the_order_of_their_ids_without_those_that_are_gone(item: Table) -> None:
    ids = [insert(item) for _ in range(5)]
    records.delete(item, ids[2], {"item": item})
    with transaction.atomic():
        assert list(records.read(item, [*reversed(ids), 10**12], lock=True)) == [*ids[:2], *ids[3:]]
    assert records.read(item, []) == {}


def test_thousands_of_records_are_read_at_once(item: Table) -> None:
    with transaction.atomic():
        ids = [insert(item) for _ in range(3000)]
    assert len(records.read(item, ids)) == 3000


def test_a_record_that_is_gone_is_passed_over(item: Table) -> None:
    update(item, (10**12, {"name": "x"}))
    assert records.delete(item, 10**12, {"item": item}) is False


def test_what_a_field_cannot_hold_is_refused_by_its_name(item: Table) -> None:
    with pytest.raises(InvalidValue, match="whole number") as caught:
        records.clean(item, {"seats": "many"})
    assert caught.value.data["field"] == "seats"
    with pytest.raises(InvalidValue) as caught:
        records.clean(item, {"nothing": 1})
    assert caught.value.data["field"] == "nothing"


def test_new_values_are_the_defaults(item: Table) -> None:
    values = records.new_values(item)
    assert set(values) == set(ITEM)
    assert {key for key, value in values.items() if value is not None} == {"confirmed"}


def test_a_record_describes_itself_by_its_first_text(item: Table) -> None:
    assert item.describe({"id": 3, "name": "Ada"}) == "Ada"
    assert item.describe({"id": 3, "name": None}) == "#3"


# --- uniqueness ----------------------------------------------------------------------------------------------------

UNIQUE: dict[str, Any] = {
    "name": {"type": "text", "unique": True},
    "number": {"type": "integer", "unique": True, "label": "Customer number"},
    "fare": {"type": "decimal", "unique": True},
    "day": {"type": "date", "unique": True},
    "moment": {"type": "datetime", "unique": True},
    "status": {"type": "choice", "choices": ["a", "b"], "unique": True},
    "email": {"type": "email", "unique": True},
    "page": {"type": "url", "unique": True},
    "parent": {"type": "link", "table": "item", "unique": True},
    "owner": {"type": "user", "unique": True},
}


@pytest.fixture
def unique_item(transactional_db: None) -> Iterator[Table]:
    yield migrate(None, {"item": UNIQUE})["item"]
    drop_run_time_tables()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "x" * 200),
        ("name", "\U0001f600" * 200),
        ("number", 5),
        ("fare", "1.50"),
        ("day", "2026-03-31"),
        ("moment", "2026-03-31 12:00"),
        ("status", "a"),
        ("email", "ada@example.org"),
        ("page", "https://example.org"),
    ],
)
def test_a_value_stands_in_one_record_only(unique_item: Table, key: str, value: Any) -> None:
    insert(unique_item, **{key: value})
    other = insert(unique_item)
    insert(unique_item)  # many may be empty
    for write in (
        lambda: insert(unique_item, **{key: value}),
        lambda: update(unique_item, (other, records.clean(unique_item, {key: value}))),
    ):
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            write()
        explained = records.explain(caught.value, [unique_item])
        assert isinstance(explained, InvalidValue)
        assert explained.data["field"] == key
        assert explained.message == f"{unique_item.fields[key].label}: another record has this value already."


def test_a_unique_link_is_explained_too(unique_item: Table) -> None:
    ada = User.objects.create_user("ada")
    parent = insert(unique_item, owner=ada.pk)
    insert(unique_item, parent=parent)
    for values in ({"parent": parent}, {"owner": ada.pk}):
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            insert(unique_item, **values)
        assert records.explain(caught.value, [unique_item]).data["field"] == next(iter(values))


def test_what_nobody_understands_is_told_as_the_database_says_it(unique_item: Table) -> None:
    explained = records.explain(DataError("out of range\nDETAIL: 5"), [unique_item])
    assert explained.message == "The database refused this: out of range"
    assert not explained.can_heal


def test_statements_are_few(item: Table) -> None:
    ids = [insert(item, seats=number) for number in range(50)]
    sent: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        update(item, *((id_, {"seats": 1, "name": "x"}) for id_ in ids))
        records.read(item, ids)
    assert len(sent) <= 2
