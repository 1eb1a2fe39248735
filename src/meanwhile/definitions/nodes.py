"""Nodes and fields of a document: mappings whose settings the plugin of their type reads.

A node is a mapping with one node type, the settings under it, and a few keys beside it. A field names its type under
``type`` and has its settings beside that. What is read is kept compiled, so that running is cheap.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    SkipValidation,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from meanwhile.definitions.explain import findings_of, keys_of, refusal, text_for_values, unknown_key
from meanwhile.definitions.json_schema import field_schema, node_schema
from meanwhile.definitions.problems import BESIDE_TYPE, Finding, Loc, nearest
from meanwhile.plugins import registry
from meanwhile.plugins.contracts import Condition, Execution, FieldSettings, FieldType, Node, NodeSettings

Kind = Literal["condition", "execution", "action"]


class Strict(BaseModel):
    """Base of a document's models: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def kind_of(plugin: Node) -> Kind:
    """Which of the three a node is."""
    if isinstance(plugin, Condition):
        return "condition"
    return "execution" if isinstance(plugin, Execution) else "action"


# --- nodes -------------------------------------------------------------------------------------------------------


class NodeDef(Strict):
    """One object of an event's tree: a condition, an execution object or an action.

    The key is the node's type, with its settings below; beside it stand only the keys of this table.
    """

    id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$",
        description="Stays the same from version to version. Left out: taken over from the version before, or made.",
    )
    name: str = Field("", max_length=200, description="What people call it; shown in the monitor.")
    disabled: bool = Field(False, strict=True, description="It is passed over, with everything below it.")
    note: str = Field("", description="A remark for whoever reads the document.")
    do: tuple["NodeDef", ...] = Field(
        (), description="The children: of a condition that holds, or of a Background or Delay."
    )
    otherwise: tuple["NodeDef", ...] = Field((), description="The children of a condition that does not hold.")
    # Not keys of the document: the type's word and its settings, compiled.
    type: str = Field("", exclude=True, repr=True)
    settings: SkipValidation[NodeSettings] = Field(NodeSettings(), exclude=True)

    @property
    def plugin(self) -> Node:
        """The installed plugin of the type."""
        return registry.node(self.type)

    @property
    def kind(self) -> Kind:
        return kind_of(self.plugin)

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, data: Any, handler: ModelWrapValidatorHandler["NodeDef"]) -> "NodeDef":
        if isinstance(data, _Spelled):
            return handler(data)
        reading = _NodeReading(data)
        try:
            node = handler(_Spelled({**reading.beside, "type": reading.type, "settings": reading.settings}))
        except ValidationError as error:
            reading.findings += map(reading.moved_back, findings_of(error, cls))
        if reading.findings:
            raise refusal(reading.findings, "node")
        return node

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return node_schema(handler.resolve_ref_schema(handler(schema)))


class _Spelled(dict[str, Any]):
    """A node as its model takes it. (Pydantic enters the wrapping validator of a recursive model a second time.)"""


