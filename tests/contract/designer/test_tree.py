"""The event tree through its forms, without JavaScript: everything can be made, changed, moved, and said why not."""

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from meanwhile.core import clock
from meanwhile.definitions import drafts
from meanwhile.definitions.editing import tree
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.loading import load_file
from meanwhile.tables import records
from tests.contract.conftest import PublishYaml

pytestmark = pytest.mark.django_db

BOOKING = Path(__file__).parents[3] / "examples/booking/booking.yaml"
EVENT = "booking.record_update"
ADDRESS = f"/designer/booking/events/{EVENT}/"

type Node = dict[str, Any]


@pytest.fixture
def booking() -> dict[str, Any]:
    plain = with_ids(load_file(BOOKING).plain, None)
    drafts.create(plain, "New application")
    return plain


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("owner"))
    return client


def roots() -> list[Node]:
    return tree.roots(drafts.working("booking").document, EVENT)


def types(nodes: list[Node]) -> list[str]:
    return [tree.type_or_nothing(node) for node in nodes]


def do(owner: Client, act: str, node: str = "", address: str = ADDRESS, **more: Any) -> HttpResponse:
    """Send the form of the tree, then look at the page that it leads to."""
    revision = drafts.working("booking").revision
    return owner.post(f"{address}change/", {"act": act, "node": node, "revision": revision} | more, follow=True)


def save(owner: Client, node: str, **fields: Any) -> HttpResponse:
    revision = drafts.working("booking").revision
    sent = {"node": node, "revision": revision, "name": "", "note": ""} | fields
    return owner.post(f"{ADDRESS}settings/", sent, follow=True)


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def selected(response: Any) -> str:
    return str(response.context["selected"])


def reason(response: Any, *labels: str) -> str:
    """Why what stands at ``labels`` in the object's menu cannot be done; empty where it can."""
    entries = response.context["menu"]
    for label in labels:
        entry = next(each for each in entries if each.label == label)
        entries = entry.entries
    return str(entry.reason)


# --- what the page shows ------------------------------------------------------------------------------------------


def test_the_tree_says_in_words_what_each_object_does(owner: Client, booking: Node) -> None:
    shown = text(owner.get(ADDRESS))
    assert "When a record of “Booking” is saved" in shown
    assert "Update <em>Status</em> to Ticketed" in shown
    assert "Call fare_quote into <em>Fare</em>" in shown
    assert "<strong>Ticket the booking</strong>" in shown
    assert shown.count('data-kind="otherwise"') == 3


def test_the_next_page_comes_after_the_last_thing_that_people_wait_for(owner: Client, booking: Node) -> None:
    do(owner, "new:background")
    shown = text(owner.get(ADDRESS))
    assert shown.count("Here the person sees the next page") == 1
    assert shown.index("Here the person sees the next page") > shown.index("BK-{{ record.id }}")
    assert shown.index("Here the person sees the next page") < shown.rindex('data-kind="execution"')


def test_nobody_waits_for_a_custom_event(owner: Client, booking: Node) -> None:
    plain = {
        **booking["tables"]["booking"]["events"],
        "remind": [{"update_field": {"field": "status", "value": "New"}}],
    }
    drafts.change("booking", 0, "Add an event", lambda document: _with_events(document, plain))
    shown = text(owner.get("/designer/booking/events/booking.remind/"))
    assert "When “Remind” of “Booking” is triggered" in shown
    assert "Here the person sees the next page" not in shown


def _with_events(document: Node, events: Node) -> Node:
    table = {**document["tables"]["booking"], "events": events}
    return {**document, "tables": {"booking": table}}


def test_an_object_that_is_not_set_up_says_so_and_hides_nothing_else(owner: Client, booking: Node) -> None:
    response = do(owner, "new:update_field")
    shown = text(response)
    assert "not set up yet" in shown
    assert "1 error" in shown
    assert "Call fare_quote into <em>Fare</em>" in shown


def test_what_is_wrong_stands_at_its_object_with_its_mend(owner: Client, booking: Node) -> None:
    made = selected(do(owner, "new:send_email"))
    response = save(owner, made, **{"set-to": "a@example.org", "set-subject": "Hello", "set-body": "Hello"})
    shown = text(response)
    assert "1 warning" in shown
    assert "Move it into a Background" in shown


@pytest.mark.parametrize("event", ["booking.nothing", "nothing.record_update", "form:nothing", "nonsense"])
def test_an_event_that_does_not_exist_is_not_found(owner: Client, booking: Node, event: str) -> None:
    assert owner.get(f"/designer/booking/events/{event}/").status_code == 404


