"""Settings of plugins that hold expressions and texts."""

from decimal import Decimal

import pytest
from pydantic import BaseModel, ValidationError

from meanwhile.expressions import (
    Expression,
    ExpressionSetting,
    TextSetting,
    ValueSetting,
    expressions_in,
    is_literal,
    value_of,
)
from tests.unit.expressions.scopes import scope


class Inner(BaseModel):
    text: TextSetting


class Settings(BaseModel):
    condition: ExpressionSetting | None = None
    text: TextSetting | None = None
    texts: list[TextSetting] = []
    value: ValueSetting = None
    values: dict[str, ValueSetting] = {}
    inner: Inner | None = None


GIVEN = {
    "condition": "record.seats > 4",
    "text": "Dear {{ record.name }}",
    "texts": ["{{ old.name }}", "plain"],
    "value": [1, Decimal("1.10"), True, None, "{{ record.fare }}"],
    "values": {"a": {"b": "{{ record.seats }}"}},
    "inner": {"text": "{{ now }}"},
}


def test_settings_come_back_exactly_as_they_were_written():
    settings = Settings.model_validate(GIVEN)
    assert settings.model_dump() == GIVEN
    assert isinstance(settings.condition, Expression)


def test_every_expression_is_found_with_its_path():
    paths = [path for path, _found in expressions_in(Settings.model_validate(GIVEN))]
    assert paths == [
        ("condition",),
        ("text",),
        ("texts", 0),
        ("texts", 1),
        ("value", 4),
        ("values", "a", "b"),
        ("inner", "text"),
    ]


def test_values_are_evaluated_within_lists_and_mappings():
    settings = Settings.model_validate(GIVEN)
    assert value_of(settings.value, scope()) == [1, Decimal("1.10"), True, None, Decimal("10.10")]
    assert value_of(settings.values, scope()) == {"a": {"b": 5}}
    assert not is_literal(settings.value)
    assert is_literal(Settings.model_validate({"value": ["a", 1]}).value)


def test_floats_become_exact():
    assert Settings(value=0.1).value == Decimal("0.1")


@pytest.mark.parametrize(
    "given",
    [{"condition": "record."}, {"text": "{{"}, {"value": ["{{ x }}"]}, {"condition": True}, {"value": object()}],
)
def test_wrong_settings_are_validation_errors(given):
    with pytest.raises(ValidationError):
        Settings.model_validate(given)


def test_validation_error_holds_the_place_within_the_text():
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"text": "Dear\n{{ rekord.x }}"})
    (error,) = caught.value.errors()
    assert error["type"] == "expression"
    assert (error["ctx"]["line"], error["ctx"]["column"]) == (2, 4)
    assert 'Did you mean "record"' in error["msg"]


def test_json_schema_says_text_or_anything():
    definitions = Settings.model_json_schema()["$defs"]
    assert definitions["ExpressionSetting"]["type"] == "string"
    assert "boolean" in definitions["ValueSetting"]["type"]