class _NodeReading:
    """What a node's mapping says, and what is wrong with it."""

    def __init__(self, data: Any) -> None:
        self.findings: list[Finding] = []
        self.type = ""
        self.settings: NodeSettings | None = NodeSettings()
        self.beside: dict[str, Any] = {}
        self._moved: set[str | int] = set()
        if isinstance(data, dict):
            self._read(data)
        else:
            self._refuse_scalar(data)

    def _refuse_scalar(self, data: Any) -> None:
        if isinstance(data, str) and data in registry.nodes:
            message = _('A node is a mapping; write "{type}:" with a colon.').format(type=data)
        else:
            message = _('A node is a mapping with one node type, such as "background:".')
        self._refuse((), message)

    def _read(self, data: dict[str, Any]) -> None:
        self.beside = {key: value for key, value in data.items() if key in BESIDE_TYPE}
        for side in ("do", "otherwise"):
            if self.beside.get(side, ()) is None:
                self.beside.pop(side)
        types = self._types(data)
        if types:
            self._read_type(types[0], data[types[0]])

    def _types(self, data: dict[str, Any]) -> list[str]:
        """The one key that is a node type. Others are refused, each at its place."""
        others = [key for key in data if key not in BESIDE_TYPE]
        types = [key for key in others if key in registry.nodes] or others[:1]
        if not types:
            self._refuse((), _("This node has no type; a node is a mapping with one node type."))
        for key in others:
            if key not in types:
                self._refuse_beside(types[0], key)
        for key in types[1:]:
            message = _('A node has one type; "{second}" beside "{first}" needs a dash of its own.')
            self._refuse((key,), message.format(first=types[0], second=key), at_key=True)
        return types[:1]

    def _refuse_beside(self, type_: str, key: str) -> None:
        plugin = registry.nodes.get(type_)
        if plugin and key in keys_of(plugin.Settings):
            message = _('"{key}" is a setting of "{type}"; it stands below it, further to the right.')
            self._refuse((key,), message.format(key=key, type=type_), at_key=True)
        else:
            message = _('Unknown key "{key}" beside "{type}".').format(key=key[:80], type=type_[:80])
            self._refuse((key,), message, nearest(key, BESIDE_TYPE), at_key=True)

    def _read_type(self, type_: str, given: Any) -> None:
        plugin = registry.nodes.get(type_)
        if plugin is None:
            message = _('Unknown node type "{type}".').format(type=type_[:80])
            self._refuse((type_,), message, nearest(type_, [*registry.nodes, *BESIDE_TYPE]), at_key=True)
            return
        self.type = type_
        self._refuse_children(plugin)
        given = self._spell_out(plugin, given)
        if isinstance(given, dict):
            self._take_misplaced(plugin, given)
            own = {key: value for key, value in given.items() if not _is_misplaced(plugin, key)}
            self.settings, findings = read_settings(plugin.Settings, own, (type_,))
            self.findings += findings

    def _refuse_children(self, plugin: Node) -> None:
        kind = kind_of(plugin)
        if kind == "action" and "do" in self.beside:
            self._refuse(
                ("do",), _('An action such as "{type}" has no children.').format(type=plugin.type), at_key=True
            )
        if kind != "condition" and "otherwise" in self.beside:
            message = _('Only a condition has "otherwise"; "{type}" is none.').format(type=plugin.type)
            self._refuse(("otherwise",), message, at_key=True)

    def _spell_out(self, plugin: Node, given: Any) -> Any:
        """The settings as a mapping: nothing, a bare value or a mapping was given."""
        if given is None:
            return {}
        if isinstance(given, dict):
            return given
        if plugin.shorthand:
            return {plugin.shorthand: given}
        keys = ", ".join(keys_of(plugin.Settings)) or _("none")
        message = _('"{type}" takes no bare value; its settings are: {keys}.').format(type=plugin.type, keys=keys)
        self._refuse((plugin.type,), message)
        return None

    def _take_misplaced(self, plugin: Node, given: Mapping[str, Any]) -> None:
        for key in given:
            if _is_misplaced(plugin, key):
                message = _(
                    '"{key}" stands beside "{type}", not below it: move it left, under the first letter of "{type}".'
                )
                self._refuse((plugin.type, key), message.format(key=key, type=plugin.type), at_key=True)
                self.beside.setdefault(key, given[key])
                self._moved.add(key)

    def moved_back(self, finding: Finding) -> Finding:
        """``finding`` at the place where the file has it, for what stands under the type by mistake."""
        return (
            replace(finding, loc=(self.type, *finding.loc))
            if finding.loc[:1] and finding.loc[0] in self._moved
            else finding
        )

    def _refuse(self, loc: Loc, message: str, suggestion: str | None = None, *, at_key: bool = False) -> None:
        self.findings.append(Finding(loc, message, suggestion, at_key=at_key))


def _is_misplaced(plugin: Node, key: str) -> bool:
    return key in BESIDE_TYPE and key not in keys_of(plugin.Settings)


def read_settings[S: BaseModel](model: type[S], given: dict[str, Any], at: Loc) -> tuple[S | None, list[Finding]]:
    """``given`` as ``model`` reads it, or what is wrong with it, each finding at its place below ``at``."""
    findings = list(text_for_values(model, given, at))
    places = {finding.loc for finding in findings}
    try:
        settings = model.model_validate(given)
    except ValidationError as error:
        findings += [finding for finding in findings_of(error, model, at) if finding.loc not in places]
        return None, findings
    return settings, findings


# --- fields ------------------------------------------------------------------------------------------------------


class FieldDef(Strict):
    """One field of a table: ``type`` and, beside it, the settings of that type."""

    type: str = Field(description="The field's type.")
    settings: SkipValidation[FieldSettings] = Field(FieldSettings(), exclude=True)

    @property
    def field_type(self) -> FieldType:
        """The installed plugin of the type."""
        return registry.field_type(self.type)

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, data: Any, handler: ModelWrapValidatorHandler["FieldDef"]) -> "FieldDef":
        settings, findings = _read_field(data)
        if findings:
            raise refusal(findings, "field")
        return handler({"type": data["type"], "settings": settings})

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return field_schema()


def _read_field(data: Any) -> tuple[FieldSettings | None, list[Finding]]:
    if not isinstance(data, dict):
        example = data if isinstance(data, str) and data in registry.field_types else "text"
        return None, [Finding((), _('A field is a mapping, such as "{{type: {type}}}".').format(type=example))]
    type_ = data.get("type")
    if type_ is None:
        return None, [Finding((), _('"type" is missing; known types: {types}.').format(types=_types()))]
    if not isinstance(type_, str) or type_ not in registry.field_types:
        message = _('Unknown field type "{type}".').format(type=str(type_)[:80])
        return None, [Finding(("type",), message, nearest(type_, registry.field_types))]
    given = {key: value for key, value in data.items() if key != "type"}
    return read_settings(registry.field_types[type_].Settings, given, ())


def _types() -> str:
    return ", ".join(sorted(registry.field_types))


__all__ = ["FieldDef", "Kind", "NodeDef", "Strict", "kind_of", "read_settings", "unknown_key"]
