"""Tables and fields in the designer, through its pages: every change is one step, and what is refused is kept."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from meanwhile.definitions import drafts
from meanwhile.definitions.editing import tables
from meanwhile.definitions.inspection import inspect
from tests.contract.conftest import PublishYaml
from tests.unit.designer.sending import sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]

DOCUMENT: dict[str, Any] = {
    "application": "booking",
    "tables": {
        "booking": {
            "fields": {
                "passenger": {"type": "text", "label": "Passenger", "required": True},
                "seats": {"type": "integer", "min": 1, "max": 9, "default": 1},
                "status": {"type": "choice", "choices": ["New", "Received"]},
            },
            "events": {
                "record_update": [{"update_field": {"field": "status", "value": "Received"}, "id": "n1"}],
                "remind": {"label": "Remind", "parameters": ["days"], "do": []},
            },
        }
    },
    "forms": {"book": {"table": "booking", "fields": ["passenger", "seats", "status"]}},
}
PAGES = [
    ("designer-table-new", ()),
    ("designer-table", ("booking",)),
    ("designer-table-delete", ("booking",)),
    ("designer-field", ("booking", "seats")),
    ("designer-field-delete", ("booking", "seats")),
    ("designer-event-new", ("booking",)),
    ("designer-table-event", ("booking", "remind")),
    ("designer-table-event-delete", ("booking", "remind")),
]


@pytest.fixture
def designer(client: Client) -> Client:
    ann = User.objects.create_user("ann")
    ann.user_permissions.add(Permission.objects.get(codename="design"))
    client.force_login(ann)
    return client


@pytest.fixture
def draft(db: None) -> None:
    drafts.create(DOCUMENT, "New application")


def address(name: str, *args: str) -> str:
    return reverse(name, args=["booking", *args])


def post(client: Client, name: str, *args: str, **data: Any) -> Any:
    given = {"revision": drafts.working("booking").revision, **data}
    return client.post(address(name, *args), given)


def now() -> dict[str, Any]:
    return drafts.working("booking").document


def fields() -> dict[str, Any]:
    return tables.fields(now(), "booking")


def text(response: HttpResponse) -> str:
    return response.content.decode()


def save_field(client: Client, field: str, **changed: Any) -> Any:
    """Send the form of a field as its page shows it, with some of it changed."""
    page = client.get(address("designer-field", "booking", field))
    form = page.context["form"]
    data = sent(form, **changed)
    data.setdefault("type", page.context["type"])
    data["revision"] = str(page.context["working"].revision)
    return client.post(address("designer-field", "booking", field), data)


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_pages_are_for_designers(client: Client, draft: None, name: str, args: tuple[str, ...]) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(address(name, *args)).status_code == 403


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_every_page_shows_itself_without_inline_styles(
    designer: Client, draft: None, name: str, args: tuple[str, ...]
) -> None:
    response = designer.get(address(name, *args))
    assert response.status_code == 200
    assert "style=" not in text(response)
    assert "<script>" not in text(response)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("designer-table", ("gone",)),
        ("designer-field", ("booking", "gone")),
        ("designer-field-delete", ("gone", "seats")),
        ("designer-table-event", ("booking", "record_update")),
    ],
)
def test_what_does_not_exist_is_not_found(designer: Client, draft: None, name: str, args: tuple[str, ...]) -> None:
    assert designer.get(address(name, *args)).status_code == 404


def test_a_table_is_added_by_its_label_alone(designer: Client, draft: None) -> None:
    response = post(designer, "designer-table-new", label="Frequent flyers")
    assert response["Location"] == address("designer-table", "frequent_flyers")
    assert now()["tables"]["frequent_flyers"] == {"fields": {}}
    assert "no fields yet" in text(designer.get(response["Location"]))
    assert drafts.working("booking").undo == "Add table “Frequent flyers”"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"label": ""}, "This field is required"),
        ({"label": "X", "key": "booking"}, "taken already"),
        ({"label": "X", "key": "Not a key"}, "cannot be a key"),
    ],
)
def test_a_name_that_is_refused_is_kept_and_explained(
    designer: Client, draft: None, data: dict[str, str], words: str
) -> None:
    response = post(designer, "designer-table-new", **data)
    assert response.status_code == 422
    assert words in text(response)
    assert f'value="{data.get("key", "")}"' in text(response) or not data.get("key")
    assert now() == DOCUMENT


def test_a_label_is_changed_and_undone(designer: Client, draft: None) -> None:
    post(designer, "designer-table-label", "booking", label="Flights")
    assert now()["tables"]["booking"]["label"] == "Flights"
    drafts.undo("booking", drafts.working("booking").revision)
    assert now() == DOCUMENT


def test_a_field_is_added_at_the_end_with_a_key_from_its_label(designer: Client, draft: None) -> None:
    response = post(designer, "designer-field-new", "booking", label="Date of birth", type="date")
    assert response["Location"] == address("designer-table", "booking") + "#new-field"
    assert list(fields()) == ["passenger", "seats", "status", "date_of_birth"]
    assert fields()["date_of_birth"] == {"type": "date"}


def test_a_field_that_needs_settings_is_set_up_next(designer: Client, draft: None) -> None:
    response = post(designer, "designer-field-new", "booking", label="Class of travel", key="class_", type="choice")
    assert response.status_code == 422  # a key does not end in _
    response = post(designer, "designer-field-new", "booking", label="Class", key="travel_class", type="choice")
    assert response["Location"] == address("designer-field", "booking", "travel_class")
    assert fields()["travel_class"] == {"type": "choice", "label": "Class"}
    assert "This is needed." in text(designer.get(response["Location"]))
    saved = save_field(designer, "travel_class", choices="e = Economy\r\nb = Business", default="e")
    assert saved.status_code == 303
    assert fields()["travel_class"] == {
        "type": "choice",
        "label": "Class",
        "choices": {"e": "Economy", "b": "Business"},
        "default": "e",
    }
    assert inspect(now()).errors == ()


@pytest.mark.parametrize(
    ("field", "to", "order"),
    [
        ("seats", "up", "seats passenger status"),
        ("seats", "down", "passenger status seats"),
        ("status", "0", "status passenger seats"),
        ("passenger", "2", "seats status passenger"),
        ("passenger", "up", "passenger seats status"),
    ],
)
def test_fields_are_put_in_order(designer: Client, draft: None, field: str, to: str, order: str) -> None:
    response = post(designer, "designer-field-move", "booking", field=field, to=to)
    assert response["Location"] == address("designer-table", "booking") + f"#field-{field}"
    assert " ".join(fields()) == order


def test_a_field_that_nobody_changed_stays_as_it_stands_and_makes_no_step(designer: Client, draft: None) -> None:
    for field in ("passenger", "seats", "status"):
        assert save_field(designer, field).status_code == 303
    assert now() == DOCUMENT
    assert drafts.working("booking").undo == ""


def test_settings_of_a_field_are_saved(designer: Client, draft: None) -> None:
    save_field(designer, "seats", label="Seats wanted", required="on", max="20", default="")
    assert fields()["seats"] == {"type": "integer", "min": 1, "max": 20, "label": "Seats wanted", "required": True}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"min": "12"}, "min (12) is above max (9)."),
        ({"max": "many"}, "whole number"),
        ({"default": "30"}, "30"),
        ({"unique": "on"}, "cannot have a default"),
    ],
)
def test_settings_that_make_no_sense_are_refused_and_kept(
    designer: Client, draft: None, changed: dict[str, str], words: str
) -> None:
    response = save_field(designer, "seats", **changed)
    assert response.status_code == 422
    assert words in text(response)
    assert response.context["form"].errors
    assert now() == DOCUMENT


def test_another_type_keeps_what_fits(designer: Client, draft: None) -> None:
    response = save_field(designer, "seats", type="decimal")
    assert response["Location"] == address("designer-field", "booking", "seats")
    assert fields()["seats"] == {"type": "decimal", "min": 1, "max": 9, "default": 1}
    save_field(designer, "seats", type="text")
    assert fields()["seats"] == {"type": "text", "default": 1}
    save_field(designer, "seats", type="date")
    assert fields()["seats"] == {"type": "date"}
    assert drafts.working("booking").undo == "Make field “Seats” a Date"


def test_a_published_field_only_becomes_a_wider_type(designer: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml("""
        application: booking
        tables: {booking: {fields: {name: {type: text}, n: {type: integer}}}}
    """)
    page = designer.get(address("designer-field", "booking", "name"))
    assert [word for word, _label in page.context["types"]] == ["text", "long_text"]
    save_field(designer, "name", type="integer")
    assert fields()["name"] == {"type": "text"}
    save_field(designer, "name", type="long_text")
    assert fields()["name"] == {"type": "long_text"}


def test_deleting_a_field_says_what_uses_it(designer: Client, draft: None) -> None:
    page = text(designer.get(address("designer-field-delete", "booking", "status")))
    assert "record_update" in page
    assert "Take it out of these forms, too: book" in page
    post(designer, "designer-field-delete", "booking", "status", from_forms="on")
    assert list(fields()) == ["passenger", "seats"]
    assert now()["forms"]["book"]["fields"] == ["passenger", "seats"]
    assert inspect(now()).errors != ()


def test_a_field_that_nothing_uses_is_deleted_without_further_ado(designer: Client, draft: None) -> None:
    post(designer, "designer-field-new", "booking", label="Notes", type="long_text")
    assert "Nothing else names it." in text(designer.get(address("designer-field-delete", "booking", "notes")))


def test_a_table_is_deleted_with_what_names_it_said_first(designer: Client, draft: None) -> None:
    assert "book" in text(designer.get(address("designer-table-delete", "booking")))
    assert post(designer, "designer-table-delete", "booking")["Location"] == reverse(
        "designer-application", args=["booking"]
    )
    assert now()["tables"] == {}


def test_a_custom_event_is_added_set_up_and_deleted(designer: Client, draft: None) -> None:
    post(designer, "designer-event-new", "booking", label="It is late", parameters="days\r\nreason\r\n")
    made = now()["tables"]["booking"]["events"]["it_is_late"]
    assert made == {"parameters": ["days", "reason"], "do": []}
    post(designer, "designer-table-event", "booking", "it_is_late", label="Late", parameters="days")
    made = now()["tables"]["booking"]["events"]["it_is_late"]
    assert made == {"label": "Late", "parameters": ["days"], "do": []}
    post(designer, "designer-table-event-delete", "booking", "it_is_late")
    assert now() == DOCUMENT


@pytest.mark.parametrize("parameters", ["two words", "days\ndays", "class"])
def test_parameters_that_cannot_be_are_refused(designer: Client, draft: None, parameters: str) -> None:
    response = post(designer, "designer-event-new", "booking", label="Late", parameters=parameters)
    assert response.status_code == 422
    assert now() == DOCUMENT


def test_the_second_of_two_designers_is_told_and_can_save_on_top(designer: Client, draft: None) -> None:
    post(designer, "designer-field-new", "booking", label="Theirs", type="text")
    mine = {"revision": 0, "label": "Mine", "type": "date", "key": ""}
    response = designer.post(address("designer-field-new", "booking"), mine)
    assert response.status_code == 409
    assert "Add field “Theirs”" in text(response)
    again = dict(response.context["kept"]) | {"revision": 1}
    designer.post(address("designer-field-new", "booking"), again)
    assert list(fields())[-2:] == ["theirs", "mine"]


def test_two_who_set_up_the_same_field_see_both_values_and_choose(designer: Client, draft: None) -> None:
    form = designer.get(address("designer-field", "booking", "seats")).context["form"]
    theirs = sent(form, default="3", max="7").dict() | {"type": "integer", "revision": 0}
    mine = sent(form, max="5", help="How many?").dict() | {"type": "integer", "revision": 0}
    designer.post(address("designer-field", "booking", "seats"), theirs)
    told = designer.post(address("designer-field", "booking", "seats"), mine)
    assert told.status_code == 409
    (choice,) = told.context["choices"]
    assert (choice.setting, choice.before, choice.theirs, choice.mine) == ("Max", "9", "7", "5")
    again = dict(told.context["kept"]) | {"revision": 1, "since": told.context["since"]}
    designer.post(address("designer-field", "booking", "seats"), again | {choice.name: "theirs"})
    assert fields()["seats"] == {"type": "integer", "min": 1, "max": 7, "default": 3, "help": "How many?"}
    designer.post(address("designer-undo"), {"revision": 2})
    designer.post(address("designer-field", "booking", "seats"), again | {"revision": 3, choice.name: "mine"})
    assert fields()["seats"] == {"type": "integer", "min": 1, "max": 5, "default": 3, "help": "How many?"}


def test_problems_of_a_table_are_said_on_its_page(designer: Client, draft: None) -> None:
    post(designer, "designer-field-new", "booking", label="Kind", type="choice")
    page = text(designer.get(address("designer-table", "booking")))
    assert "look at it" in page
    assert "“Choices” is missing" in page


def test_a_table_of_the_host_project_shows_the_fields_of_its_model(designer: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml("""
        application: booking
        tables: {booking: {model: auth.Group}}
    """)
    page = text(designer.get(address("designer-table", "booking")))
    assert "auth.Group" in page
    assert "Name" in page
    assert "Add a field" not in page
