"""The parts of documents' JSON Schema that come from the registry: every node type and field type with its settings.

An editor that knows the schema completes keys, shows descriptions and marks what does not fit. It cannot know all that
``meanwhile check`` does, but whatever loads fits it.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from meanwhile.definitions.problems import BESIDE_TYPE
from meanwhile.plugins import registry
from meanwhile.plugins.contracts import Condition, Execution, FieldType, Node

Schema = dict[str, Any]


def node_schema(own: Schema) -> Schema:
    """The schema of a node. ``own``: the model's, which has the keys beside the type."""
    beside = {key: _nullable(own["properties"][key]) for key in BESIDE_TYPE}
    types = {type_: _settings_or_shorthand(plugin) for type_, plugin in sorted(registry.nodes.items())}
    return {
        "title": "Node",
        "description": own.get("description", ""),
        "type": "object",
        "properties": {**types, **beside},
        "additionalProperties": False,
        "oneOf": [_with_children(plugin) for _type, plugin in sorted(registry.nodes.items())],
    }


def field_schema() -> Schema:
    """The schema of a field: one alternative for each type."""
    return {
        "title": "Field",
        "type": "object",
        "required": ["type"],
        "oneOf": [_field_of(field_type) for _type, field_type in sorted(registry.field_types.items())],
    }


def settings_schema(model: type[BaseModel]) -> Schema:
    """The schema of a settings model, with what it refers to written out."""
    schema = model.model_json_schema(by_alias=True, schema_generator=WithoutTitles)
    inlined: Schema = _inlined(schema, schema.pop("$defs", {}))
    return inlined


def _with_children(plugin: Node) -> Schema:
    """A node has this type; only conditions and execution objects have children."""
    refused: list[str] = [] if isinstance(plugin, Condition) else ["otherwise"]
    if not isinstance(plugin, (Condition, Execution)):
        refused.append("do")
    schema: Schema = {"required": [plugin.type]}
    if refused:
        schema["properties"] = dict.fromkeys(refused, False)
    return schema


def _settings_or_shorthand(plugin: Node) -> Schema:
    settings = settings_schema(plugin.Settings)
    alternatives = [{"type": "null"}, settings] if not settings.get("required") else [settings]
    if plugin.shorthand:
        alternatives.append({**settings["properties"][plugin.shorthand], "not": {"type": "object"}})
    described = {"title": str(plugin.label), "description": str(plugin.description)}
    if len(alternatives) == 1:
        return {**settings, **described}
    return {**described, "anyOf": alternatives}


def _field_of(field_type: FieldType) -> Schema:
    settings = settings_schema(field_type.Settings)
    properties = {"type": {"const": field_type.type, "description": str(field_type.description)}}
    return {
        "title": str(field_type.label),
        "type": "object",
        "properties": {**properties, **settings.get("properties", {})},
        "required": ["type", *settings.get("required", [])],
        "additionalProperties": False,
    }


def _nullable(schema: Schema) -> Schema:
    """A key may stand there with nothing behind it."""
    return {"anyOf": [schema, {"type": "null"}]} if schema.get("type") == "array" else schema


class WithoutTitles(GenerateJsonSchema):
    """Titles made from names say nothing that the key does not; and keys have to be keys."""

    def dict_schema(self, schema: Any) -> Any:
        own = super().dict_schema(schema)
        return {**own, "additionalProperties": False} if "patternProperties" in own else own

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _inlined(schema: Any, definitions: Schema) -> Any:
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
        return _inlined({**target, **{key: value for key, value in schema.items() if key != "$ref"}}, definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}
