"""Links between records: where they may lead, and what becomes of them when a record is deleted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from meanwhile.core.errors import InvalidValue, PermanentError, ProtectedRecord
from meanwhile.tables import records
from meanwhile.tables.statements import statements
from meanwhile.tables.table import Table
from tests.contract.conftest import drop_run_time_tables
from tests.contract.table_making import migrate

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def link(table: str, on_delete: str) -> dict[str, Any]:
    return {"type": "link", "table": table, "on_delete": on_delete}


# A customer's orders go with the customer; an order's lines go with the order; a bill protects its order.
SHOP = {
    "customer": {"name": {"type": "text"}, "friend": link("customer", "protect")},
    "order": {"customer": link("customer", "cascade"), "owner": {"type": "user"}},
    "line": {"order": link("order", "cascade"), "note": {"type": "text"}},
    "bill": {"order": link("order", "protect"), "line": link("line", "clear")},
}

type Tables = dict[str, Table]


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Tables]:
    yield migrate(None, SHOP)
    drop_run_time_tables()


def insert(table: Table, **values: Any) -> Any:
    return records.insert(table, values, user_id=None, now=NOW)


def count(table: Table) -> int:
    return table.model._base_manager.count()


def test_a_deletion_takes_along_what_cascades_and_empties_what_clears(shop: Tables) -> None:
    customer = insert(shop["customer"])
    order = insert(shop["order"], customer=customer)
    line = insert(shop["line"], order=order)
    kept = insert(shop["bill"], line=line)
    assert records.delete(shop["customer"], customer, shop)
    assert [count(shop[key]) for key in ("customer", "order", "line")] == [0, 0, 0]
    assert records.read(shop["bill"], [kept])[kept]["line"] is None


def test_a_protected_record_is_not_deleted(shop: Tables) -> None:
    order = insert(shop["order"])
    insert(shop["bill"], order=order)
    insert(shop["bill"], order=order)
    with pytest.raises(ProtectedRecord) as caught:
        records.delete(shop["order"], order, shop)
    assert str(caught.value) == "This record of Order cannot be deleted: 2 records of Bill point to it in “Order”."
    assert count(shop["order"]) == 1


def test_a_record_that_would_go_along_can_be_protected_too(shop: Tables) -> None:
    customer = insert(shop["customer"])
    insert(shop["bill"], order=insert(shop["order"], customer=customer))
    with pytest.raises(ProtectedRecord, match="record of Order cannot be deleted: 1 record of Bill"):
        records.delete(shop["customer"], customer, shop)
    assert count(shop["customer"]) == 1


def test_a_record_does_not_protect_itself(shop: Tables) -> None:
    alone = insert(shop["customer"])
    records.update(shop["customer"], [(alone, {"friend": alone})], user_id=None, now=NOW)
    assert records.delete(shop["customer"], alone, shop)


def test_the_database_protects_where_nobody_looked(shop: Tables) -> None:
    order = insert(shop["order"])
    insert(shop["bill"], order=order)
    # As if the bill had come after we looked: its table is not among those that are looked at.
    without_bills = {key: table for key, table in shop.items() if key != "bill"}
    with pytest.raises(ProtectedRecord, match="other records point to it"), transaction.atomic():
        records.delete(shop["order"], order, without_bills)
    assert count(shop["order"]) == 1


def test_a_link_to_nothing_is_refused_by_its_name(shop: Tables) -> None:
    order = insert(shop["order"])
    with pytest.raises(InvalidValue, match="Customer: there is no record 99 to link to") as caught:
        insert(shop["order"], customer=99)
    assert caught.value.data["field"] == "customer"
    with pytest.raises(InvalidValue, match="Customer: there is no record 98 to link to"):
        records.update(shop["order"], [(order, {"customer": 98})], user_id=None, now=NOW)
    with pytest.raises(InvalidValue, match="Owner"):
        insert(shop["order"], owner=99)


def test_a_link_is_judged_by_the_statement_that_breaks_it(shop: Tables) -> None:
    with transaction.atomic(), pytest.raises(IntegrityError) as caught, transaction.atomic(savepoint=True):
        _insert_unlooked(shop["line"], order=99)
    explained = records.explain(caught.value, shop.values())
    assert isinstance(explained, PermanentError)
    assert "does not exist any more" in explained.message


def _insert_unlooked(table: Table, **values: Any) -> None:
    """As if the linked record had gone between the look and the write."""
    stamps = {"created_at": NOW, "updated_at": NOW, "created_by": None, "updated_by": None}
    statements(table).insert({**dict.fromkeys(table.fields), **values, **stamps})


def test_many_records_go_along_at_once(shop: Tables) -> None:
    customer = insert(shop["customer"])
    with transaction.atomic():
        for _ in range(1200):
            insert(shop["line"], order=insert(shop["order"], customer=customer))
    assert records.delete(shop["customer"], customer, shop)
    assert count(shop["line"]) == 0


def test_links_are_known_by_their_targets(shop: Tables) -> None:
    order = shop["order"]
    assert order.links == ("customer", "owner")
    assert (order.link_target("customer"), order.link_target("owner"), order.link_target("id")) == (
        "customer",
        None,
        None,
    )


def test_an_id_is_read_from_text(shop: Tables) -> None:
    assert shop["order"].read_id("17") == 17
    for text in ("seventeen", "9" * 30, ""):
        with pytest.raises(InvalidValue, match="no id of a record"):
            shop["order"].read_id(text)


@pytest.mark.parametrize("text", ["abc", "12x"])
def test_what_is_no_id_is_refused_by_the_field(shop: Tables, text: str) -> None:
    for key in ("customer", "owner"):
        with pytest.raises(InvalidValue) as caught:
            records.clean(shop["order"], {key: text})
        assert caught.value.data["field"] == key


def test_a_deleted_user_leaves_the_record(shop: Tables) -> None:
    ada = User.objects.create_user("ada")
    order = insert(shop["order"], owner=ada.pk)
    User.objects.filter(pk=ada.pk).delete()
    assert records.read(shop["order"], [order])[order]["owner"] is None
