"""The record browser: look for records, change them through the one door, delete them, take them away as CSV."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from meanwhile.definitions import drafts
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.models import Job
from tests.contract.designer.records_site import HOME, SHOP, customer, order, orders, shown
from tests.host.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(SHOP)


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{HOME}export.csv{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(StringIO(text, newline="")))


def opened(client: Client, address: str) -> dict[str, str]:
    """What the form of a record sends when nothing is changed in it."""
    form = client.get(address).context["form"]
    sent = {
        field.html_name: "on" if field.value() is True else field.field.widget.format_value(field.value())
        for field in form
    }
    flat = {name: value[0] if isinstance(value, list) and value else value for name, value in sent.items()}
    kept = {name: value for name, value in flat.items() if value not in (None, "", [], False)}
    return kept | {"_mark": client.get(address).context["record"].get("mark", "")}


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_list_shows_values_as_people_read_them_with_the_describing_field_first(desk: Client, shop: Program) -> None:
    ann = customer(shop, "Ann & Co")
    order(shop, title="Lamp <b>", price="12.5", status="paid", customer=ann, is_gift=True)
    response = desk.get(HOME)
    (row,) = response.context["found"].rows
    assert row.title == "Lamp <b>"
    assert [header.label for header in response.context["found"].headers][:2] == ["Title", "Amount"]
    cells = dict(row.cells)
    assert (cells["Price"], cells["Status"], cells["Customer"], cells["Is gift"]) == (
        "12.50",
        "Paid up",
        "Ann & Co",
        "yes",
    )
    assert b"Lamp &lt;b&gt;" in response.content


def test_any_column_sorts_both_ways_and_pages_hold_all_rows_once(desk: Client, shop: Program) -> None:
    for number in range(60):
        order(shop, title=f"T{number % 7}", amount=number % 5)
    response = desk.get(HOME)
    up = next(header.sort for header in response.context["found"].headers if header.label == "Amount")
    seen = [id_ for page in (1, 2, 3) for id_ in _ids(desk, f"{up}&page={page}")]
    assert len(seen) == len(set(seen)) == 60
    amounts = {values["id"]: values["amount"] for values in orders(shop)}
    assert [amounts[id_] for id_ in seen] == sorted(amounts.values())
    down = next(h for h in desk.get(f"{HOME}{up}").context["found"].headers if h.label == "Amount")
    assert down.order == "ascending"
    first = _ids(desk, down.sort)
    assert [amounts[id_] for id_ in first] == sorted(amounts.values(), reverse=True)[:25]


def _ids(client: Client, query: str) -> list[Any]:
    return [row.id for row in client.get(f"{HOME}{query}").context["found"].rows]


def test_each_filter_finds_its_records_and_no_others(desk: Client, shop: Program) -> None:
    ann, bob = customer(shop, "Ann"), customer(shop, "Bob")
    first = order(
        shop,
        title="Red lamp",
        amount=3,
        price="1.5",
        status="new",
        is_gift=True,
        wanted="2026-03-01",
        sent="2026-03-01T23:30:00+00:00",
        customer=ann,
    )
    order(
        shop,
        title="Blue chair",
        amount=30,
        price="9.5",
        status="paid",
        is_gift=False,
        wanted="2026-05-01",
        sent="2026-03-02T00:30:00+00:00",
        note="very LAMPlike",
        customer=bob,
    )
    red, blue = ["Red lamp"], ["Blue chair"]
    for query, wanted in (
        ("q=red", red),
        ("q=lamp", [*blue, *red]),
        (f"q=%23{first}", red),
        ("field_status=paid", blue),
        ("field_is_gift=true", red),
        ("field_is_gift=false", blue),
        ("field_amount__from=4", blue),
        ("field_amount__to=3", red),
        ("field_amount__from=2.5&field_amount__to=3.5", red),
        ("field_amount__from=99999999999999999999999", []),
        ("field_price__from=1.5&field_price__to=1.50", red),
        ("field_wanted__from=2026-04-30", blue),
        ("field_wanted__to=2026-03-01", red),
        ("field_sent__from=2026-03-02", blue),
        ("field_sent__to=2026-03-01", red),
        (f"field_customer={bob}", blue),
        ("q=lamp&field_status=new", red),
    ):
        assert shown(desk, f"?{query}") == wanted, query


def test_a_filter_that_cannot_be_read_is_said_at_its_field(desk: Client, shop: Program) -> None:
    order(shop)
    response = desk.get(f"{HOME}?field_amount__from=many&field_status=lost&page=zero&sort=-nothing")
    assert response.status_code == 200
    assert set(response.context["asked"].form.errors) == {"field_amount__from", "field_status"}


def test_the_list_costs_the_same_however_many_records_there_are(
    desk: Client, shop: Program, django_assert_max_num_queries: Any
) -> None:
    ann = customer(shop, "Ann")
    for number in range(30):
        order(shop, title=str(number), customer=ann)
    with django_assert_max_num_queries(16):
        desk.get(HOME)


def test_an_empty_table_says_what_to_do_next(desk: Client, shop: Program) -> None:
    content = desk.get(HOME).content.decode()
    assert "No records yet" in content
    assert f"{HOME}new/" in content
    assert f"{HOME}import/" in content


def test_a_table_that_is_only_in_the_draft_says_so(desk: Client, shop: Program, designer: User) -> None:
    def add(plain: dict[str, Any]) -> dict[str, Any]:
        return {**plain, "tables": {**plain["tables"], "idea": {"fields": {"word": {"type": "text"}}}}}

    drafts.change("shop", drafts.working("shop").revision, "Add", add, designer)
    assert b"Not published yet" in desk.get("/designer/shop/tables/idea/records/").content
    assert desk.get("/designer/shop/tables/nothing/records/").status_code == 404


def test_only_designers_get_at_records(client: Client, shop: Program) -> None:
    id_ = order(shop)
    addresses = [HOME, f"{HOME}new/", f"{HOME}edit/{id_}/", f"{HOME}delete/?id={id_}", f"{HOME}export.csv"]
    for address in [*addresses, f"{HOME}import/"]:
        assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("staff", is_staff=True))
    for address in [*addresses, f"{HOME}import/"]:
        assert client.get(address).status_code == 403
        assert client.post(address).status_code in (403, 405)
    assert len(orders(shop)) == 1


# --- one record ----------------------------------------------------------------------------------------------------


def test_a_new_record_is_saved_like_any_other(desk: Client, shop: Program, designer: User) -> None:
    response = desk.post(f"{HOME}new/", {"title": "Lamp", "amount": "3", "status": "new"})
    (made,) = orders(shop)
    assert response["Location"] == f"{HOME}edit/{made['id']}/"
    assert (made["title"], made["amount"], made["saves"], made["created_by"]) == ("Lamp", 3, 1, designer.pk)
    assert Submission.objects.get().form == ""
    assert Job.objects.count() == Run.objects.count() == 1


def test_errors_stand_at_their_fields_and_the_input_is_kept(desk: Client, shop: Program) -> None:
    order(shop, code="taken")
    response = desk.post(f"{HOME}new/", {"title": "", "amount": "many", "note": "keep me"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"title", "amount"}
    assert b"keep me" in response.content
    response = desk.post(f"{HOME}new/", {"title": "Lamp", "code": "taken"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"code"}
    assert len(orders(shop)) == 1


def test_a_form_that_is_sent_twice_saves_once(desk: Client, shop: Program) -> None:
    sealed = desk.get(f"{HOME}new/").context["sealed_key"]
    for _ in range(2):
        assert desk.post(f"{HOME}new/", {"title": "Lamp", "_key": sealed}).status_code == 303
    assert len(orders(shop)) == 1


def test_an_edited_record_is_saved_and_fires_its_event(desk: Client, shop: Program) -> None:
    id_ = order(shop, title="Lamp", amount=4, note="two\nlines", extra={"a": [1, "b"]}, is_gift=True)
    sent = opened(desk, f"{HOME}edit/{id_}/")
    assert desk.post(f"{HOME}edit/{id_}/", sent | {"title": "Lamps"}).status_code == 303
    (values,) = orders(shop)
    assert (values["title"], values["amount"], values["saves"]) == ("Lamps", 4, 2)
    assert values["extra"] == {"a": [1, "b"]}
    assert values["is_gift"] is True
    assert (
        f"/monitor/runs/?application=shop&amp;table=order&amp;record={id_}"
        in desk.get(f"{HOME}edit/{id_}/").content.decode()
    )


def test_who_was_overtaken_is_told_and_may_save_on_top(desk: Client, shop: Program) -> None:
    id_ = order(shop, title="Lamp", amount=4)
    sent = opened(desk, f"{HOME}edit/{id_}/")
    intake.submit(shop, "order", {"amount": 9}, record_id=id_)
    response = desk.post(f"{HOME}edit/{id_}/", sent | {"title": "Lamps"})
    assert response.status_code == 409
    told = {each.label: (each.theirs, each.mine) for each in response.context["differences"]}
    assert told == {"Amount": ("9", None), "Saves": ("2", None)}
    assert b'value="Lamps"' in response.content
    assert b'value="9"' in response.content
    assert orders(shop)[0]["title"] == "Lamp"
    again = {"title": "Lamps", "amount": "5", "_mark": response.context["record"]["mark"]}
    assert desk.post(f"{HOME}edit/{id_}/", sent | again).status_code == 303
    assert (orders(shop)[0]["title"], orders(shop)[0]["amount"]) == ("Lamps", 5)


def test_a_field_that_both_changed_is_told_with_both_values(desk: Client, shop: Program) -> None:
    id_ = order(shop, title="Lamp", status="new")
    sent = opened(desk, f"{HOME}edit/{id_}/")
    intake.submit(shop, "order", {"title": "Theirs", "status": "paid"}, record_id=id_)
    response = desk.post(f"{HOME}edit/{id_}/", sent | {"title": "Mine"})
    told = {each.label: (each.theirs, each.mine) for each in response.context["differences"]}
    assert told["Title"] == ("Theirs", "Mine")
    assert told["Status"] == ("Paid up", None)
    assert b'value="Mine"' in response.content


def test_a_record_that_is_gone_is_said_to_be(desk: Client, shop: Program) -> None:
    for id_ in ("99", "no-number", "9" * 40):
        assert desk.get(f"{HOME}edit/{id_}/", follow=True).redirect_chain == [(HOME, 303)]
        assert b"does not exist any more" in desk.post(f"{HOME}edit/{id_}/", {"title": "x"}, follow=True).content


def test_several_records_are_deleted_at_once_after_a_question(desk: Client, shop: Program) -> None:
    ids = [order(shop, title=f"Order {number}") for number in range(3)]
    address = f"{HOME}delete/?id={ids[0]}&id={ids[2]}"
    asked = desk.get(address).content.decode()
    assert "Delete these 2 records?" in asked
    assert "Order 0" in asked
    assert len(orders(shop)) == 3
    assert b"2 records are deleted." in desk.post(address, follow=True).content
    assert [values["id"] for values in orders(shop)] == [ids[1]]
    assert desk.get(f"{HOME}delete/", follow=True).redirect_chain == [(HOME, 303)]


def test_a_record_that_a_link_protects_stays_and_the_others_go(desk: Client, shop: Program) -> None:
    ann, bob = customer(shop, "Ann"), customer(shop, "Bob")
    order(shop, customer=ann)
    home = "/designer/shop/tables/customer/records/"
    content = desk.post(f"{home}delete/?id={ann}&id={bob}", follow=True).content.decode()
    assert "Ann was not deleted." in content
    assert "1 record is deleted." in content
    assert shop.tables["customer"].model._base_manager.count() == 1


# --- CSV -----------------------------------------------------------------------------------------------------------


def test_the_file_holds_the_filtered_list_by_keys(desk: Client, shop: Program) -> None:
    id_ = order(
        shop,
        title='Lämp, "big"',
        amount=-3,
        price="1.50",
        status="paid",
        is_gift=False,
        wanted=date(2026, 3, 1),
        sent=datetime(2026, 3, 1, 8, tzinfo=UTC),
        note="two\r\nlines",
        extra={"a": [1, Decimal("1.5")]},
    )
    order(shop, title="Other")
    (row,) = exported(desk, "?field_status=paid")
    assert list(row) == ["id", *shop.tables["order"].fields]
    assert row["id"] == str(id_)
    assert (row["title"], row["amount"], row["price"]) == ('Lämp, "big"', "-3", "1.50")
    assert (row["status"], row["is_gift"], row["wanted"]) == ("paid", "false", "2026-03-01")
    assert len(exported(desk)) == 2


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-x", "@me", "'=quoted", "''@twice", "'plain"])
def test_no_cell_is_a_formula(desk: Client, shop: Program, text: str) -> None:
    order(shop, title=text)
    (row,) = exported(desk)
    assert not row["title"].startswith(("=", "+", "-", "@"))


def test_a_host_models_records_are_browsed_too(desk: Client, publish_yaml: Callable[[str], Program]) -> None:
    publish_yaml("application: clinic\ntables:\n  customer: {model: host.Customer}")
    home = "/designer/clinic/tables/customer/records/"
    response = desk.post(f"{home}new/", {"name": "ann", "email": "ann@example.org", "tier": "gold"})
    assert response.status_code == 303
    ann = Customer.objects.get()
    assert (ann.name, ann.tier) == ("Ann", "gold")
    assert [row.title for row in desk.get(f"{home}?q=ann").context["found"].rows] == ["Ann"]
    address = response["Location"]
    assert desk.post(address, opened(desk, address) | {"visits": "7"}).status_code == 303
    ann.refresh_from_db()
    assert ann.visits == 7
    assert b"ann@example.org" in b"".join(desk.get(f"{home}export.csv").streaming_content)  # type: ignore[attr-defined]
    desk.post(f"{home}delete/?id={ann.pk}")
    assert not Customer.objects.exists()
