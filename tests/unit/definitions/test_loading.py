"""Everything that is wrong with a document's form is said at once, each at its place, with what would be right."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from meanwhile.definitions.document import json_schema
from meanwhile.definitions.loading import load, load_file, load_plain
from meanwhile.definitions.problems import DocumentErrors
from tests.unit.definitions.documents import BOOKING, changed, lines

_UPDATE = "tables > booking > events > record_update"


def test_the_booking_document_loads() -> None:
    document = load(BOOKING)
    assert list(document.tables["booking"].fields)[:3] == ["passenger", "email", "seats"]
    assert document.forms["book"].who.kind == "anyone"
    assert document.pages["confirming"].too_long == timedelta(minutes=2)
    (node,) = document.tables["booking"].events["record_update"].do
    assert node.type == "if_new_record"
    assert [child.type for child in node.do] == ["update_field", "background", "if"]
    assert node.do[2].otherwise[0].settings.field == "reference"


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        (
            "required: true, max",
            "requird: true, max",
            '6:31 Unknown key "requird" (tables > booking > fields > passenger > requird). Did you mean "required"?',
        ),
        (
            "forms:",
            "form:",
            '32:1 Unknown key "form" (form). Did you mean "forms"?',
        ),
        (
            "type: integer",
            "type: interger",
            '8:25 Unknown field type "interger" (tables > booking > fields > seats > type). Did you mean "integer"?',
        ),
        (
            "min: 1,",
            "min: one,",
            "8:39 This should be a number, without quotes (tables > booking > fields > seats > min).",
        ),
        (
            "type: boolean",
            "type: boolean, required: Yes",
            "12:44 This should be true or false, without quotes (tables > booking > fields > confirmed > required).",
        ),
        (
            "- send_email:",
            "- send_mial:",
            f'22:19 Unknown node type "send_mial" ({_UPDATE} > if_new_record > do > background > do > send_mial). '
            'Did you mean "send_email"?',
        ),
        (
            "subject:",
            "subjet:",
            f'24:21 Unknown key "subjet" ({_UPDATE} > if_new_record > do > background > do > send_email > subjet). '
            'Did you mean "subject"?',
        ),
        (
            "otherwise:",
            "othrwise:",
            f'30:15 Unknown key "othrwise" beside "if" ({_UPDATE} > if_new_record > do > if > othrwise). '
            'Did you mean "otherwise"?',
        ),
        (
            "background:\n              do:",
            "background:\n                do:",
            '19:17 "do" stands beside "background", not below it: move it left, under the first letter of '
            f'"background" ({_UPDATE} > if_new_record > do > background > do).',
        ),
        (
            "- background:",
            "- background",
            "19:17 This is not YAML: mapping values are not allowed in this context. A colon is missing",
        ),
        (
            "{field: status, value: Received}",
            "{field: status, value: Received, name: x}",
            f'17:62 "name" stands beside "update_field", not below it: move it left, under the first letter of '
            f'"update_field" ({_UPDATE} > if_new_record > do > update_field > name).',
        ),
        (
            'if: "record.seats > 4"',
            'if: "record.seats >> 4"',
            "27:36 The operator is not allowed",
        ),
        (
            "record.reference }}",
            "record.reference + }}",
            "24:65 The expression ends too early",
        ),
        (
            "every: 2s",
            "every: 2",
            "35:68 A span of time is a text with a unit, such as 90s, 2m, 1h30m or 3d (pages > confirming > every).",
        ),
        (
            "kind: content",
            "kind: contents",
            "36:22 This should be one of 'content' or 'wait' (pages > itinerary > kind). Did you mean \"content\"?",
        ),
        (
            "fields: .passenger, email, seats., ",
            "",
            '33:9 "fields" is missing (forms > book).',
        ),
        (
            "next: confirming",
            "next: confirming, who: everyone",
            '33:84 This should be "anyone", "signed_in" or {groups: [...]} (forms > book > who).',
        ),
        (
            "passenger: ",
            "id: ",
            '6:7 Every table has "id" already; choose another key (tables > booking > fields > id).',
        ),
        (
            "passenger: ",
            "class: ",
            '6:7 "class" cannot be a key: it is a word of the expression language (tables > booking > fields > class).',
        ),
        (
            "passenger: ",
            "Passenger: ",
            '6:7 "Passenger" cannot be a key: up to 40 lower-case letters, digits and _, a letter first '
            "(tables > booking > fields > Passenger).",
        ),
        (
            "passenger: ",
            "check: ",
            '6:7 "check" is a reserved word; choose another key (tables > booking > fields > check).',
        ),
    ],
)
def test_an_error_of_form_has_its_place_path_and_suggestion(pattern: str, replacement: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in lines(changed(pattern, replacement))), lines(
        changed(pattern, replacement)
    )


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("background", 'write "background:" with a colon'),
        ("{do: []}", "has no type"),
        ("{background: 3}", "takes no bare value"),
        ("{if: 'true', update_field: {field: a, value: 1}}", "needs a dash of its own"),
        ("{update_field: , field: a}", "it stands below it"),
        ("{update_field: {field: a, value: 1}, do: []}", "has no children"),
        ("{background: , otherwise: []}", 'Only a condition has "otherwise"'),
        ("{background: , do: {}}", "each item after a dash"),
        ("{background: , id: '!'}", "not written as it should be"),
        ("{background: , disabled: Yes}", "true or false"),
    ],
)
def test_a_node_says_how_to_mend_it(node: str, words: str) -> None:
    text = f"""
        application: test
        tables:
          t:
            fields: {{a: {{type: text}}}}
            events:
              record_update:
                - {node}
        """
    assert any(words in line for line in lines(text)), lines(text)


def test_all_errors_are_found_at_once() -> None:
    text = changed("required: true, max", "requird: true, max")
    for word, wrong in (("send_email", "send_mial"), ("kind: wait", "kind: wit"), ("every: 2s", "every: soon")):
        text = text.replace(word, wrong)
    assert [line.partition(" ")[0] for line in lines(text)] == ["6:31", "22:19", "35:22", "35:67"]


def test_children_under_the_type_are_checked_where_they_stand() -> None:
    text = changed("if_new_record:\n          do:", "if_new_record:\n            do:").replace("call:", "cal:")
    places = [line.partition(" ")[0] for line in lines(text)]
    assert places == ["16:13", "20:19"]


def test_a_bare_value_stands_for_the_main_setting() -> None:
    document = load(BOOKING.replace('if: "record.seats > 4"', 'if: {expression: "record.seats > 4"}'))
    assert (
        document.tables["booking"].events["record_update"].do[0].do[2].settings.expression.source == "record.seats > 4"
    )


def test_empty_sections_stand_for_nothing() -> None:
    document = load("application: test\ntables:\nforms:\npages:\n")
    assert (document.tables, document.forms, document.pages) == ({}, {}, {})


def test_a_custom_event_may_be_a_mapping_with_parameters() -> None:
    text = "{label: Call again, parameters: [reason], do: [{update_field: {field: a, value: '{{ event.reason }}'}}]}"
    document = load(f"application: x\ntables: {{t: {{fields: {{a: {{type: text}}}}, events: {{again: {text}}}}}}}")
    event = document.tables["t"].events["again"]
    assert (event.label, event.parameters, len(event.do)) == ("Call again", ("reason",), 1)


def test_a_document_from_the_database_is_the_same() -> None:
    document = load(BOOKING)
    assert load_plain(document.plain).plain == document.plain


def test_floats_of_json_become_the_decimals_that_were_written() -> None:
    document = load_plain({"application": "x", "tables": {"t": {"fields": {"a": {"type": "decimal", "default": 0.1}}}}})
    assert document.plain["tables"]["t"]["fields"]["a"]["default"] == Decimal("0.1")


def test_errors_of_a_document_without_a_file_have_paths_and_no_lines() -> None:
    with pytest.raises(DocumentErrors) as caught:
        load_plain({"application": "x", "tables": {"t": {"fields": {"a": {"type": "txt"}}}}})
    (problem,) = caught.value.problems
    assert str(problem) == 'x: Unknown field type "txt" (tables > t > fields > a > type). Did you mean "text"?'


def test_a_document_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(DocumentErrors, match="none of them"):
        load_plain({"application": "x", "title": object()})


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentErrors, match=r"missing\.yaml: The file cannot be read: No such file"):
        load_file(tmp_path / "missing.yaml")


def test_the_json_schema_lists_what_is_installed() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"background", "update_field", "id", "do"} <= set(schema["$defs"]["NodeDef"]["properties"])
