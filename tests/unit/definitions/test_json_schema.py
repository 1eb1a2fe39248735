"""The JSON Schema that editors get takes what loads, and marks what does not."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from meanwhile.definitions.document import json_schema
from meanwhile.definitions.loading import load
from meanwhile.definitions.reader import read
from meanwhile.plugins import registry
from tests.unit.definitions.documents import BOOKING, EXAMPLES, changed


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def as_json(value: Any) -> Any:
    """As an editor sees it."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_fit_the_schema(validator: Draft202012Validator, path: Path) -> None:
    validator.validate(as_json(load(path.read_bytes()).plain))


def test_the_booking_document_fits_the_schema(validator: Draft202012Validator) -> None:
    validator.validate(as_json(load(BOOKING).plain))


@pytest.mark.parametrize(
    "text",
    [
        "application: x\ntables:\nforms:\npages:",
        "application: x\ntables: {t: {fields: {a: {type: text}}, events: {record_update: }}}",
        "application: x\ntables: {t: {fields: {a: {type: text}}, events: {again: {parameters: [p], do: []}}}}",
        "application: x\nforms: {f: {table: t, who: {groups: [Desk]}, fields: [{field: a, preset: 1, hidden: true}]}}",
    ],
)
def test_other_spellings_that_load_fit_the_schema(validator: Draft202012Validator, text: str) -> None:
    validator.validate(as_json(load(text).plain))


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        ("required: true, max", "requird: true, max"),
        ("type: integer", "type: interger"),
        ("send_email:", "send_mial:"),
        ("subject:", "subjet:"),
        ("kind: content", "kind: contents"),
        ("forms:", "form:"),
        ("passenger: ", "Passenger: "),
        (
            "update_field: {field: status, value: Received}",
            "update_field: {field: status, value: Received}\n              do: []",
        ),
    ],
)
def test_what_does_not_load_does_not_fit_the_schema(
    validator: Draft202012Validator, pattern: str, replacement: str
) -> None:
    assert not validator.is_valid(as_json(read(changed(pattern, replacement)).value))


def test_everything_installed_is_in_the_schema() -> None:
    definitions = json_schema()["$defs"]
    assert set(registry.nodes) <= set(definitions["NodeDef"]["properties"])
    types = {each["properties"]["type"]["const"] for each in definitions["FieldDef"]["oneOf"]}
    assert types == set(registry.field_types)
