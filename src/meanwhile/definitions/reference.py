"""The reference page of documents, made from the models and from what is installed, so that it cannot be wrong.

``docs/reference/document.md`` is ``reference_markdown()``; a test holds the two together.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from meanwhile.definitions.document import (
    Document,
    EventDef,
    FormDef,
    FormFieldDef,
    PageDef,
    RuleDef,
    TableDef,
    json_schema,
)
from meanwhile.definitions.json_schema import settings_schema
from meanwhile.definitions.keys import SYSTEM_FIELDS, USER_NAMES
from meanwhile.definitions.nodes import Kind, NodeDef, kind_of
from meanwhile.definitions.problems import BESIDE_TYPE
from meanwhile.plugins import registry
from meanwhile.plugins.contracts import FieldType, Node

_HEAD = """# The document

<!-- Made by `make docs`; do not edit. -->

An application is one document: YAML in a file, the same as JSON in the database. `meanwhile check FILE` says everything
that is wrong with it, `meanwhile apply FILE` publishes it, and `meanwhile schema` prints a JSON Schema for your editor.

Text is plain, or in quotes where YAML would read something else. `Yes`, `12:30`, `010` and `2026-01-31` are text; `5`
and `1.50` are exact numbers; `true` and `false` are the only truth values. A text with a placeholder stands in quotes:
`"Dear {{ record.name }}"`. Anchors, tags and keys that stand twice are errors.

Keys of tables, fields, forms, pages and events are words of lower-case letters, digits and `_`. They stay the same once
they are published; labels and titles may change.
"""

_KINDS: dict[Kind, tuple[str, str]] = {
    "condition": (
        "Conditions",
        "The children under `do` run when it holds, those under `otherwise` when it does not.",
    ),
    "execution": (
        "Execution objects",
        "The children under `do` become a job of their own; the walk goes on with the next node at once.",
    ),
    "action": ("Actions", "An action does something, and has no children."),
}
_MODELS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Application", Document),
    ("Tables", TableDef),
    ("Events", EventDef),
    ("Forms", FormDef),
    ("Fields of a form", FormFieldDef),
    ("Rules of a form", RuleDef),
    ("Pages", PageDef),
)


def reference_markdown() -> str:
    """The whole page."""
    parts = [_HEAD, *_models(), _nodes(), *_node_types(), _fields(), *_field_types(), _names()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _models() -> Iterator[str]:
    definitions = json_schema()["$defs"]
    for title, model in _MODELS:
        schema = json_schema() if model is Document else _object(definitions[model.__name__])
        yield f"## {title}\n\n{_text(model.__doc__)}\n\n{_table(schema, model)}"


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    """The alternative that is a mapping with keys."""
    return next((each for each in [schema, *schema.get("anyOf", [])] if "properties" in each), schema)


def _nodes() -> str:
    rows = [(key, "", NodeDef.model_fields[key].description or "") for key in BESIDE_TYPE]
    intro = (
        "A tree is a list of nodes, which run from top to bottom. A node is a mapping with one node type, whose "
        "settings stand under it. A node with one main setting can have it right behind the type: "
        '`if: "record.seats > 4"`. Beside the type stand only:'
    )
    return f"## Nodes\n\n{intro}\n\n{_rows(rows)}"


def _node_types() -> Iterator[str]:
    for kind, (title, intro) in _KINDS.items():
        yield f"## {title}\n\n{intro}"
        for _type, plugin in sorted(registry.nodes.items()):
            if kind_of(plugin) == kind:
                yield _plugin(plugin)


def _fields() -> str:
    return "## Field types\n\nA field is a mapping with its `type` and the settings of that type beside it."


def _field_types() -> Iterator[str]:
    for _type, field_type in sorted(registry.field_types.items()):
        yield _plugin(field_type)


def _plugin(plugin: Node | FieldType) -> str:
    intro = _text(str(plugin.description)) or f"{plugin.label}."
    shorthand = getattr(plugin, "shorthand", None)
    if shorthand:
        intro += f" A bare value behind the type is its `{shorthand}`."
    table = _table(settings_schema(plugin.Settings), plugin.Settings) or "It has no settings.\n"
    return f"### `{plugin.type}`\n\n{intro}\n\n{table}"


def _names() -> str:
    fields = ", ".join(f"`{name}`" for name in SYSTEM_FIELDS)
    user = ", ".join(f"`user.{name}`" for name in USER_NAMES)
    return (
        "## Names in expressions\n\n"
        f"`record` has the fields of its table and {fields}; a link to a record leads on to that record's fields. "
        "`old` has the values from before the save. `event.is_new` says whether the record is new; a custom event's "
        f"parameters stand beside it. Of the person who submitted: {user}. `now` is the present moment. "
        '`link("page")` is the '
        "address of a page of this record, or of a form that changes it."
    )


# --- tables ------------------------------------------------------------------------------------------------------


def _table(schema: dict[str, Any], model: type[BaseModel]) -> str:
    required = schema.get("required", [])
    rows = [
        (key, _default(key, entry, required), _described(key, entry, model))
        for key, entry in schema.get("properties", {}).items()
    ]
    return _rows(rows) if rows else ""


def _rows(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = ["| key | default | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{key}` | {default} | {meaning.replace('|', chr(92) + '|')} |" for key, default, meaning in rows]
    return "\n".join(lines) + "\n"


def _default(key: str, entry: dict[str, Any], required: list[str]) -> str:
    if key in required:
        return "required"
    default = entry.get("default")
    if default in (None, "", [], {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else _plain(default)}`"


def _plain(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _described(key: str, entry: dict[str, Any], model: type[BaseModel]) -> str:
    info = model.model_fields.get(key)
    text = _text(entry.get("description") or (info.description if info else "") or _COMMON.get(key, ""))
    return " ".join(filter(None, (text, _limits(entry))))


def _limits(entry: dict[str, Any]) -> str:
    """What the schema alone knows: listed words, least and most."""
    parts = [
        part
        for each in (entry, *entry.get("anyOf", []))
        for part in (
            "One of " + ", ".join(f"`{word}`" for word in each["enum"]) + "." if "enum" in each else "",
            f"At least {each['minimum']}." if "minimum" in each else "",
            f"At most {each['maximum']}." if "maximum" in each else "",
        )
    ]
    return " ".join(dict.fromkeys(filter(None, parts)))


# Settings that every field has.
_COMMON = {
    "label": "What people call it; made from the key where left out.",
    "help": "Stands below the control.",
    "required": "A value must be there. Forms ask for it, and no tree can empty it.",
    "unique": "No two records have the same value.",
    "default": "The value of a new record where nothing else is given.",
}


def _text(text: str | None) -> str:
    return " ".join((text or "").split())
