"""Forms and pages over HTTP: who may, what is kept, what a second press does, how a wait page ends."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.db import OperationalError
from django.test import Client

from meanwhile import function
from meanwhile.core.errors import ActionFailed
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.models import Submission
from meanwhile.engine.performer import EnginePerformer
from meanwhile.engine.tokens import Address
from meanwhile.pages.entry import Opening
from meanwhile.plugins import functions
from meanwhile.queue.models import Job
from meanwhile.queue.worker import Worker
from meanwhile.tables import records

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = """
application: shop
title: Shop
tables:
  item:
    fields:
      name: {type: text, required: true, max_length: 20}
      code: {type: text, unique: true}
      amount: {type: integer, min: 0, max: 100, default: 1}
      origin: {type: text}
      ready: {type: boolean}
forms:
  enter:
    table: item
    title: Enter an item
    description: One item at a time.
    fields: [name, {field: code, label: Its code, help: Unlike all others.}, {field: amount, preset: 5}]
    validate: [{rule: "record.amount != 13", message: Thirteen is bad luck.}]
    next: shown
  hidden: {table: item, fields: [name, {field: origin, hidden: true, preset: "at {{ now }}"}], next: shown}
  plain: {table: item, fields: [name]}
  signed: {table: item, who: signed_in, fields: [name]}
  desk: {table: item, title: Desk only, who: {groups: [Desk]}, fields: [name]}
  change: {table: item, fields: [name, {field: amount, preset: 5}], next: shown}
  failing:
    table: item
    fields: [name]
    events: {record_update: [{call: {function: refuse}}]}
  counted:
    table: item
    fields: [name]
    next: counting
    events:
      record_update:
        - background:
          do: [{update_field: {field: origin, value: later}}]
        - delay: {until: "2100-01-01 00:00"}
          do: [{update_field: {field: origin, value: much later}}]
  flagged:
    table: item
    fields: [name]
    next: waiting
    events:
      record_update:
        - background: {attempts: 1}
          do: [{call: {function: sometimes}}, {update_field: {field: ready, value: true}}]
  nothing: {table: item, fields: [name], next: waiting}
  ending: {table: item, fields: [name], next: last}
pages:
  shown:
    kind: content
    table: item
    title: What you entered
    text: "**{{ record.name }}** from {{ record.origin }}, {{ record.amount }}. [Change it]({{ link('change') }})"
  counting: {kind: wait, table: item, every: 3s, next: shown}
  waiting: {kind: wait, table: item, flag: ready, too_long: 5m, next: shown, text: "Wait, {{ record.name }}.",
            failed: "Sorry, {{ record.name }}."}
  last: {kind: wait, table: item, flag: ready, done: "All is well, {{ record.name }}."}