def test_the_event_of_a_form_can_be_made_from_nothing(owner: Client, booking: Node) -> None:
    address = "/designer/booking/events/form:change/"
    assert "When “Change a booking” is submitted" in text(owner.get(address))
    do(owner, "new:background", address=address)
    assert types(tree.roots(drafts.working("booking").document, "form:change")) == ["background"]


def test_only_designers_see_it(client: Client, booking: Node) -> None:
    assert client.get(ADDRESS).status_code == 302
    client.force_login(User.objects.create_user("mia"))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(f"{ADDRESS}change/", {"act": "new:delay", "revision": 0}).status_code == 403
    assert client.post(f"{ADDRESS}value/", {"kind": "expression", "text": "1"}).status_code == 403


def test_names_and_texts_of_the_document_are_escaped(owner: Client, booking: Node) -> None:
    made = selected(do(owner, "new:update_field"))
    response = save(owner, made, **{"set-field": "status", "set-value": "<b>&", "name": "<script>"})
    assert b"<b>" not in response.content
    assert b"<script>" not in response.content.replace(b"<script type", b"")


# --- making and changing ------------------------------------------------------------------------------------------


def test_a_new_object_goes_into_the_selected_one_and_is_selected(owner: Client, booking: Node) -> None:
    response = do(owner, "new:delay", roots()[0]["do"][1]["id"])
    made = roots()[0]["do"][1]["do"][-1]
    assert tree.type_or_nothing(made) == "delay"
    assert selected(response) == made["id"]
    assert response.redirect_chain == [(f"{ADDRESS}?node={made['id']}&focus=settings#settings", 303)]
    assert "Add Delay" in text(response)
    assert response.context["panel"].form is not None


def test_a_new_object_goes_behind_an_action_or_under_otherwise(owner: Client, booking: Node) -> None:
    do(owner, "new:delete_record", roots()[0]["do"][0]["id"])
    assert types(roots()[0]["do"])[:2] == ["update_field", "delete_record"]
    do(owner, "new:background", f"{roots()[0]['do'][-1]['id']}:otherwise")
    assert types(roots()[0]["do"][-1]["otherwise"]) == ["update_field", "background"]


def test_objects_are_moved_indented_and_outdented(owner: Client, booking: Node) -> None:
    first = roots()[0]["do"][0]["id"]
    assert selected(do(owner, "down", first)) == first
    assert types(roots()[0]["do"]) == ["background", "update_field", "if"]
    do(owner, "indent", first)
    assert roots()[0]["do"][0]["do"][-1]["id"] == first
    do(owner, "outdent", first)
    do(owner, "up", first)
    assert roots()[0]["do"][0]["id"] == first


def test_what_is_dragged_goes_where_it_was_dropped(owner: Client, booking: Node) -> None:
    condition, first = roots()[0]["do"][2]["id"], roots()[0]["do"][0]["id"]
    do(owner, "move", first, parent=condition, side="otherwise", index="0")
    assert roots()[0]["do"][1]["otherwise"][0]["id"] == first
    response = do(owner, "move", condition, parent=condition, side="do", index="0")
    assert "cannot stand inside itself" in text(response)


def test_objects_are_duplicated_disabled_enabled_wrapped_and_deleted(owner: Client, booking: Node) -> None:
    first, background = roots()[0]["do"][0]["id"], roots()[0]["do"][1]["id"]
    copy = selected(do(owner, "duplicate", first))
    assert copy == roots()[0]["do"][1]["id"] != first
    assert "disabled" in text(do(owner, "disable", copy))
    assert roots()[0]["do"][1]["disabled"] is True
    do(owner, "enable", copy)
    do(owner, "background", copy)
    assert (types(roots()[0]["do"])[1], roots()[0]["do"][1]["do"][0]["id"]) == ("background", copy)
    do(owner, "delete", roots()[0]["do"][1]["id"])
    assert selected(do(owner, "delete", first)) == background


def test_the_last_object_that_goes_leaves_the_event_selected(owner: Client, booking: Node) -> None:
    response = do(owner, "delete", roots()[0]["id"])
    assert (selected(response), roots()) == ("", [])
    assert "Choose an object to see its settings, or add one with New." in text(response)


def test_every_change_is_one_step_of_undo_in_words(owner: Client, booking: Node) -> None:
    background = roots()[0]["do"][1]["id"]
    do(owner, "delete", background)
    assert drafts.working("booking").undo == "Delete “Ticket the booking”"
    here = f"{ADDRESS}?node={background}"
    response = owner.post("/designer/booking/undo/", {"revision": 1, "here": here}, follow=True)
    assert selected(response) == background
    assert drafts.working("booking").document == booking


