"""Pages in the designer: content and wait pages, their texts with placeholders, and how they will look."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
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
                "name": {"type": "text", "default": "Box"},
                "ready": {"type": "boolean", "label": "Ready to go"},
            }
        }
    },
    "forms": {"enter": {"table": "item", "fields": ["name"], "next": "waiting"}},
    "pages": {
        "waiting": {"kind": "wait", "table": "item", "next": "shown", "text": "We pack {{ record.name }}."},
        "shown": {
            "kind": "content",
            "table": "item",
            "title": "Here it is",
            "text": "## Done\n\n**{{ record.name }}**",
        },
    },
}
PAGES = [
    ("designer-page-new", ()),
    ("designer-page", ("waiting",)),
    ("designer-page", ("shown",)),
    ("designer-page-delete", ("shown",)),
]


@pytest.fixture
def draft(desk: Client) -> Client:
    drafts.create(DOCUMENT, "New application")
    return desk


def address(name: str, *args: str) -> str:
    return reverse(name, args=["shop", *args])


def now() -> Any:
    return drafts.working("shop").document


def text(response: Any) -> str:
    return response.content.decode()


def shown(client: Client, page: str) -> str:
    return client.get(address("designer-page", page)).context["preview"].shown


def settings(client: Client, page: str, **changed: Any) -> QueryDict:
    data = sent(client.get(address("designer-page", page)).context["form"], **changed)
    data["revision"] = str(drafts.working("shop").revision)
    return data


def save(client: Client, page: str, **changed: Any) -> Any:
    return client.post(address("designer-page", page), settings(client, page, **changed))


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_pages_are_for_designers(client: Client, draft: Client, name: str, args: tuple[str, ...]) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(address(name, *args)).status_code == 403


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_every_page_shows_itself_with_each_id_once(draft: Client, name: str, args: tuple[str, ...]) -> None:
    page = text(draft.get(address(name, *args)))
    assert "style=" not in page
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert sorted(ids) == sorted(set(ids))


def test_what_does_not_exist_is_not_found(draft: Client) -> None:
    assert draft.get(address("designer-page", "gone")).status_code == 404


def test_a_page_is_added_and_set_up_next(draft: Client) -> None:
    data = {"revision": 0, "label": "All packed", "kind": "wait", "table": "item"}
    response = draft.post(address("designer-page-new"), data)
    assert response["Location"] == address("designer-page", "all_packed")
    assert now()["pages"]["all_packed"] == {"kind": "wait", "table": "item"}


def test_a_page_that_nobody_changed_stays_as_it_stands(draft: Client) -> None:
    for page in ("waiting", "shown"):
        assert save(draft, page).status_code == 303
    assert now() == DOCUMENT
    assert drafts.working("shop").undo == ""


def test_a_wait_page_gets_its_flag_and_its_times(draft: Client) -> None:
    save(draft, "waiting", flag="ready", every="5s", too_long="10m", failed="Sorry, {{ record.name }}.")
    assert now()["pages"]["waiting"] == DOCUMENT["pages"]["waiting"] | {
        "flag": "ready",
        "every": "5s",
        "too_long": "10m",
        "failed": "Sorry, {{ record.name }}.",
    }
    assert not [problem for problem in inspect(now()).errors if problem.loc[0] == "pages"]
    save(draft, "waiting", flag="")
    assert "flag" not in now()["pages"]["waiting"]


def test_the_flag_is_a_yes_or_no_field_or_all_work(draft: Client) -> None:
    choices = draft.get(address("designer-page", "waiting")).context["form"].fields["flag"].widget.choices
    assert [(value, str(label)) for value, label in choices] == [
        ("", "All background work is done"),
        ("ready", "“Ready to go (ready)” is yes"),
    ]


@pytest.mark.parametrize(
    ("changed", "control"),
    [
        ({"text": "Hello {{ record.nmae }}"}, "id_text"),
        ({"text": "Hello {{ record. }}"}, "id_text"),
        ({"every": "soon"}, "id_every"),
        ({"failed": '{{ link("gone") }}'}, "id_failed"),
    ],
)
def test_what_is_wrong_is_said_at_its_control_and_kept(draft: Client, changed: dict[str, str], control: str) -> None:
    response = save(draft, "waiting", **changed, title="Kept")
    assert response.status_code == 422
    assert f'id="{control}_error"' in text(response)
    assert 'value="Kept"' in text(response)
    assert now() == DOCUMENT


def test_a_wait_page_becomes_a_content_page(draft: Client) -> None:
    save(draft, "waiting", kind="content")
    assert now()["pages"]["waiting"] == {
        "kind": "content",
        "table": "item",
        "text": "We pack {{ record.name }}.",
    }


def test_the_preview_of_a_content_page_shows_a_sample_record(draft: Client) -> None:
    found = shown(draft, "shown")
    assert "<h1>Here it is</h1>" in found
    assert "<h2>Done</h2>" in found
    assert "<strong>Box</strong>" in found


def test_the_sample_is_the_newest_published_record(desk: Client, publish_yaml: PublishYaml) -> None:
    program = publish_yaml("""
        application: shop
        tables: {item: {fields: {name: {type: text}}}}
        pages: {shown: {kind: content, table: item, text: "Of {{ record.name }}."}}
    """)
    program.tables["item"].model._base_manager.create(name="<b>Older</b>")
    program.tables["item"].model._base_manager.create(name="<b>Newest</b>")
    found = shown(desk, "shown")
    assert "&lt;b&gt;Newest&lt;/b&gt;" in found


def test_a_record_that_nobody_entered_has_examples(draft: Client) -> None:
    data = settings(draft, "shown", text="{{ record.note }}, {{ record.count }}, {{ record.fee }}, {{ record.id }}")
    more = {"note": {"type": "text"}, "count": {"type": "integer"}, "fee": {"type": "decimal", "places": 2}}
    fields = {**DOCUMENT["tables"]["item"]["fields"], **more}
    drafts.change("shop", 0, "Fields", lambda plain: {**plain, "tables": {"item": {"fields": fields}}})
    assert "Note, 1, 1.00, 1" in text(draft.post(address("designer-page-preview", "shown"), data))


def test_the_preview_of_a_wait_page_shows_each_of_its_states(draft: Client) -> None:
    found = shown(draft, "waiting")
    assert "We pack Box." in found
    for words in ("Just a moment", "This takes longer than usual", "Something did not work"):
        assert words in found
    assert "People go on to “Here it is” by themselves." in found


def test_the_preview_follows_what_is_typed_and_saves_nothing(draft: Client) -> None:
    data = settings(draft, "shown", text='Look at [it]({{ link("shown") }}), {{ user.username }}.')
    answer = text(draft.post(address("designer-page-preview", "shown"), data))
    assert '<a href="/pages/shop/shown/sample/">it</a>' in answer
    assert "dora" in answer
    assert now() == DOCUMENT


def test_names_that_can_be_inserted_are_those_of_a_page(draft: Client) -> None:
    page = text(draft.get(address("designer-page", "shown")))
    for name in ("record.name", "user.email", "now", "link(&quot;waiting&quot;)"):
        assert f"<code>{name}</code>" in page
    assert "<code>old.name</code>" not in page
    assert "<code>event.is_new</code>" not in page


def test_deleting_says_what_leads_to_the_page(draft: Client) -> None:
    assert "enter" in text(draft.get(address("designer-page-delete", "waiting")))
    draft.post(address("designer-page-delete", "waiting"), {"revision": 0})
    assert list(now()["pages"]) == ["shown"]
    assert inspect(now()).errors != ()


@pytest.mark.parametrize(
    "page",
    [
        {"kind": "wait", "table": "gone", "text": "x"},
        {"kind": "other", "table": "item"},
        {"kind": "wait", "table": "item", "every": 7, "text": "{{ broken", "flag": "gone"},
        {"kind": "content", "table": "item", "text": "{{ record.gone }}"},
        None,
    ],
)
def test_a_page_that_is_wrong_still_opens_and_says_so(desk: Client, page: Any) -> None:
    drafts.create({**DOCUMENT, "pages": {"shown": page}}, "New application")
    response = desk.get(address("designer-page", "shown"))
    assert response.status_code == 200
    assert response.context["problems"] or response.context["form"].errors
