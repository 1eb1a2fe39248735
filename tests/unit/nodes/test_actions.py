"""The shipped actions that act on records and events."""

from decimal import Decimal

import pytest

from meanwhile.core.errors import MissingDefinition
from meanwhile.plugins.contracts import Call, Create
from tests.unit.nodes.samples import context, node, problems


def run(type_, **settings):
    plugin, parsed = node(type_, **settings)
    return plugin.run(parsed, context())


def test_update_field_returns_the_value():
    outcome = run("update_field", field="fare", value="{{ record.seats * 1.5 }}")
    assert outcome.values == {"fare": Decimal("7.5")}
    assert not outcome.fires_event
    assert run("update_field", field="status", value="{{ record.passenger }}!").values == {"status": "Ada Lovelace!"}
    assert run("update_field", field="status", value=None, fires_event=True).fires_event


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"field": "statos", "value": 1}, ("field",), 'Did you mean "status"'),
        ({"field": "created_at", "value": 1}, ("field",), "Meanwhile itself"),
        ({"field": "fare", "value": "cheap"}, ("value",), "must be a number"),
    ],
)
def test_update_field_is_checked(settings, path, words):
    assert words in problems("update_field", **settings)[path]
    assert not problems("update_field", field="fare", value="{{ record.passenger }}")


def test_update_field_declares_what_it_writes_and_says_it():
    plugin, settings = node("update_field", field="status", value="Received")
    assert plugin.writes(settings) == {"status"}
    assert plugin.summary(settings) == "Update status to Received"
    assert plugin.summary(node("update_field", field="status", value=None)[1]) == "Update status to nothing"


def test_create_record_cleans_by_the_fields_of_its_table():
    outcome = run("create_record", table="invoice", values={"title": "For {{ record.passenger }}", "amount": "9.50"})
    assert outcome.creates == (Create("invoice", {"title": "For Ada Lovelace", "amount": Decimal("9.50")}),)
    outcome = run("create_record", table="invoice", into="invoice", fires_event=True)
    assert outcome.creates == (Create("invoice", {}, True, "invoice"),)


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"table": "invoise"}, ("table",), 'Did you mean "invoice"'),
        ({"table": "invoice", "values": {"titel": "x"}}, ("values", "titel"), 'Did you mean "title"'),
        ({"table": "invoice", "values": {"amount": "x"}}, ("values", "amount"), "must be a number"),
        ({"table": "invoice", "into": "status"}, ("into",), "not a link"),
        ({"table": "invoice", "into": "invoise"}, ("into",), 'Did you mean "invoice"'),
    ],
)
def test_create_record_is_checked(settings, path, words):
    assert words in problems("create_record", **settings)[path]


def test_create_record_in_a_version_without_the_table_is_refused():
    with pytest.raises(MissingDefinition):
        run("create_record", table="gone")


def test_delete_record_wants_the_record_gone():
    assert run("delete_record").deletes_record


def test_trigger_event_calls_with_evaluated_parameters():
    outcome = run("trigger_event", event="ticketed", parameters={"seats": "{{ record.seats }}", "why": "paid"})
    assert outcome.call == Call("ticketed", {"seats": 5, "why": "paid"})


def test_trigger_event_is_checked():
    assert 'Did you mean "ticketed"' in problems("trigger_event", event="tiketed")[("event",)]
    assert not problems("trigger_event", event="ticketed")