# --- what is not possible -----------------------------------------------------------------------------------------


def test_the_menu_says_why_something_cannot_be_done(owner: Client, booking: Node, no_functions_left: None) -> None:
    from meanwhile.plugins import functions

    functions._functions.clear()
    event = owner.get(ADDRESS)
    assert reason(event, "Delete") == "This is the event itself."
    assert reason(event, "Paste") == "Nothing was cut or copied yet."
    assert reason(event, "New", "Action", "Call function") == "No function is registered on this site."
    assert reason(event, "New", "Action", "Trigger event") == "This table has no custom event yet."
    assert reason(event, "New", "Execution", "Background") == ""
    first = owner.get(ADDRESS, {"node": roots()[0]["do"][0]["id"]})
    assert reason(first, "Move up") == "It is the first one here."
    assert reason(first, "Indent") == "Nothing stands above it that it could go below."
    assert reason(first, "Delete") == ""
    otherwise = owner.get(ADDRESS, {"node": f"{roots()[0]['id']}:otherwise"})
    assert reason(otherwise, "Copy") == "“Otherwise” belongs to its condition."


def test_what_is_refused_changes_nothing_and_says_why(owner: Client, booking: Node) -> None:
    first = roots()[0]["do"][0]["id"]
    for act, node, message in [
        ("up", first, "It is the first one here."),
        ("paste", first, "Nothing was cut or copied yet."),
        ("new:nonsense", first, 'There is no object of type "nonsense".'),
        ("nonsense", first, 'There is nothing called "nonsense" to do here.'),
        ("delete", "gone", "This object is not in the tree any more."),
        ("copy", "gone", "This object is not in the tree any more."),
        ("delete", "", "This is the event itself."),
        ("copy", f"{roots()[0]['id']}:otherwise", "“Otherwise” belongs to its condition."),
    ]:
        assert message in text(do(owner, act, node))
    assert drafts.working("booking").document == booking


# --- the clipboard ------------------------------------------------------------------------------------------------


def test_a_copy_is_pasted_with_ids_of_its_own(owner: Client, booking: Node) -> None:
    background = roots()[0]["do"][1]
    assert "Copied “Ticket the booking”" in text(do(owner, "copy", background["id"]))
    response = do(owner, "paste", f"{roots()[0]['id']}:otherwise")
    pasted = roots()[0]["otherwise"][-1]
    assert (pasted["name"], selected(response)) == ("Ticket the booking", pasted["id"])
    assert not tree.ids_in(pasted) & tree.ids_in(background)


def test_what_was_cut_is_pasted_into_another_application_as_it_was(owner: Client, booking: Node) -> None:
    background = roots()[0]["do"][1]
    do(owner, "cut", background["id"])
    assert types(roots()[0]["do"]) == ["update_field", "if"]
    other = {"application": "other", "tables": {"visit": {"fields": {"name": {"type": "text"}}}}}
    drafts.create(other, "New application")
    address = "/designer/other/events/visit.record_update/"
    assert "Paste “Ticket the booking”" in text(owner.get(address))
    owner.post(f"{address}change/", {"act": "paste", "node": "", "revision": 0})
    assert tree.roots(drafts.working("other").document, "visit.record_update") == [background]


# --- settings -----------------------------------------------------------------------------------------------------


def test_settings_are_saved_as_far_as_they_are_and_say_what_is_missing(owner: Client, booking: Node) -> None:
    made = selected(do(owner, "new:update_field"))
    response = save(owner, made, **{"set-field": "reference"})
    assert roots()[-1] == {"id": made, "update_field": {"field": "reference"}}
    assert "Saved." in text(response)
    assert response.context["panel"].form.errors == {"value": ["This is needed."]}


def test_complete_settings_with_name_and_note_are_in_the_document(owner: Client, booking: Node) -> None:
    made = selected(do(owner, "new:update_field"))
    fields = {"set-field": "reference", "set-value": "T-{{ record.id }}", "name": "Number it", "note": "For\r\nAnn"}
    response = save(owner, made, **fields)
    assert roots()[-1] == {
        "id": made,
        "update_field": {"field": "reference", "value": "T-{{ record.id }}"},
        "name": "Number it",
        "note": "For\nAnn",
    }
    assert "<strong>Number it</strong>" in text(response)
    assert not response.context["panel"].form.errors
    assert drafts.working("booking").undo == "Set up “Update field”"


