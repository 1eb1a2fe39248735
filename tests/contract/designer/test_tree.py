"""The event tree through its forms, without JavaScript: everything can be made, changed, moved, and said why not."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from meanwhile.definitions import drafts
from meanwhile.definitions.editing import tree
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.loading import load_file

pytestmark = pytest.mark.django_db

BOOKING = Path(__file__).parents[3] / "examples/booking/booking.yaml"
EVENT = "booking.record_update"
ADDRESS = f"/designer/booking/events/{EVENT}/"


@pytest.fixture
def booking() -> dict[str, Any]:
    plain = with_ids(load_file(BOOKING).plain, None)
    drafts.create(plain, "New application")
    return plain


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("owner"))
    return client


def roots() -> list[dict[str, Any]]:
    return tree.roots(drafts.working("booking").document, EVENT)


def types(nodes: list[dict[str, Any]]) -> list[str]:
    return [tree.type_or_nothing(node) for node in nodes]


def do(owner: Client, act: str, node: str = "", **more: Any) -> HttpResponse:
    revision = drafts.working("booking").revision
    return owner.post(f"{ADDRESS}change/", {"act": act, "node": node, "revision": revision} | more)


def text_of(owner: Client, **query: str) -> str:
    return owner.get(ADDRESS, query).content.decode()


def test_the_tree_says_in_words_what_each_object_does(owner: Client, booking: dict[str, Any]) -> None:
    text = text_of(owner)
    assert "When a record of “Booking” is saved" in text
    assert "Update <em>Status</em> to Ticketed" in text
    assert "Call fare_quote into <em>Fare</em>" in text
    assert "<strong>Ticket the booking</strong>" in text
    assert text.count("Here the person sees the next page") == 1
    assert text.count(">Otherwise<") == 3


def test_a_new_object_goes_into_the_selected_one_and_is_selected(owner: Client, booking: dict[str, Any]) -> None:
    background = roots()[0]["do"][1]
    response = do(owner, "new:delay", background["id"])
    made = roots()[0]["do"][1]["do"][-1]
    assert tree.type_or_nothing(made) == "delay"
    assert response["Location"] == f"{ADDRESS}?node={made['id']}&focus=settings#settings"
    assert "Add Delay" in text_of(owner, node=made["id"])
