"""How applications begin in the designer, and what the home of one says."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from meanwhile.definitions import drafts
from meanwhile.definitions.editing import tables, tree
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.inspection import inspect
from meanwhile.designer.starters import starter
from tests.contract.conftest import PublishYaml

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]

EVENT = "booking.record_update"
NEW = {
    "title": "Guest book",
    "key": "",
    "table": "Guest",
    "fields-TOTAL_FORMS": "3",
    "fields-INITIAL_FORMS": "3",
    "fields-0-label": "Name",
    "fields-0-type": "text",
    "fields-1-label": "E-mail",
    "fields-1-type": "email",
    "fields-2-label": "",
    "fields-2-type": "text",
}
DOCUMENT = """
application: shop
title: Shop
tables:
  order:
    fields:
      item: {type: text, required: true}
      sent: {type: boolean}
    events:
      record_update:
        - background:
          do:
            - update_field: {field: sent, value: true}
forms:
  buy: {table: order, fields: [item], next: thanks}
pages:
  thanks: {kind: content, table: order, text: Thank you}
"""


@pytest.fixture
def designer(client: Client) -> Client:
    """Somebody with the right and nothing else."""
    ada = User.objects.create_user("ada")
    ada.user_permissions.add(Permission.objects.get(content_type__app_label="meanwhile", codename="design"))
    client.force_login(ada)
    return client


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def home(client: Client, key: str) -> str:
    return text_of(client, reverse("designer-application", args=[key]))


def make_booking() -> dict[str, Any]:
    plain = with_ids(starter("booking"), None)
    drafts.create(plain, "New application")
    return plain


# --- the right -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/designer/", "/designer/new-application/", "/designer/booking/"])
def test_only_designers_come_in(client: Client, address: str) -> None:
    make_booking()
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={address}"
    client.force_login(User.objects.create_user("bob", is_staff=True))
    assert client.get(address).status_code == 403
    assert client.post("/designer/new-application/", NEW).status_code == 403
    assert drafts.application_keys() == ["booking"]


def test_the_owner_gives_and_takes_the_right(client: Client) -> None:
    client.force_login(User.objects.create_superuser("owner"))
    sent = {"username": "eve", "is_active": "on", "may_design": "on"}
    client.post(reverse("person-new"), sent)
    eve = User.objects.get(username="eve")
    assert eve.has_perm("meanwhile.design")
    assert "Designer" in text_of(client, reverse("people"))
    address = reverse("person", args=[eve.pk])
    assert re.search(r'name="may_design"[^>]*checked', text_of(client, address))
    client.post(address, {"username": "eve", "is_active": "on"})
    assert not User.objects.get(username="eve").has_perm("meanwhile.design")


def test_other_rights_of_a_person_stay_when_the_owner_saves_them(client: Client) -> None:
    client.force_login(User.objects.create_superuser("owner"))
    eve = User.objects.create_user("eve")
    other = Permission.objects.exclude(codename="design").first()
    assert other is not None
    eve.user_permissions.add(other)
    client.post(reverse("person", args=[eve.pk]), {"username": "eve", "is_active": "on", "may_design": "on"})
    assert eve.user_permissions.filter(pk=other.pk).exists()
    assert eve.user_permissions.count() == 2


# --- how an application begins ---------------------------------------------------------------------------------------


def test_an_empty_designer_offers_the_example_and_an_application_of_one_s_own(designer: Client) -> None:
    text = text_of(designer, "/designer/")
    assert "Start from the booking example" in text
    assert "New application" in text


def test_the_empty_home_page_sends_designers_to_the_designer(designer: Client) -> None:
    assert 'href="/designer/"' in text_of(designer, reverse("home"))


def test_the_booking_example_becomes_a_draft_under_a_free_key(designer: Client) -> None:
    response = designer.post("/designer/new-application/from/booking/")
    assert (response.status_code, response["Location"]) == (303, "/designer/booking/start/")
    made = drafts.working("booking")
    assert made.undo == ""  # it is where undo ends
    assert inspect(made.document).problems == ()
    designer.post("/designer/new-application/from/booking/")
    assert drafts.application_keys() == ["booking", "booking_2"]
    assert drafts.working("booking_2").document["application"] == "booking_2"


def test_an_example_that_does_not_exist_is_not_found(designer: Client) -> None:
    assert designer.post("/designer/new-application/from/nothing/").status_code == 404


def test_a_new_application_is_a_draft_that_checks_clean_and_says_what_to_do_next(designer: Client) -> None:
    response = designer.post("/designer/new-application/", NEW)
    assert (response.status_code, response["Location"]) == (303, "/designer/guest_book/start/")
    made = drafts.working("guest_book")
    assert inspect(made.document).problems == ()
    assert list(made.document["tables"]["guest"]["fields"]) == ["name", "email", "done"]
    text = text_of(designer, response["Location"])
    assert "Add a Background to the event tree" in text
    assert 'href="/designer/guest_book/events/guest.record_update/"' in text
    assert "<code>guest_book</code>" in text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": ""}, "This field is required."),
        ({"table": ""}, "This field is required."),
        ({"key": "No Key"}, "cannot be a key"),
        ({"key": "booking"}, "taken already"),
        ({"fields-0-label": "", "fields-1-label": ""}, "at least one field"),
        ({"fields-0-type": "link"}, "not one of the available choices"),
    ],
)
def test_what_does_not_make_an_application_is_said_and_what_was_typed_stays(
    designer: Client, changed: dict[str, str], message: str
) -> None:
    make_booking()
    response = designer.post("/designer/new-application/", {**NEW, **changed})
    assert response.status_code == 422
    assert message in response.content.decode()
    assert "Guest" in response.content.decode()
    assert drafts.application_keys() == ["booking"]


# --- the list and the home -------------------------------------------------------------------------------------------


def test_the_list_says_how_each_application_stands(designer: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(DOCUMENT)
    broken = make_booking()
    drafts.change("booking", 0, "Break it", lambda plain: {**plain, "pages": {}})
    text = text_of(designer, "/designer/")
    assert "Published, version 1" in text
    assert "Not published yet" in text
    assert re.search(r"\d+ error", text)
    assert broken["title"] in text


def test_the_home_of_a_draft_shows_its_parts(designer: Client) -> None:
    make_booking()
    text = home(designer, "booking")
    for words in (
        "8 fields",
        "Anyone → Confirming your booking",
        "Wait page",
        "Content page",
        "Nothing is wrong with it.",
    ):
        assert words in text
    assert 'href="/designer/booking/events/booking.record_update/"' in text
    assert re.search(r"12 objects, <span[^>]*>6 in the background", text)
    assert "How a submission of “Book a flight” flows" in text


def test_the_home_counts_records_and_says_what_differs(designer: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(DOCUMENT)
    text = home(designer, "shop")
    assert "0 records" in text
    assert "The draft is what version 1 is." in text
    drafts.change("shop", 0, "Add", lambda plain: tables.add_field(plain, "order", "size", {"type": "text"}))
    drafts.change(
        "shop", 1, "Add", lambda plain: tree.insert(plain, "order.record_update", tree.Spot(), tree.new_node("delay"))
    )
    text = home(designer, "shop")
    assert re.search(r"added</span> <span>Field <a[^>]*>Size</a>", text)
    assert re.search(
        r'added</span> <span>Object <a href="/designer/shop/events/order.record_update/\?node=[^"]+">', text
    )


def test_a_problem_leads_to_its_place(designer: Client) -> None:
    make_booking()
    drafts.change("booking", 0, "Add", lambda plain: tree.insert(plain, EVENT, tree.Spot(), tree.new_node("delay")))
    node = tree.roots(drafts.working("booking").document, EVENT)[-1]["id"]
    assert f'href="/designer/booking/events/booking.record_update/?node={node}"' in home(designer, "booking")


def test_a_draft_can_be_discarded_from_the_home(designer: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(DOCUMENT)
    drafts.change("shop", 0, "Rename", lambda plain: {**plain, "title": "Market"})
    assert "Discard draft…" in home(designer, "shop")
    response = designer.post("/designer/shop/discard/", {"revision": "1"})
    assert response["Location"] == "/designer/shop/"
    assert drafts.working("shop").document["title"] == "Shop"
    assert "Discard draft…" not in home(designer, "shop")


@pytest.mark.parametrize(
    "broken", [{}, {"tables": None}, {"tables": {"a": None}, "forms": {"b": None}, "pages": {"c": []}}, {"forms": []}]
)
def test_a_draft_that_is_wrong_in_any_way_has_a_home(designer: Client, broken: dict[str, Any]) -> None:
    make_booking()
    drafts.change("booking", 0, "Break it", lambda _plain: {"application": "booking", **broken})
    home(designer, "booking")


def test_an_application_that_does_not_exist_has_no_home(designer: Client) -> None:
    assert designer.get("/designer/nothing/").status_code == 404
    assert designer.get("/designer/nothing/start/").status_code == 404