def test_settings_that_are_not_touched_stay_as_they_are_written(owner: Client, booking: Node) -> None:
    found = [each.node for each in tree.walk(roots())]
    for node in found:
        page = owner.get(ADDRESS, {"node": node["id"]})
        form, beside = page.context["panel"].form, page.context["panel"].beside
        sent = _as_sent(form) | {"name": beside["name"].value(), "note": beside["note"].value()}
        save(owner, node["id"], **sent)
    assert drafts.working("booking").document == booking


def _as_sent(form: Any) -> dict[str, Any]:
    from tests.unit.designer.sending import sent

    return dict(sent(form).items())


def test_settings_of_an_object_that_is_gone_are_refused(owner: Client, booking: Node) -> None:
    assert "not in the tree any more" in text(save(owner, "gone", **{"set-field": "reference"}))


def test_the_second_of_two_designers_is_told_and_can_save_on_top(owner: Client, booking: Node) -> None:
    made = selected(do(owner, "new:update_field"))
    here = f"{ADDRESS}?node={made}"
    stale = {"node": made, "revision": 0, "here": here, "set-field": "reference", "set-value": "Mine"}
    answer = owner.post(f"{ADDRESS}settings/", stale)
    assert answer.status_code == 409
    assert "Add Update field" in text(answer)
    assert "Mine" in text(answer)
    assert f'href="{here}"' in text(answer)
    assert roots()[-1] == {"id": made, "update_field": None}
    owner.post(f"{ADDRESS}settings/", stale | {"revision": 1})
    assert roots()[-1]["update_field"] == {"field": "reference", "value": "Mine"}


def test_two_who_set_up_the_same_object_do_not_undo_each_other(owner: Client, booking: Node) -> None:
    node = roots()[0]["do"][1]
    page = owner.get(ADDRESS, {"node": node["id"]})
    opened = _as_sent(page.context["panel"].form) | {
        "name": node["name"],
        "note": "",
        "node": node["id"],
        "revision": 0,
    }
    opened["seen"] = page.context["panel"].seen
    owner.post(f"{ADDRESS}settings/", opened | {"set-attempts": "9", "note": "Theirs"})
    mine = opened | {"set-queue": "slow", "name": "Mine"}
    assert owner.post(f"{ADDRESS}settings/", mine).status_code == 409
    owner.post(f"{ADDRESS}settings/", mine | {"revision": drafts.working("booking").revision})
    after = roots()[0]["do"][1]
    assert after["background"] == {"attempts": 9, "backoff": "2s", "queue": "slow"}
    assert (after["name"], after["note"]) == ("Mine", "Theirs")


@pytest.mark.parametrize("seen", ["", "nonsense", "[1, 2]", "[[1], 2, 3]", '[{"field": {"$decimal": "x"}}, "", ""]'])
def test_a_form_that_says_nothing_of_what_was_seen_is_saved_as_it_is(owner: Client, booking: Node, seen: str) -> None:
    made = selected(do(owner, "new:update_field"))
    save(owner, made, seen=seen, **{"set-field": "reference", "set-value": "5"})
    assert roots()[-1]["update_field"] == {"field": "reference", "value": "5"}


# --- expressions --------------------------------------------------------------------------------------------------

Ask = Callable[..., tuple[str, str]]


@pytest.fixture
def ask(owner: Client, booking: Node) -> Ask:
    def tell(kind: str, typed: str) -> tuple[str, str]:
        answer = owner.post(f"{ADDRESS}value/", {"kind": kind, "text": typed}).json()
        return answer["severity"], answer["text"]

    return tell


@pytest.mark.parametrize(
    ("kind", "typed", "severity", "said"),
    [
        ("expression", "record.seats > 4", "value", "no"),
        ("expression", "record.seats + 1", "value", "2"),
        ("expression", "event.is_new", "value", "yes"),
        ("expression", "user.username", "value", "owner"),
        ("text", "Dear {{ record.passenger }}, {{ record.seats }} seats", "value", "Dear , 1 seats"),
        ("value", "{{ record.status }}", "value", "New"),
        ("value", "Received", "value", "Received"),
        ("text", 'See {{ link("itinerary") }}', "value", "See (the address of “itinerary”)"),
        ("expression", "record.passenger", "value", "(empty)"),
        ("expression", "   ", "nothing", ""),
        ("expression", "record.seats >", "error", "column"),
        ("text", "Dear {{ record.passenger", "error", 'The placeholder "{{" is not closed'),
        ("expression", "record.seat", "error", 'Did you mean "seats"?'),
        ("expression", "recrod.seats", "error", 'Unknown name "recrod". Did you mean "record"?'),
        ("expression", "event.nothing", "error", 'The event has no "nothing"'),
        ("text", '{{ link("nowhere") }}', "error", 'There is no page or form "nowhere"'),
        ("expression", "record.status - 1", "error", ""),
        ("expression", "__import__('os').getcwd()", "error", ""),
        ("expression", "record.__class__", "error", ""),
        ("expression", "9 ** 9 ** 9 ** 9", "error", ""),
    ],
)
def test_an_expression_says_what_it_gives_or_what_is_wrong(
    ask: Ask, kind: str, typed: str, severity: str, said: str
) -> None:
    found, told = ask(kind, typed)
    assert found == severity, told
    assert said in told