"""


class Partner:
    fails = False


@pytest.fixture
def partner() -> Any:
    partner = Partner()

    @function(effect=False)
    def refuse() -> None:
        raise ActionFailed("The stock is empty.")

    @function
    def sometimes() -> None:
        if partner.fails:
            raise ActionFailed("The partner is away.")

    yield partner
    for name in ("refuse", "sometimes"):
        functions._functions.pop(name, None)


@pytest.fixture
def program(partner: Partner, publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(DOCUMENT)


def work() -> None:
    Worker(EnginePerformer(), threads=0).drain()


def opened(client: Client, address: str) -> dict[str, str]:
    """What a browser would send back: the hidden fields of the form at ``address``."""
    return dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]+)"', client.get(address).text))


def send(client: Client, form: str, **values: Any) -> Any:
    address = f"/forms/shop/{form}/"
    return client.post(address, {**opened(client, address), **values})


def items(program: Program) -> list[dict[str, Any]]:
    table = program.tables["item"]
    ids = list(table.model._base_manager.values_list("pk", flat=True))
    return list(records.read(table, ids).values())


# --- filling in ---------------------------------------------------------------------------------------------------


def test_a_form_is_built_from_the_document(client: Client, program: Program) -> None:
    page = client.get("/forms/shop/enter/").text
    for words in ("Enter an item", "One item at a time.", "Its code", "Unlike all others.", 'value="5"'):
        assert words in page
    assert re.search(r'<input[^>]* name="name"[^>]* required', page)


def test_sending_saves_the_record_and_leads_to_the_next_page_with_303(client: Client, program: Program) -> None:
    response = send(client, "enter", name="Lamp", amount="7")
    assert response.status_code == 303
    assert response["Location"].startswith("/pages/shop/shown/")
    assert "<strong>Lamp</strong>" in client.get(response["Location"]).text
    assert [(item["name"], item["amount"]) for item in items(program)] == [("Lamp", 7)]


def test_without_a_next_page_a_person_is_thanked(client: Client, program: Program) -> None:
    response = send(client, "plain", name="Lamp")
    assert "Thank you" in client.get(response["Location"]).text


def test_a_mistake_is_said_at_the_field_and_above_and_the_input_is_kept(client: Client, program: Program) -> None:
    response = send(client, "enter", name="", amount="400", code="C-1")
    page = response.text
    assert response.status_code == 422
    assert 'href="#id_name"' in page
    assert 'href="#id_amount"' in page
    assert 'id="id_name_error"' in page
    assert 'value="C-1"' in page
    assert 'value="400"' in page
    assert items(program) == []


def test_a_value_that_must_be_unique_is_said_at_its_field(client: Client, program: Program) -> None:
    send(client, "enter", name="Lamp", code="C-1", amount="1")
    response = send(client, "enter", name="Other", code="C-1", amount="1")
    assert response.status_code == 422
    assert 'href="#id_code"' in response.text
    assert len(items(program)) == 1


def test_a_rule_of_the_form_is_held_against_the_input(client: Client, program: Program) -> None:
    response = send(client, "enter", name="Lamp", amount="13")
    assert (response.status_code, "Thirteen is bad luck." in response.text) == (422, True)
    assert items(program) == []


def test_a_failing_action_saves_nothing_and_frees_the_key(client: Client, program: Program) -> None:
    sent = {**opened(client, "/forms/shop/failing/"), "name": "Lamp"}
    response = client.post("/forms/shop/failing/", sent)
    assert response.status_code == 422
    assert "The stock is empty." in response.text
    assert 'value="Lamp"' in response.text
    (key,) = re.findall(r'name="_key" value="([^"]+)"', response.text)
    assert Opening.read(key) == Opening.read(sent["_key"])
    assert (items(program), Submission.objects.count()) == ([], 0)


def test_a_field_that_the_form_does_not_have_cannot_be_sent(client: Client, program: Program) -> None:
    send(client, "plain", name="Lamp", amount="77", ready="on")
    (item,) = items(program)
    assert (item["amount"], item["ready"]) == (1, False)


def test_a_hidden_preset_is_the_documents_and_the_moment_that_of_the_opening(client: Client, program: Program) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False):
        sent = {**opened(client, "/forms/shop/hidden/"), "name": "Lamp", "origin": "mine"}
    with time_machine.travel(datetime(2026, 3, 1, 12, 5, tzinfo=UTC), tick=False):
        first = client.post("/forms/shop/hidden/", sent)
        assert first.status_code == 303
    with time_machine.travel(datetime(2026, 3, 1, 12, 6, tzinfo=UTC), tick=False):
        assert client.post("/forms/shop/hidden/", sent).status_code == 303
    assert [item["origin"] for item in items(program)] == ["at 2026-03-01 12:00"]


# --- sent twice ---------------------------------------------------------------------------------------------------


def test_the_same_sent_twice_is_one_submission(client: Client, program: Program) -> None:
    sent = {**opened(client, "/forms/shop/enter/"), "name": "Lamp", "amount": "1"}
    places = [client.post("/forms/shop/enter/", sent)["Location"] for _ in range(2)]
    assert all("<strong>Lamp</strong>" in client.get(place).text for place in places)
    assert len(items(program)) == 1


def test_other_values_with_the_same_key_offer_the_first_or_a_new_one(client: Client, program: Program) -> None:
    sent = {**opened(client, "/forms/shop/enter/"), "name": "Lamp", "amount": "1"}
    client.post("/forms/shop/enter/", sent)
    response = client.post("/forms/shop/enter/", {**sent, "name": "Table"})
    page = response.text
    assert (response.status_code, "This was sent already" in page, 'value="Table"' in page) == (409, True, True)
    (first,) = re.findall(r'href="(/pages/shop/shown/[^"]+)"', page)
    assert "<strong>Lamp</strong>" in client.get(first).text
    (key,) = re.findall(r'name="_key" value="([^"]+)"', page)
    assert client.post("/forms/shop/enter/", {**sent, "name": "Table", "_key": key}).status_code == 303
    assert sorted(item["name"] for item in items(program)) == ["Lamp", "Table"]


def test_a_key_that_somebody_made_up_is_no_key(client: Client, program: Program) -> None:
    for _ in range(2):
        assert client.post("/forms/shop/plain/", {"name": "Lamp", "_key": "made-up"}).status_code == 303
    assert len(items(program)) == 2
    assert not Submission.objects.filter(key="made-up").exists()


def test_the_form_stays_in_the_browsers_history_and_pages_do_not(client: Client, program: Program) -> None:
    assert "no-store" not in client.get("/forms/shop/enter/")["Cache-Control"]
    place = send(client, "enter", name="Lamp", amount="1")["Location"]
    assert client.get(place)["Cache-Control"] == "no-store"


# --- who may ------------------------------------------------------------------------------------------------------


def test_a_visitor_is_led_to_the_sign_in_and_back(client: Client, program: Program) -> None:
    assert client.get("/forms/shop/signed/")["Location"] == "/sign-in/?next=%2Fforms%2Fshop%2Fsigned%2F"
    assert client.post("/forms/shop/signed/", {"name": "Lamp"}).status_code == 302
    assert items(program) == []


def test_only_members_of_the_group_and_the_owner_use_its_form(client: Client, program: Program) -> None:
    mia = User.objects.create_user("mia")
    client.force_login(mia)
    refused = client.post("/forms/shop/desk/", {"name": "Lamp"})
    assert (refused.status_code, "This form is for other people" in refused.text) == (403, True)
    mia.groups.add(Group.objects.create(name="Desk"))
    assert client.post("/forms/shop/desk/", {"name": "Lamp"}).status_code == 303
    client.force_login(User.objects.create_superuser("owner"))
    assert client.get("/forms/shop/desk/").status_code == 200


def test_home_shows_each_visitor_their_forms(client: Client, program: Program) -> None:
    visitor = client.get("/").text
    assert "Enter an item" in visitor
    assert "Desk only" not in visitor
    client.force_login(User.objects.create_superuser("owner"))
    assert "Desk only" in client.get("/").text


def test_an_empty_home_says_what_to_do_next(client: Client) -> None:
    assert "Sign in" in client.get("/").text
    client.force_login(User.objects.create_superuser("owner"))
    assert "meanwhile apply" in client.get("/").text


# --- limits and faults --------------------------------------------------------------------------------------------


def test_an_open_form_takes_ten_a_minute_from_one_address(client: Client, program: Program) -> None:
    assert [send(client, "plain", name="Lamp").status_code for _ in range(11)] == [303] * 10 + [429]
    refused = send(client, "plain", name="Lamp")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert "A little too fast" in refused.text
    assert len(items(program)) == 10
    assert send(client, "enter", name="Lamp", amount="1").status_code == 303, "another form"
    elsewhere = client.post("/forms/shop/plain/", {"name": "Lamp"}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 303, "another address"


def test_a_mistake_does_not_count(client: Client, program: Program) -> None:
    assert {send(client, "plain", name="").status_code for _ in range(12)} == {422}
    assert send(client, "plain", name="Lamp").status_code == 303


def test_a_form_for_people_who_have_signed_in_has_no_limit(client: Client, program: Program) -> None:
    client.force_login(User.objects.create_user("mia"))
    assert {send(client, "signed", name="Lamp").status_code for _ in range(12)} == {303}


def test_a_database_that_takes_nothing_keeps_the_input_in_the_form(
    client: Client, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(intake, "submit", full)
    response = send(client, "enter", name="Lamp", amount="1")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "This could not be saved" in response.text
    assert 'value="Lamp"' in response.text
    assert "disk is full" not in response.text


# --- changing -----------------------------------------------------------------------------------------------------


def change_address(client: Client, program: Program) -> str:
    place = send(client, "enter", name="Lamp", amount="7")["Location"]
    (address,) = re.findall(r'href="(?:https?://[^/"]+)?(/forms/shop/change/[^"]+)"', client.get(place).text)
    return str(address)


def test_a_record_is_changed_through_its_address(client: Client, program: Program) -> None:
    address = change_address(client, program)
    page = client.get(address).text
    assert 'value="Lamp"' in page
    assert 'value="7"' in page, "the record's value and not the preset"
    assert client.post(address, {**opened(client, address), "name": "Table", "amount": "8"}).status_code == 303
    assert [(item["name"], item["amount"]) for item in items(program)] == [("Table", 8)]


def test_an_address_is_good_for_one_place_only(client: Client, program: Program) -> None:
    token = change_address(client, program).split("/")[-2]
    for address in (f"/pages/shop/shown/{token}/", f"/forms/shop/enter/{token}/", "/forms/shop/change/1/"):
        assert client.get(address).status_code == 404


def test_the_address_of_a_deleted_record_says_so(client: Client, program: Program) -> None:
    address = change_address(client, program)
    (item,) = items(program)
    records.delete(program.tables["item"], item["id"], program.tables)
    response = client.get(address)
    assert (response.status_code, "This is no longer here" in response.text) == (410, True)


def test_an_expired_address_is_renewed_by_who_has_the_right(client: Client, program: Program) -> None:
    mia = User.objects.create_user("mia")
    client.force_login(mia)
    then = datetime.now(UTC) - timedelta(days=8)
    with time_machine.travel(then, tick=False):
        place = send(client, "enter", name="Lamp", amount="1")["Location"]
    assert client.get(place).status_code == 410
    assert "Get a fresh address" in client.get(place).text
    fresh = client.post(f"{place}fresh/")
    assert "<strong>Lamp</strong>" in client.get(fresh["Location"]).text

    others = Client()
    assert "sign in" in others.get(place).text
    assert others.post(f"{place}fresh/").status_code == 410
    others.force_login(User.objects.create_user("jon"))
    assert others.post(f"{place}fresh/").status_code == 410
    others.force_login(User.objects.create_user("kim", is_staff=True))
    assert others.post(f"{place}fresh/").status_code == 302


# --- pages --------------------------------------------------------------------------------------------------------


def test_no_value_of_a_record_becomes_markup_on_a_page(client: Client, program: Program) -> None:
    place = send(client, "enter", name="<i>**x**</i>", amount="1")["Location"]
    page = client.get(place).text
    assert "&lt;i&gt;**x**&lt;/i&gt;" in page
    assert "<i>" not in page


def test_a_wait_page_counts_what_is_due_and_goes_on(client: Client, program: Program) -> None:
    place = send(client, "counted", name="Lamp")["Location"]
    page = client.get(place).text
    assert "0 of 1 piece of work" in page, "a Delay that still waits is not counted"
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert 'hx-trigger="every 3000ms"' in page
    work()
    assert client.get(place)["Location"].startswith("/pages/shop/shown/")


def test_a_look_by_htmx_gets_a_fragment_and_in_the_end_the_way(client: Client, program: Program) -> None:
    place = send(client, "flagged", name="Lamp")["Location"]
    look = client.get(place, headers={"HX-Request": "true"})
    assert 'role="progressbar"' in look.text
    assert "<html" not in look.text
    assert "Wait, Lamp." in look.text
    work()
    look = client.get(place, headers={"HX-Request": "true"})
    assert look["HX-Redirect"].startswith("/pages/shop/shown/")


def test_a_failed_wait_says_so_and_looks_no_more(client: Client, program: Program, partner: Partner) -> None:
    partner.fails = True
    place = send(client, "flagged", name="Lamp")["Location"]
    work()
    assert Job.objects.get().state == "failed"
    page = client.get(place).text
    assert "Something did not work" in page
    assert "Sorry, Lamp." in page
    assert "hx-trigger" not in page
    assert "http-equiv" not in page
    assert client.get(place, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_past_too_long_it_is_safe_to_leave(client: Client, program: Program) -> None:
    place = send(client, "flagged", name="Lamp")["Location"]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        page = client.get(place).text
    assert "It is safe to leave this page" in page
    assert "hx-trigger" in page


def test_with_nothing_to_wait_for_it_goes_straight_on(client: Client, program: Program) -> None:
    place = send(client, "nothing", name="Lamp")["Location"]
    assert client.get(place)["Location"].startswith("/pages/shop/shown/")


def test_a_wait_page_without_a_next_one_says_its_own_end(client: Client, program: Program) -> None:
    place = send(client, "ending", name="Lamp")["Location"]
    page = client.get(place).text
    assert "All is well, Lamp." in page
    assert "hx-trigger" not in page


def test_a_page_that_a_later_version_dropped_is_still_shown(
    client: Client, program: Program, publish_yaml: Callable[[str], Program]
) -> None:
    place = send(client, "enter", name="Lamp", amount="1")["Location"]
    publish_yaml(DOCUMENT.replace("  shown:", "  other:").replace("next: shown", "next: other"))
    assert "<strong>Lamp</strong>" in client.get(place).text


def test_a_form_that_was_opened_under_an_older_version_is_judged_by_the_current_one(
    client: Client, program: Program, publish_yaml: Callable[[str], Program]
) -> None:
    sent = {**opened(client, "/forms/shop/enter/"), "name": "Lamp", "amount": "42"}
    publish_yaml(DOCUMENT.replace("amount != 13", "amount != 42").replace("Thirteen", "Forty-two"))
    response = client.post("/forms/shop/enter/", sent)
    assert (response.status_code, "Forty-two is bad luck." in response.text) == (422, True)


def test_addresses_name_no_guessable_number(client: Client, program: Program) -> None:
    place = send(client, "enter", name="Lamp", amount="1")["Location"]
    token = place.split("/")[-2]
    assert not token.isdigit()
    assert client.get(place.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B"))).status_code == 404


def test_the_page_of_an_address_without_a_submission_is_shown(client: Client, program: Program) -> None:
    send(client, "enter", name="Lamp", amount="1")
    (item,) = items(program)
    address = Address("page", "shop", "shown", str(item["id"]), None)
    assert "<strong>Lamp</strong>" in client.get(address.url).text
