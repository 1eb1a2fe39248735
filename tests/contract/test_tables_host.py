"""Models of a host project as tables: their fields, and writes that go the host's own way."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meanwhile.core.errors import InvalidValue, ProtectedRecord
from meanwhile.tables import records
from meanwhile.tables.table import Table
from tests.contract.conftest import drop_run_time_tables
from tests.contract.table_making import migrate, plan
from tests.host.models import Customer, Place, Visit

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TABLES: dict[str, Any] = {
    "customer": "host.Customer",
    "place": "host.Place",
    "visit": "host.Visit",
    "booking": {
        "customer": {"type": "link", "table": "customer", "on_delete": "cascade"},
        "place": {"type": "link", "table": "place", "on_delete": "protect"},
        "spare": {"type": "link", "table": "place"},
    },
}

type Tables = dict[str, Table]


@pytest.fixture
def host(transactional_db: None) -> Iterator[Tables]:
    yield migrate(None, TABLES)
    drop_run_time_tables()


def insert(table: Table, **values: Any) -> Any:
    given = records.new_values(table) | records.clean(table, values)
    return records.insert(table, given, user_id=None, now=NOW)


def read(table: Table, id_: Any) -> dict[str, Any]:
    return records.read(table, [id_])[id_]


def update(table: Table, *changes: tuple[Any, dict[str, Any]]) -> None:
    records.update(table, changes, user_id=None, now=NOW)


def test_the_fields_are_those_of_the_model(host: Tables) -> None:
    assert {key: field.type for key, field in host["customer"].fields.items()} == {
        "name": "text",
        "email": "email",
        "tier": "choice",
        "notes": "long_text",
        "balance": "decimal",
        "visits": "integer",
        "is_active": "boolean",
        "since": "date",
        "changed_at": "datetime",
        "extra": "json",
    }
    assert [(key, host["visit"].link_target(key)) for key in host["visit"].fields] == [
        ("customer", "customer"),
        ("place", "place"),
    ]


def test_labels_help_and_limits_are_those_of_the_model(host: Tables) -> None:
    fields = host["customer"].fields
    assert fields["name"].label == "Full name"
    assert fields["notes"].help == "For us only."
    assert {key for key, field in fields.items() if field.required} == {"name", "email"}
    for key, value in (("name", "x" * 81), ("tier", "silver"), ("balance", 10**10), ("visits", -1)):
        with pytest.raises(InvalidValue):
            fields[key].clean(value)


def test_a_new_record_has_the_defaults_of_the_model(host: Tables) -> None:
    values = records.new_values(host["customer"])
    assert (values["tier"], values["is_active"], values["balance"], values["extra"]) == (
        "plain",
        True,
        Decimal("0.00"),
        {},
    )
    assert (values["name"], values["since"]) == (None, None)


def test_an_insert_is_a_save_of_the_host(host: Tables) -> None:
    id_ = insert(host["customer"], name=" ada lovelace ", email="ada@example.org")
    assert Customer.objects.get(pk=id_).name == "Ada Lovelace"
    found = read(host["customer"], id_)
    assert (found["id"], found["notes"], found["balance"]) == (id_, None, Decimal("0.00"))


def test_an_update_is_a_save_of_the_host(host: Tables) -> None:
    table = host["customer"]
    id_ = insert(table, name="ada", email="ada@example.org", notes="x")
    Customer.objects.update(changed_at=NOW - timedelta(days=9))
    update(table, (id_, {"name": "bob", "notes": None, "since": date(2026, 3, 31)}), (10**9, {"name": "nobody"}))
    found = read(table, id_)
    assert (found["name"], found["notes"], found["since"]) == ("Bob", None, date(2026, 3, 31))
    assert Customer.objects.get(pk=id_).notes == ""
    assert found["changed_at"] > NOW - timedelta(days=9)


def test_records_are_locked_and_read_in_order(host: Tables) -> None:
    ids = [insert(host["place"], name=str(number)) for number in range(3)]
    with transaction.atomic():
        assert list(records.read(host["place"], ids, lock=True)) == sorted(ids)


def test_a_key_that_is_no_number_is_read_from_text(host: Tables) -> None:
    place = insert(host["place"], name="Vienna")
    assert isinstance(place, UUID)
    assert host["place"].read_id(str(place)) == place
    booking = insert(host["booking"], place=str(place))
    assert read(host["booking"], booking)["place"] == place
    other = insert(host["place"], name="Graz")
    update(host["booking"], (booking, {"place": other}), (insert(host["booking"]), {"place": place}))
    assert read(host["booking"], booking)["place"] == other
    with pytest.raises(InvalidValue, match="no id of a record") as caught:
        records.clean(host["booking"], {"place": "Vienna"})
    assert caught.value.data["field"] == "place"
    with pytest.raises(InvalidValue, match="Place: there is no record"):
        insert(host["booking"], place=uuid4())


def test_our_links_to_a_host_are_kept_by_the_database(host: Tables) -> None:
    """The host deletes by itself and knows nothing of our tables."""
    customer = insert(host["customer"], name="ada", email="ada@example.org")
    spare, place = insert(host["place"], name="Graz"), insert(host["place"], name="Vienna")
    booking = insert(host["booking"], customer=customer, place=place, spare=spare)
    Place.objects.get(pk=spare).delete()
    assert read(host["booking"], booking)["spare"] is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.get(pk=place).delete()
    Customer.objects.get(pk=customer).delete()
    assert records.read(host["booking"], [booking]) == {}


def test_a_delete_is_a_delete_of_the_host(host: Tables) -> None:
    customer = insert(host["customer"], name="ada", email="ada@example.org")
    place = insert(host["place"], name="Vienna")
    insert(host["visit"], customer=customer, place=place)
    without_visits = {key: table for key, table in host.items() if key != "visit"}
    with pytest.raises(ProtectedRecord, match="Place cannot be deleted"):
        records.delete(host["place"], place, without_visits)
    assert records.delete(host["customer"], customer, host)
    assert Visit.objects.count() == 0
    assert not records.delete(host["customer"], customer, host)
    assert records.delete(host["place"], place, host)


def test_our_protecting_links_are_told_before_the_host_deletes(host: Tables) -> None:
    place = insert(host["place"], name="Vienna")
    insert(host["booking"], place=place)
    with pytest.raises(ProtectedRecord, match="1 record of Booking"):
        records.delete(host["place"], place, host)


def test_what_the_host_refuses_is_explained(host: Tables) -> None:
    ada = insert(host["customer"], name="ada", email="ada@example.org")
    visit = insert(host["visit"], customer=ada)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        insert(host["customer"], name="bob", email="ada@example.org")
    explained = records.explain(caught.value, host.values())
    assert explained.data["field"] == "email"
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        update(host["visit"], (visit, {"customer": None}))
    assert records.explain(caught.value, host.values()).message == "Customer: a value is required."


def test_a_plan_leaves_the_tables_of_the_host_alone(host: Tables) -> None:
    with connection.cursor() as cursor:
        before = connection.introspection.get_table_description(cursor, "host_customer")
    assert plan(TABLES, TABLES).changes == ()
    (change,) = plan(TABLES, {key: each for key, each in TABLES.items() if key != "visit"}).changes
    assert (str(change), change.loses) == ("Table visit is dropped.", None)
    with connection.cursor() as cursor:
        assert connection.introspection.get_table_description(cursor, "host_customer") == before