def test_the_page_itself_shows_the_values_and_the_names(owner: Client, booking: Node) -> None:
    response = owner.get(ADDRESS, {"node": roots()[0]["do"][1]["do"][0]["id"]})
    told = dict(response.context["fields"][1][1])
    assert told["id_set-arguments-2-value"].text == "1"
    shown = text(response)
    for name in ("record.seats", "old.seats", "event.is_new", "user.email", "now", 'link("itinerary")'):
        assert f"<code>{name}</code>" in shown


def test_expressions_are_explained_while_other_objects_are_not_set_up(owner: Client, ask: Ask) -> None:
    do(owner, "new:update_field")
    assert ask("expression", "record.seats * 2") == ("value", "2")


VISITS = """
    application: visits
    tables:
      person: {fields: {name: {type: text}}}
      visit:
        fields:
          place: {type: text}
          by: {type: link, table: person}
        events:
          record_update: [{update_field: {field: place, value: "{{ record.by.name }}"}}]
"""


def test_the_sample_is_the_newest_record_or_the_one_that_was_chosen(owner: Client, publish_yaml: PublishYaml) -> None:
    program = publish_yaml(VISITS)
    person = records.insert(program.table("person"), {"name": "Ann"}, user_id=None, now=clock.now())
    for place in ("Lisbon", "Oslo"):
        values = {"place": place, "by": person}
        records.insert(program.table("visit"), values, user_id=None, now=clock.now())
    address = "/designer/visits/events/visit.record_update/"
    node = tree.roots(drafts.working("visits").document, "visit.record_update")[0]["id"]

    def tell(typed: str) -> str:
        return str(owner.post(f"{address}value/", {"kind": "expression", "text": typed}).json()["text"])

    choices = owner.get(address, {"node": node}).context["help"].sample.choices
    assert [label for _id, label in choices] == ["#2 Oslo", "#1 Lisbon", "A new record with its defaults"]
    assert (tell("record.place"), tell("old.place"), tell("event.is_new")) == ("Oslo", "Oslo", "no")
    assert tell("record.by.name") == "Ann"
    owner.post(f"{address}sample/", {"node": node, "sample": "1"})
    assert (tell("record.place"), tell("record.id")) == ("Lisbon", "1")
    owner.post(f"{address}sample/", {"node": node, "sample": "new"})
    assert (tell("record.place"), tell("event.is_new")) == ("(empty)", "yes")


def test_a_field_that_is_not_published_yet_has_its_default_in_the_sample(
    owner: Client, publish_yaml: PublishYaml
) -> None:
    program = publish_yaml(VISITS)
    person = records.insert(program.table("person"), {"name": "Ann"}, user_id=None, now=clock.now())
    records.insert(program.table("visit"), {"place": "Oslo", "by": person}, user_id=None, now=clock.now())

    def widen(document: Node) -> Node:
        tables = document["tables"]
        visit = {**tables["visit"]["fields"], "nights": {"type": "integer", "default": 3}}
        people = {**tables["person"]["fields"], "born": {"type": "date"}}
        return {
            **document,
            "tables": {"person": {"fields": people}, "visit": {**tables["visit"], "fields": visit}},
        }

    drafts.change("visits", 0, "Add fields", widen)
    address = "/designer/visits/events/visit.record_update/value/"
    answer = owner.post(address, {"kind": "expression", "text": "record.nights * 2"}).json()
    assert answer == {"severity": "value", "text": "6"}
    answer = owner.post(address, {"kind": "expression", "text": "record.by.born"}).json()
    assert answer == {"severity": "value", "text": "(empty)"}
    answer = owner.post(address, {"kind": "expression", "text": "record.by.name"}).json()
    assert answer == {"severity": "value", "text": "Ann"}
