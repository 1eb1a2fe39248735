"""The page of the dry run: who may see it, what it offers, and that nothing that is posted to it is saved."""

from typing import Any

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.test import Client

from meanwhile.definitions import drafts
from meanwhile.engine import intake
from meanwhile.queue.models import Job
from tests.contract.designer.test_dry_run import SHOP, Publish, everything

HERE = "/designer/shop/dry-run/"
TREE = "        - background:\n          do:\n            - update_field: {{field: b, value: '{0}'}}"
FORMS = """
  link: {table: note, fields: [text, item]}
  careful:
    table: item
    fields: [a, {field: b, preset: "made by {{ user.username }}", hidden: true}]
    validate: [{rule: "record.a != 'no'", message: "Anything but no."}]
"""


@pytest.fixture
def designer(transactional_db: None, client: Client) -> Client:
    client.force_login(get_user_model()._default_manager.create_superuser("owner", "owner@example.org", "x"))
    return client


@pytest.fixture
def shop(publish_yaml: Publish) -> Any:
    """The published shop."""
    return publish_yaml(document("later"))


def document(word: str) -> str:
    return SHOP.format(events=TREE.format(word)).replace("forms:\n", f"forms:{FORMS}")


def post(client: Client, query: str, **values: str) -> str:
    """What a post to the page answers; everything is as it was afterwards, but for the session."""
    before = everything()
    response = client.post(f"{HERE}?{query}", {f"value-{key}": value for key, value in values.items()})
    assert {**everything(), "django_session": []} == {**before, "django_session": []}
    return response.content.decode()


def test_only_designers_see_it(shop: Any, client: Client) -> None:
    assert client.get(HERE).status_code == 302
    client.force_login(get_user_model()._default_manager.create_user("anyone"))
    assert client.get(HERE).status_code == 403


def test_it_offers_every_form_and_every_table(shop: Any, designer: Client) -> None:
    page = designer.get(HERE).content.decode()
    for words in ("Form: Enter", "A record of Item, without a form", "A record of Note, without a form"):
        assert words in page


def test_the_draft_is_tried_and_not_what_is_published(shop: Any, designer: Client) -> None:
    drafts.change("shop", 0, "Another word", lambda _plain: yaml.safe_load(document("drafted")))
    page = post(designer, "start=form:enter", a="A")
    assert "drafted" in page
    assert "later" not in page


def test_a_draft_that_does_not_load_is_refused_with_its_problems(shop: Any, designer: Client) -> None:
    broken = yaml.safe_load(document("x")) | {"pages": {"seen": {"kind": "glossy", "table": "item"}}}
    drafts.change("shop", 0, "Broken", lambda _plain: broken)
    page = designer.get(HERE).content.decode()
    assert "This draft cannot be tried yet" in page
    assert "Page Seen" in page


def test_an_application_without_tables_says_so(designer: Client) -> None:
    drafts.create({"application": "shop"}, "Begun")
    assert "the application has no table" in designer.get(HERE).content.decode()


def test_a_changed_record_begins_with_its_own_values(shop: Any, designer: Client) -> None:
    item = intake.submit(shop, "item", {"a": "its own"})
    Job.objects.all().delete()
    query = f"start=form:enter&kind=changed&number=%23{item.record_id}"
    assert 'value="its own"' in designer.get(f"{HERE}?{query}").content.decode()
    page = post(designer, query, a="another")
    assert f"Item #{item.record_id} would be changed" in page
    assert "another" in page


@pytest.mark.parametrize("number", ["99", "x", "-1", "9" * 30])
def test_a_record_that_is_not_there_is_said(number: str, shop: Any, designer: Client) -> None:
    response = designer.get(f"{HERE}?start=form:enter&kind=changed&number={number}")
    assert response.status_code == 404
    assert "What is tried" in response.content.decode()


def test_links_offer_the_records_that_are_there(shop: Any, designer: Client) -> None:
    intake.submit(shop, "item", {"a": "linked to"})
    page = designer.get(f"{HERE}?start=form:link").content.decode()
    assert "linked to</option>" in page


def test_a_link_to_a_table_that_is_not_published_offers_nothing(shop: Any, designer: Client) -> None:
    plain = yaml.safe_load(document("x"))
    plain["tables"]["note"]["fields"]["far"] = {"type": "link", "table": "distant", "display": "name"}
    plain["tables"]["note"]["fields"]["item"]["display"] = "fresh"
    plain["tables"]["item"]["fields"]["fresh"] = {"type": "text"}
    plain["tables"]["distant"] = {"fields": {"name": {"type": "text"}}}
    drafts.change("shop", 0, "More", lambda _plain: plain)
    intake.submit(shop, "item", {"a": "linked to"})
    assert designer.get(f"{HERE}?start=table:note").status_code == 200
    assert "A new record of Note would be made" in post(designer, "start=table:note", text="x")


def test_presets_and_rules_of_the_form_hold(shop: Any, designer: Client) -> None:
    assert "Anything but no." in post(designer, "start=form:careful", a="no")
    # The tree of the test writes over the preset, which is what it was before.
    assert "made by owner" in post(designer, "start=form:careful", a="yes")


def test_what_somebody_enters_is_never_markup(shop: Any, designer: Client) -> None:
    page = post(designer, "start=form:enter", a="<script>alert(1)</script>", b="{{ record.a }}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
