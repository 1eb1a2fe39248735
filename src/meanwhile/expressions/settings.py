"""The types with which settings of plugins hold expressions and texts, and the walk that finds them all."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from meanwhile.expressions.expression import Expression, compile_for_pydantic
from meanwhile.expressions.template import Template, compile_template

# A text in the document; an Expression in memory.
type ExpressionSetting = Expression
# A text in the document; a Template in memory.
type TextSetting = Template

# Values within values; the document's own limit is lower.
_DEPTH = 50


class _Value:
    """A text becomes a Template, whatever else YAML and JSON have stays as it is; floats become exact."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _read, serialization=core_schema.plain_serializer_function_ser_schema(_written)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": ["string", "number", "boolean", "null", "array", "object"],
            "description": "A value; in a text {{ expression }} is a placeholder, and alone it keeps its type.",
        }


# Anything in the document; Template, int, Decimal, bool, None, list or dict in memory. ``value_of`` gives its value.
type ValueSetting = Annotated[Any, _Value]


def value_of(setting: Any, scope: Mapping[str, Any]) -> Any:
    """The value of a ValueSetting: its placeholders evaluated, also within lists and mappings."""
    if isinstance(setting, Template):
        return setting.value(scope)
    if isinstance(setting, list):
        return [value_of(item, scope) for item in setting]
    if isinstance(setting, dict):
        return {key: value_of(item, scope) for key, item in setting.items()}
    return setting


def is_literal(setting: Any) -> bool:
    """Whether the value of a ValueSetting is the same always, so that it can be checked beforehand."""
    return all(found.is_plain for _path, found in _walk(setting, ()) if isinstance(found, Template))


def expressions_in(settings: BaseModel) -> Iterator[tuple[tuple[str | int, ...], Expression | Template]]:
    """Every expression and text within ``settings``, with the path that leads to it in the document."""
    yield from _walk(settings, ())


def _walk(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Expression | Template]]:
    if isinstance(value, (Expression, Template)):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _walk(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))


def _read(value: Any, depth: int = 0) -> Any:
    if depth > _DEPTH:
        raise PydanticCustomError("too_deep", "The value is nested too deeply")
    if isinstance(value, str):
        return compile_for_pydantic(compile_template, value)
    if value is None or isinstance(value, (bool, int, Template)):
        return value
    if isinstance(value, (Decimal, float)):
        return _number(Decimal(str(value)))
    if isinstance(value, (list, tuple)):
        return [_read(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _read(item, depth + 1) for key, item in value.items()}
    raise PydanticCustomError("value_type", "Input should be a text, a number, true, false, null, a list or a mapping")


def _number(value: Decimal) -> Decimal:
    if value.is_finite():
        return value
    raise PydanticCustomError("finite_number", "Input should be a finite number")


def _written(value: Any) -> Any:
    if isinstance(value, Template):
        return value.source
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    return value
