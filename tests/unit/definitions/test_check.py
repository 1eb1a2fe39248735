"""What is right by itself but not together is found before anything is saved, with what would be right."""

import pytest

from meanwhile.definitions.check import check
from meanwhile.definitions.loading import load, load_plain
from tests.unit.definitions.documents import BOOKING, changed, lines, problems

_UPDATE = "tables > booking > events > record_update > if_new_record > do"


def test_the_booking_document_checks_clean() -> None:
    assert problems(BOOKING) == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        ("table: booking, fields", "table: bookin, fields", 'There is no table "bookin" (forms > book > table)'),
        ("email, seats.,", "emial, seats],", 'Table "booking" has no field "emial" (forms > book > fields)'),
        ("email, seats.,", "email, email],", '"email" stands on this form twice'),
        ("email, seats.,", "{field: seats, preset: 12}],", "The preset does not fit: "),
        ("email, seats.,", '{field: email, preset: "{{ record.email }}"}],', '"record" is not known here'),
        ("email, seats.,", '{field: email, preset: "{{ user.mail }}"}],', 'A user has no "mail" here'),
        ("next: confirming", "next: confirmed", 'There is no page "confirmed" (forms > book > next)'),
        ("next: confirming", "next: confirming, who: {groups: []}", "Name at least one group"),
        (
            "next: confirming",
            'next: confirming, validate: [{rule: "record.seat > 1", message: "More."}]',
            'Table "booking" has no field "seat" (forms > book > validate > rule)',
        ),
        ("table: booking, flag", "table: boking, flag", 'There is no table "boking" (pages > confirming > table)'),
        ("flag: confirmed", "flag: confirm", 'Table "booking" has no field "confirm" (pages > confirming > flag)'),
        ("flag: confirmed", "flag: status", 'A flag is a boolean field; "status" is of type choice'),
        ("next: itinerary", "next: itinerery", 'There is no page "itinerery" (pages > confirming > next)'),
        ("next: itinerary", "next: confirming", "lead in a circle"),
        ("every: 2s", "every: 0s", "between one second and one hour"),
        ("too_long: 2m", "too_long: 1s", 'at least as long as "every"'),
        (
            "kind: content, table: booking",
            "kind: content, flag: confirmed, table: booking",
            'Only a wait page has "flag"',
        ),
        (', text: "Thank you [^"]*"', "", '"text" is missing: a content page shows one'),
        ("record.passenger .. \\.\\.\\.", "record.pasenger }} ...", 'no field "pasenger" (pages > itinerary > text)'),
        ("record.passenger .. \\.\\.\\.", "event.is_new }} ...", '"event" is not known here'),
        ("record.passenger .. \\.\\.\\.", "link('itinery') }} ...", 'no page or form "itinery" to link to'),
        ("record.passenger .. \\.\\.\\.", "link(record.email) }} ...", "takes the key of a page in quotes"),
        ("record.seats > 4", "record.seets > 4", f'Table "booking" has no field "seets" ({_UPDATE} > if)'),
        ("record.seats > 4", "old.seets > 4", 'has no field "seets"'),
        ("record.seats > 4", "record.seats.number > 4", '"record.seats" is no link to a record'),
        ("record.seats > 4", "event.is_now", 'The event has no "is_now"'),
        ("function: fare_quote", "function: fare_quot", "fare_quot"),
        ("into: fare", "into: fair", "fair"),
        ("{field: status, value: Received}", "{field: state, value: Received}", "state"),
        ("{field: status, value: Received}", "{field: status, value: Receivd}", "Receivd"),
        ("default: New", "default: Now", "The default does not fit: "),
        ("- if_new_record:", "- trigger_event: again\n        - if_new_record:", "again"),
    ],
)
def test_what_does_not_fit_together_is_an_error(pattern: str, replacement: str, expected: str) -> None:
    found = lines(changed(pattern, replacement))
    assert any(expected in line for line in found), found


def test_a_misspelt_name_gets_a_suggestion_at_its_place() -> None:
    assert lines(changed("record.seats > 4", "record.seets > 4")) == [
        f'27:19 Table "booking" has no field "seets" ({_UPDATE} > if). Did you mean "seats"?'
    ]


LINKED = """
application: sales
tables:
  customer:
    fields: {{name: {{type: text}}, agent: {{type: user}}}}
  order:
    fields: {{title: {{type: text}}, customer: {{type: link, table: customer}}}}
    events:
      record_update: [{{update_field: {{field: title, value: "{{{{ {expression} }}}}"}}}}]
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("record.customer.name", None),
        ("old.customer.name", None),
        ("record.customer.id", None),
        ("record.created_at", None),
        ("event.is_new", None),
        ("user.name", None),
        ("record.customer.nam", 'Table "customer" has no field "nam"'),
        ("record.customer.agent.name", "is no link to a record"),
        ("record.customer.name.first", "is no link to a record"),
        ("record.customer.customer", 'Table "customer" has no field "customer"'),
    ],
)
def test_links_are_followed_into_the_other_table(expression: str, expected: str | None) -> None:
    found = lines(LINKED.format(expression=expression))
    assert not found if expected is None else any(expected in line for line in found), found


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("{}", 'Table "t" has no fields'),
        ("{fields: {a: {type: link, table: other}}}", 'There is no table "other" to link to'),
        ("{fields: {a: {type: text}}, model: auth.User}", "not both"),
        ("{model: auth.Usr}", "auth.Usr"),
        ("{fields: {a: {type: text}}, events: {record_update: {parameters: [x], do: []}}}", "Only custom events"),
        ("{fields: {a: {type: integer, default: one}}}", "The default does not fit"),
    ],
)
def test_a_table_that_cannot_be_is_an_error(table: str, expected: str) -> None:
    found = lines(f"application: x\ntables: {{t: {table}}}")
    assert any(expected in line for line in found), found


def test_a_table_may_be_a_model_of_the_host_project() -> None:
    text = """
        application: x
        tables:
          person:
            model: auth.User
            events:
              record_update: [{update_field: {field: first_name, value: "{{ record.last_name }} {{ record.id }}"}}]
        """
    assert lines(text) == []
    (error,) = lines(text.replace("record.last_name", "record.lst_name"))
    assert 'Did you mean "last_name"?' in error
    assert lines(text.replace("record.id", "record.created_at")) != []


def test_the_longest_keys_are_no_error() -> None:
    assert lines(f"application: {'a' * 40}\ntables: {{{'t' * 40}: {{fields: {{x: {{type: text}}}}}}}}") == []


def test_an_id_stands_once() -> None:
    text = changed("- background:", "- background:\n              id: n-1")
    text = text.replace('if: "record', 'id: n-1\n              if: "record')
    assert any('The id "n-1" stands twice' in line for line in lines(text))


def test_a_custom_event_knows_its_parameters() -> None:
    text = """
        application: x
        tables:
          t:
            fields: {a: {type: text}}
            events:
              again: {parameters: [reason], do: [{update_field: {field: a, value: "{{ event.reason }}"}}]}
        """
    assert problems(text) == []
    assert 'Did you mean "reason"?' in lines(text.replace("event.reason", "event.raeson"))[0]


def test_a_document_without_a_file_is_checked_too() -> None:
    plain = load(changed("record.seats > 4", "record.seets > 4")).plain
    (problem,) = check(load_plain(plain))
    assert problem.line is None
    assert str(problem).startswith("booking: Table")
