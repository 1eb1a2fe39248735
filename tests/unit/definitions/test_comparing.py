"""What differs between two documents is told in words, with its place."""

from copy import deepcopy
from typing import Any

import pytest

from meanwhile.definitions.comparing import Difference, differences, event_label
from meanwhile.definitions.editing import tables, tree
from meanwhile.definitions.identity import with_ids
from meanwhile.designer.starters import starter

EVENT = "booking.record_update"


@pytest.fixture
def booking() -> dict[str, Any]:
    return with_ids(starter("booking"), None)


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each.how, each.what, each.label) for each in differences(before, after)]


def node(plain: dict[str, Any], type_: str) -> str:
    found = (each.node for each in tree.walk(tree.roots(plain, EVENT)) if type_ in each.node)
    return str(next(found)["id"])


def test_a_document_does_not_differ_from_itself(booking: dict[str, Any]) -> None:
    assert differences(booking, deepcopy(booking)) == []


def test_a_new_title_is_a_change_of_the_application(booking: dict[str, Any]) -> None:
    (found,) = differences(booking, {**booking, "title": "Flights"})
    assert (found.how, found.what, found.label, found.settings) == ("changed", "application", "Flights", ("title",))


def test_fields_are_told_with_their_table_and_their_settings(booking: dict[str, Any]) -> None:
    after = tables.add_field(booking, "booking", "travel_class", {"type": "text"})
    after = tables.configure_field(after, "booking", "fare", {"type": "decimal", "places": 3, "required": True})
    after = tables.remove_field(after, "booking", "reference")
    assert told(booking, after) == [
        ("changed", "field", "Fare"),
        ("added", "field", "Travel class"),
        ("removed", "field", "Reference"),
    ]
    first = differences(booking, after)[0]
    assert (first.within, first.settings) == ("Booking", ("places", "required"))
    assert first.loc == ("tables", "booking", "fields", "fare")


def test_another_order_of_fields_is_a_change_of_the_table(booking: dict[str, Any]) -> None:
    (found,) = differences(booking, tables.up_field(booking, "booking", "fare"))
    assert (found.what, found.settings) == ("table", ("order of fields",))


def test_a_new_table_is_told_once_with_all_that_is_in_it(booking: dict[str, Any]) -> None:
    after = tables.add_field(tables.add_table(booking, "partner", "Partner"), "partner", "name", {"type": "text"})
    after = tree.insert(after, "partner.record_update", tree.Spot(), tree.new_node("background"))
    assert told(booking, after) == [("added", "table", "Partner")]
    assert told(after, booking) == [("removed", "table", "Partner")]


def test_forms_and_pages_are_told_by_their_titles(booking: dict[str, Any]) -> None:
    after = deepcopy(booking)
    after["forms"]["book"]["next"] = "itinerary"
    del after["pages"]["confirming"]
    assert told(booking, after) == [
        ("changed", "form", "Book a flight"),
        ("removed", "page", "Confirming your booking"),
    ]


def test_nodes_are_told_by_what_they_do(booking: dict[str, Any]) -> None:
    mail = node(booking, "send_email")
    after = tree.insert(booking, EVENT, tree.Spot(), {"update_field": {"field": "fare", "value": 1}, "id": "new"})
    after = tree.set_disabled(after, EVENT, mail, True)
    found = [each for each in differences(booking, after) if each.what == "node"]
    assert [(each.how, each.settings) for each in found] == [("changed", ("disabled",)), ("added", ())]
    assert found[0].node == mail
    assert found[1].label == "Update fare to 1"
    assert found[1].loc == ("tables", "booking", "events", "record_update")
    assert told(after, booking)[-1][0] == "removed"


def test_a_node_that_stands_elsewhere_has_moved_and_the_others_have_not(booking: dict[str, Any]) -> None:
    moved = node(booking, "background")
    after = tree.outdent(booking, EVENT, moved)
    assert told(booking, after) == [("moved", "node", "Ticket the booking")]
    (down,) = differences(booking, tree.up(booking, EVENT, moved))
    assert down.how == "moved"


def test_a_custom_event_is_told_and_a_record_update_is_not(booking: dict[str, Any]) -> None:
    after = tables.add_event(booking, "booking", "remind", "Send a reminder")
    assert told(booking, after) == [("added", "event", "Booking: Send a reminder")]
    assert event_label(booking, EVENT) == "Booking: record update"
    assert event_label(booking, "form:book") == "Form Book a flight: record update"


@pytest.mark.parametrize("broken", [{}, {"tables": None}, {"tables": {"a": None}, "forms": [], "pages": "x"}])
def test_what_is_wrong_in_any_way_can_be_compared(booking: dict[str, Any], broken: dict[str, Any]) -> None:
    assert all(isinstance(each, Difference) for each in differences(booking, broken) + differences(broken, booking))
