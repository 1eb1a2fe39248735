"""The models of a document: one application with its tables, forms, pages and events.

The same models read YAML from a file and JSON from the database. ``load`` is the way in; what is right by itself but
not together (a form that names a missing table) is found by ``check``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

from django.utils.translation import gettext as _
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PrivateAttr, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from meanwhile.core.spans import SpanSetting
from meanwhile.definitions.json_schema import WithoutTitles
from meanwhile.definitions.keys import RECORD_UPDATE, FieldKey, Key
from meanwhile.definitions.nodes import FieldDef, NodeDef, Strict
from meanwhile.definitions.problems import Loc, Source
from meanwhile.expressions import ExpressionSetting, TextSetting, ValueSetting


@dataclass(frozen=True, slots=True)
class _OrNothing:
    """A key may stand in a document with nothing behind it; that is ``empty``."""

    empty: Callable[[], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(
            lambda value: self.empty() if value is None else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "null"}]}


K = TypeVar("K")
V = TypeVar("V")
Section = Annotated[dict[K, V], _OrNothing(dict)]
Items = Annotated[tuple[V, ...], _OrNothing(tuple)]


class EventDef(Strict):
    """What happens when a record is saved (`record_update`), or a custom event that trees trigger.

    A list of nodes, or a mapping with the list under `do`.
    """

    label: str = Field("", max_length=200, description="What people call it.")
    parameters: Items[Key] = Field((), description="Names that whoever triggers a custom event passes along.")
    do: Items[NodeDef] = Field((), description="The tree: nodes, top to bottom.")

    @model_validator(mode="before")
    @classmethod
    def _list_is_tree(cls, data: Any) -> Any:
        if data is None or isinstance(data, list):
            return {"do": data or []}
        return data

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        own = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [own["properties"]["do"], own]}


class TableDef(Strict):
    """A table: its fields, in the order in which people see them, and its events."""

    label: str = Field("", max_length=200, description="What people call it; made from the key where left out.")
    model: str = Field(
        "",
        pattern=r"^([a-z_][a-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*)?$",
        description="A model of the host project (`app_label.Model`) whose records these are, instead of fields.",
    )
    fields: Section[FieldKey, FieldDef] = Field({}, description="The fields, by key.")
    events: Section[Key, EventDef] = Field(
        {}, description="`record_update`, and custom events by key.", validate_default=True
    )


class FormFieldDef(Strict):
    """A field on a form: its key alone, or a mapping with what this form changes."""

    field: str = Field(description="The field's key.")
    label: str = Field("", max_length=200, description="The label on this form, instead of the field's own.")
    help: str = Field("", description="The help on this form, instead of the field's own.")
    preset: ValueSetting | None = Field(
        None, description="What it holds when the form opens; placeholders may stand in it."
    )
    hidden: bool = Field(False, strict=True, description="People do not see it; it keeps its preset value.")

    @model_validator(mode="before")
    @classmethod
    def _key_is_field(cls, data: Any) -> Any:
        return {"field": data} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(schema))]}


class RuleDef(Strict):
    """Something that must hold for what was entered."""

    rule: ExpressionSetting = Field(description="An expression that holds for good input.")
    message: str = Field(min_length=1, description="What people read when it does not hold.")


class Who(Strict):
    """Who may use a form: anyone, people who have signed in, or the members of groups."""

    groups: Items[str] = Field(description="Names of groups; members of any of them.")
    kind: Literal["anyone", "signed_in", "groups"] = Field("groups", exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _word_is_kind(cls, data: Any) -> Any:
        if data in ("anyone", "signed_in"):
            return {"kind": data, "groups": []}
        if isinstance(data, dict) and "kind" not in data:
            return data
        message = _('This should be "anyone", "signed_in" or {groups: [...]}.')
        raise PydanticCustomError("who", "{message}", {"message": message})

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        own = handler.resolve_ref_schema(handler(schema))
        own["properties"].pop("kind")
        return {"anyOf": [{"enum": ["anyone", "signed_in"]}, own]}


ANYONE = Who.model_validate("anyone")


class FormDef(Strict):
    """A data entry form of one table."""

    table: str = Field(description="The table whose records it makes and changes.")
    title: str = Field("", max_length=200, description="The heading; made from the key where left out.")
    description: str = Field("", description="Stands below the heading.")
    fields: Items[FormFieldDef] = Field(description="The fields, in order.")
    next: str = Field("", description="The page that people see after they submit.")
    who: Who = Field(
        ANYONE,
        description="Who may use it: `anyone`, `signed_in`, or `{groups: [...]}`.",
        json_schema_extra={"default": "anyone"},
    )
    submit: str = Field("", max_length=80, description="The words on the button.")
    rules: Items[RuleDef] = Field((), alias="validate", description="What must hold for the input.")
    events: Section[Literal["record_update"], EventDef] = Field(
        {}, description="`record_update`: the form's own event, after the table's; fired by this form only."
    )


class PageDef(Strict):
    """What people see after they submit: a content page, or a wait page that goes on when the work is done."""

    kind: Literal["content", "wait"] = Field(description="What sort of page it is.")
    table: str = Field(description="The table whose record it shows.")
    title: str = Field("", max_length=200, description="The heading; made from the key where left out.")
    text: TextSetting | None = Field(None, description="What it says; placeholders show the record.")
    flag: str = Field(
        "", description="Wait page: the boolean field that says that the work is done. Left out: all work."
    )
    every: SpanSetting = Field(
        timedelta(seconds=2), description="Wait page: how often it looks.", json_schema_extra={"default": "2s"}
    )
    too_long: SpanSetting = Field(
        timedelta(minutes=2),
        description="Wait page: after this it says that it is safe to leave.",
        json_schema_extra={"default": "2m"},
    )
    next: str = Field("", description="Wait page: the page that follows when the work is done.")
    done: TextSetting | None = Field(None, description="Wait page without `next`: what it says when the work is done.")
    failed: TextSetting | None = Field(None, description="Wait page: what it says when the work has failed.")


class Document(Strict):
    """One application: tables, forms, pages and events."""

    application: Key = Field(description="The application's key; stays the same for ever.")
    title: str = Field("", max_length=200, description="What people call it; made from the key where left out.")
    description: str = Field("", description="What it is for; shown on the home page.")
    tables: Section[Key, TableDef] = Field({}, description="The tables, by key.")
    forms: Section[Key, FormDef] = Field({}, description="The forms, by key.")
    pages: Section[Key, PageDef] = Field({}, description="The pages, by key.")

    _source: Source = PrivateAttr(default=Source("", {}))

    @property
    def plain(self) -> dict[str, Any]:
        """The document as it was given, made of dict, list, str, int, Decimal, bool and None. Do not change it."""
        plain: dict[str, Any] = self._source.raw
        return plain

    @property
    def source(self) -> Source:
        """Where it came from."""
        return self._source

    def place(self, source: Source) -> "Document":
        """Say where it came from; only for who loads it."""
        self._source = source
        return self

    def trees(self) -> Iterator["TreeDef"]:
        """Every event's tree: of tables, then of forms."""
        for key, table in self.tables.items():
            for event, definition in table.events.items():
                yield TreeDef(f"{key}.{event}", key, definition, ("tables", key, "events", event))
        for key, form in self.forms.items():
            for event, definition in form.events.items():
                yield TreeDef(f"form:{key}", form.table, definition, ("forms", key, "events", event))


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of documents, with every node type and field type that is installed."""
    schema = Document.model_json_schema(by_alias=True, schema_generator=WithoutTitles)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _("A Meanwhile application"),
        **{key: value for key, value in schema.items() if key != "title"},
    }


class TreeDef:
    """An event's tree with its place: ``event`` is ``booking.record_update`` or ``form:book``."""

    def __init__(self, event: str, table: str, definition: EventDef, loc: Loc) -> None:
        self.event = event
        self.table = table
        self.definition = definition
        self.loc: Loc = (*loc, "do")

    @property
    def is_custom(self) -> bool:
        """Whether trees trigger it, and no save."""
        return not self.event.startswith("form:") and self.event.rpartition(".")[2] != RECORD_UPDATE

    def nodes(self) -> Iterator[tuple[Loc, NodeDef]]:
        """Every node with its place, in the order of the walk."""
        yield from _nodes(self.definition.do, self.loc)


def _nodes(nodes: tuple[NodeDef, ...], at: Loc) -> Iterator[tuple[Loc, NodeDef]]:
    for position, node in enumerate(nodes):
        yield (*at, position), node
        yield from _nodes(node.do, (*at, position, "do"))
        yield from _nodes(node.otherwise, (*at, position, "otherwise"))


def title_of(given: str, key: str) -> str:
    """What people call something: its title or label, or words made from its key."""
    return given or key.replace("_", " ").capitalize()


__all__ = [
    "Document",
    "EventDef",
    "FieldDef",
    "FormDef",
    "FormFieldDef",
    "NodeDef",
    "PageDef",
    "RuleDef",
    "TableDef",
    "TreeDef",
    "Who",
    "json_schema",
    "title_of",
]
