"""Forms in the designer, through its pages: what is chosen is what the document says, and what people would see."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse

from meanwhile.definitions import drafts
from meanwhile.definitions.inspection import inspect
from tests.contract.conftest import PublishYaml
from tests.unit.designer.sending import sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_cached_versions")]

DOCUMENT: dict[str, Any] = {
    "application": "shop",
    "tables": {
        "item": {
            "fields": {
                "name": {"type": "text", "required": True, "help": "As on the box."},
                "amount": {"type": "integer", "default": 3},
                "maker": {"type": "link", "table": "maker"},
                "origin": {"type": "text"},
            }
        },
        "maker": {"fields": {"name": {"type": "text"}}},
    },
    "forms": {
        "enter": {
            "table": "item",
            "fields": ["name", {"field": "amount", "label": "How many"}, "maker"],
            "validate": [{"rule": "record.amount != 13", "message": "Thirteen is bad luck."}],
        }
    },
    "pages": {"shown": {"kind": "content", "table": "item", "text": "Thanks"}},
}
PAGES = [
    ("designer-form-new", ()),
    ("designer-form", ("enter",)),
    ("designer-form-delete", ("enter",)),
    ("designer-form-field", ("enter", "amount")),
]


@pytest.fixture
def draft(desk: Client) -> Client:
    drafts.create(DOCUMENT, "New application")
    return desk


def address(name: str, *args: str) -> str:
    return reverse(name, args=["shop", *args])


def now() -> Any:
    return drafts.working("shop").document


def enter() -> Any:
    return now()["forms"]["enter"]


def text(response: Any) -> str:
    return response.content.decode()


def post(client: Client, name: str, *args: str, **data: Any) -> Any:
    return client.post(address(name, *args), {"revision": drafts.working("shop").revision, **data})


def settings(client: Client, **changed: Any) -> QueryDict:
    """What the settings of the form send, with some of it changed; a list for several of one name."""
    design = client.get(address("designer-form", "enter")).context["design"]
    data = QueryDict(mutable=True)
    for form in (design.words, design.who, design.rules):
        data.update(sent(form))
    for name, value in changed.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    data["revision"] = str(drafts.working("shop").revision)
    return data


def save(client: Client, **changed: Any) -> Any:
    return client.post(address("designer-form", "enter"), settings(client, **changed))


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_pages_are_for_designers(client: Client, draft: Client, name: str, args: tuple[str, ...]) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(address(name, *args)).status_code == 403


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_every_page_shows_itself_without_inline_styles(draft: Client, name: str, args: tuple[str, ...]) -> None:
    response = draft.get(address(name, *args))
    assert response.status_code == 200
    assert "style=" not in text(response)
    assert "<script>" not in text(response)


def test_what_does_not_exist_is_not_found(draft: Client) -> None:
    assert draft.get(address("designer-form", "gone")).status_code == 404
    assert draft.get(address("designer-form-field", "enter", "gone")).status_code == 404


def test_a_form_is_added_with_all_fields_of_its_table(draft: Client) -> None:
    response = post(draft, "designer-form-new", label="Quick entry", table="item", all_fields="on")
    assert response["Location"] == address("designer-form", "quick_entry")
    assert now()["forms"]["quick_entry"] == {"table": "item", "fields": ["name", "amount", "maker", "origin"]}
    assert drafts.working("shop").undo == "Add form “Quick entry”"


def test_a_name_that_is_refused_is_kept(draft: Client) -> None:
    response = post(draft, "designer-form-new", label="Mine", key="enter", table="item")
    assert response.status_code == 422
    assert 'value="Mine"' in text(response)
    assert now() == DOCUMENT


def test_a_form_that_nobody_changed_stays_as_it_stands(draft: Client) -> None:
    assert save(draft).status_code == 303
    assert now() == DOCUMENT
    assert drafts.working("shop").undo == ""


def test_settings_are_saved_and_undone(draft: Client) -> None:
    save(draft, title="Enter an item", description="One at a time.", submit="Enter", next="shown")
    assert enter() == {**DOCUMENT["forms"]["enter"], "title": "Enter an item", "description": "One at a time."} | {
        "submit": "Enter",
        "next": "shown",
    }
    assert inspect(now()).errors == ()
    drafts.undo("shop", drafts.working("shop").revision)
    assert now() == DOCUMENT


def test_who_may_submit_is_chosen_among_the_groups_of_the_site(draft: Client) -> None:
    Group.objects.create(name="Clerks")
    save(draft, who="groups", groups=["Clerks"])
    assert enter()["who"] == {"groups": ["Clerks"]}
    save(draft, who="signed_in")
    assert enter()["who"] == "signed_in"
    save(draft, who="anyone")
    assert "who" not in enter()


def test_groups_without_any_are_refused(draft: Client) -> None:
    response = save(draft, who="groups", title="Kept")
    assert response.status_code == 422
    assert "Choose at least one group" in text(response)
    assert 'value="Kept"' in text(response)
    assert now() == DOCUMENT


def test_rules_are_added_changed_and_taken_out(draft: Client) -> None:
    save(draft, rule_1="record.amount < 99", message_1="Too many.")
    assert [rule["message"] for rule in enter()["validate"]] == ["Thirteen is bad luck.", "Too many."]
    save(draft, rule_0="", message_0="")
    assert enter()["validate"] == [{"rule": "record.amount < 99", "message": "Too many."}]
    save(draft, rule_0="", message_0="")
    assert "validate" not in enter()


@pytest.mark.parametrize("rule", ["record.amount <", "record.amuont < 3", "nonsense"])
def test_a_rule_that_is_wrong_is_said_at_its_control_and_kept(draft: Client, rule: str) -> None:
    response = save(draft, rule_2=rule, message_2="Why")
    assert response.status_code == 422
    assert 'id="id_rule_2_error"' in text(response)
    assert f'value="{rule.replace("<", "&lt;")}"' in text(response)
    assert now() == DOCUMENT


def test_fields_are_added_moved_and_taken_off(draft: Client) -> None:
    post(draft, "designer-form-field-add", "enter", field="origin")
    post(draft, "designer-form-field-move", "enter", field="origin", to="0")
    post(draft, "designer-form-field-move", "enter", field="origin", to="down")
    post(draft, "designer-form-field-move", "enter", field="maker", to="up")
    assert enter()["fields"] == ["name", "origin", "maker", {"field": "amount", "label": "How many"}]
    post(draft, "designer-form-field-remove", "enter", "maker")
    post(draft, "designer-form-field-remove", "enter", "name")
    post(draft, "designer-form-field-add", "enter", all="all")
    assert [each if isinstance(each, str) else each["field"] for each in enter()["fields"]] == [
        "origin",
        "amount",
        "name",
        "maker",
    ]
    assert "All fields of the table are on it." in text(draft.get(address("designer-form", "enter")))


def field_data(client: Client, field: str, **changed: Any) -> QueryDict:
    data = sent(client.get(address("designer-form-field", "enter", field)).context["form"], **changed)
    data["revision"] = str(drafts.working("shop").revision)
    return data


def test_a_field_gets_a_label_help_preset_and_is_hidden(draft: Client) -> None:
    data = field_data(draft, "name", label="Its name", help="Any.", preset="Box {{ now }}", hidden="on")
    response = draft.post(address("designer-form-field", "enter", "name"), data)
    assert response["Location"] == address("designer-form", "enter") + "#field-name"
    assert enter()["fields"][0] == {
        "field": "name",
        "label": "Its name",
        "help": "Any.",
        "preset": "Box {{ now }}",
        "hidden": True,
    }
    data = field_data(draft, "name", label="", help="", preset="", hidden=None)
    draft.post(address("designer-form-field", "enter", "name"), data)
    assert now() == DOCUMENT


def test_a_field_without_a_preset_shows_an_empty_one(draft: Client) -> None:
    # A preset that is left out has the default None, which the control showed as the word "null".
    assert field_data(draft, "name")["preset"] == ""


def test_a_preset_that_does_not_fit_is_said_at_its_control(draft: Client) -> None:
    response = draft.post(
        address("designer-form-field", "enter", "amount"), field_data(draft, "amount", preset="{{ record.gone }}")
    )
    assert response.status_code == 422
    assert 'id="id_preset_error"' in text(response)
    assert now() == DOCUMENT


def test_the_preview_is_the_form_as_people_see_it(draft: Client) -> None:
    shown = draft.get(address("designer-form", "enter")).context["preview"].shown
    assert "<h1>Enter</h1>" in shown
    assert "How many" in shown
    assert "As on the box." in shown
    assert 'id="preview-amount"' in shown
    assert 'value="3"' in shown


def test_the_preview_follows_what_is_typed_and_saves_nothing(draft: Client) -> None:
    data = settings(draft, title="Typed just now", submit="Go")
    answer = text(draft.post(address("designer-form-preview", "enter"), data))
    assert "Typed just now" in answer
    assert ">Go</button>" in answer
    assert "inert" in answer
    answer = text(
        draft.post(
            address("designer-form-field-preview", "enter", "amount"),
            field_data(draft, "amount", label="Pieces", preset="7"),
        )
    )
    assert "Pieces" in answer
    assert 'value="7"' in answer
    assert now() == DOCUMENT


def test_ids_of_the_page_are_not_doubled_by_the_preview(draft: Client) -> None:
    for name, args in PAGES:
        ids = ids_in(draft.get(address(name, *args)))
        assert sorted(ids) == sorted(set(ids))


def ids_in(response: HttpResponse) -> list[str]:
    return [part.split('"')[0] for part in text(response).split(' id="')[1:]]


def test_a_link_offers_the_records_of_the_published_table(desk: Client, publish_yaml: PublishYaml) -> None:
    program = publish_yaml("""
        application: shop
        tables:
          item: {fields: {name: {type: text}, maker: {type: link, table: maker}}}
          maker: {fields: {name: {type: text}}}
        forms: {enter: {table: item, fields: [name, maker]}}
    """)
    program.tables["maker"].model._base_manager.create(name="Ada & Sons")
    assert "Ada &amp; Sons" in text(desk.get(address("designer-form", "enter")))


def test_deleting_says_what_names_the_form(draft: Client) -> None:
    assert "Nothing else names it." in text(draft.get(address("designer-form-delete", "enter")))
    assert (
        post(draft, "designer-form-delete", "enter")["Location"]
        == reverse("designer-application", args=["shop"]) + "#forms"
    )
    assert now()["forms"] == {}


def test_the_second_of_two_designers_is_told_and_can_save_on_top(draft: Client) -> None:
    mine = settings(draft, title="Mine")
    post(draft, "designer-form-field-add", "enter", field="origin")
    response = draft.post(address("designer-form", "enter"), mine)
    assert response.status_code == 409
    again = QueryDict(mutable=True)
    for name, value in response.context["kept"]:
        again.appendlist(name, value)
    again["revision"] = str(drafts.working("shop").revision)
    draft.post(address("designer-form", "enter"), again)
    assert enter()["title"] == "Mine"
    assert "origin" in enter()["fields"]


@pytest.mark.parametrize(
    "form",
    [
        {"table": "gone", "fields": ["name"]},
        {"table": "item", "fields": ["gone", "name"]},
        {"table": "item", "fields": None, "next": "gone", "who": "nobody"},
        {"table": "item", "fields": [{"label": "no key"}, 7], "validate": ["x", {"rule": "1 +"}], "title": 5},
        {"table": "item", "fields": [{"field": "amount", "preset": "many"}]},
        None,
    ],
)
def test_a_form_that_is_wrong_still_opens_and_says_so(desk: Client, form: Any) -> None:
    drafts.create({**DOCUMENT, "forms": {"enter": form}}, "New application")
    response = desk.get(address("designer-form", "enter"))
    assert response.status_code == 200
    assert response.context["problems"] or response.context["design"].errors


def test_a_sample_record_is_chosen_and_leads_back_here(draft: Client) -> None:
    here = address("designer-form", "enter")
    response = draft.post(address("designer-event-sample", "item.record_update"), {"sample": "new", "here": here})
    assert response["Location"] == here
