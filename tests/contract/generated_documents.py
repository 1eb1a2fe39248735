"""Documents made up by hypothesis: mostly right, with every node type, field type and way of writing things.

What refers to something else is drawn as a number and turned into a name when the whole is known; so all strategies are
made once, and drawing is quick.
"""

import copy
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Plain = dict[str, Any]

KEYS = st.sampled_from(
    ["a", "b", "b_c", "order", "total", "note", "select", "x1", "group", "when", "user", "type", "do"]
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="{}"), min_size=1, max_size=9)
NUMBERS = st.integers(0, 11)


# --- fields ------------------------------------------------------------------------------------------------------


def _field(type_: str, may_be_unique: bool = True, **settings: st.SearchStrategy[Any]) -> st.SearchStrategy[Plain]:
    common = {"required": st.booleans(), "help": WORDS, "label": WORDS}
    unique = {"unique": st.booleans()} if may_be_unique else {}
    return st.fixed_dictionaries({"type": st.just(type_)}, optional={**common, **unique, **settings}).map(_sensible)


def _sensible(field: Plain) -> Plain:
    """A unique field has no default."""
    return {key: value for key, value in field.items() if key != "default" or not field.get("unique")}


PLAIN_FIELDS = st.one_of(
    _field("text", max_length=st.integers(1, 600), default=st.just("x")),
    _field("long_text", may_be_unique=False, max_length=st.integers(1, 5000)),
    _field("integer", min=st.integers(-9, 0), max=st.integers(1, 9), default=st.just(0)),
    _field("decimal", places=st.integers(0, 4), default=st.sampled_from([0, Decimal("1")])),
    _field("boolean", may_be_unique=False, default=st.booleans()),
    _field("date"),
    _field("datetime"),
    st.builds(
        lambda field, choices: {**field, "choices": choices},
        _field("choice"),
        st.sampled_from([["New"], ["New", "Old"], ["1", "2", "Yes"]]),
    ),
    _field("email"),
    _field("url"),
    _field("user"),
    _field("json", may_be_unique=False),
)
LINKS = st.builds(
    lambda number, on_delete: {"type": "link", "table": number, "on_delete": on_delete},
    NUMBERS,
    st.sampled_from(["clear", "protect", "cascade"]),
)
FIELDS = st.dictionaries(KEYS, PLAIN_FIELDS | LINKS, min_size=1, max_size=6)

# Values that fit a field of the type, in several ways of writing them.
VALUES: dict[str, list[Any]] = {
    "text": ["x", "", "{{ record.id }}", None],
    "long_text": ["one\ntwo\n", "{{ record.created_at }} and {{ now }}", None],
    "integer": [0, 1, "{{ record.id }}"],
    "decimal": [0, Decimal("1"), "{{ record.id * 2 }}"],
    "boolean": [True, False],
    "date": ["2026-01-31", "{{ now }}", None],
    "datetime": ["2026-01-31 12:00", "{{ now }}", None],
    "choice": [None],
    "email": ["a@example.org", "{{ user.email }}"],
    "url": ["https://example.org/"],
    "user": ["{{ user.id }}", None],
    "link": ["{{ record.id }}", None],
    "json": [[1, "x", None], {"a": {"b": [Decimal("1.50")]}}, None],
}

# --- trees -------------------------------------------------------------------------------------------------------

BESIDE = st.fixed_dictionaries({}, optional={"name": WORDS, "note": WORDS, "disabled": st.booleans()})
MAIL = {"send_email": {"to": "a@example.org", "subject": "Hello", "body": "Of {{ record.id }}\n"}}
ACTIONS = st.one_of(
    st.builds(lambda field, value: {"update_field": (field, value)}, NUMBERS, NUMBERS),
    st.builds(lambda table: {"create_record": table}, NUMBERS),
    st.builds(lambda event: {"trigger_event": event}, NUMBERS),
    st.just(MAIL),
)
CONDITIONS = st.sampled_from([
    {"if": "record.id > 4"},
    {"if": {"expression": "event.is_new"}},
    {"if": "record.id != old.id and user.is_signed_in"},
    {"if": "record.created_at < now or not event.is_new"},
    {"if_new_record": None},
    {"if_new_record": False},
])  # fmt: skip
EXECUTIONS = st.sampled_from([
    {"background": None},
    {"background": {"attempts": 2, "backoff": "1m", "ordered": False}},
    {"delay": "2h"},
    {"delay": {"until": "now"}},
    {"delay": {"start_of": "day", "offset": "+1h"}},
])  # fmt: skip


def _objects(inner: st.SearchStrategy[Plain]) -> st.SearchStrategy[Plain]:
    children = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda node, do, more: {**node, "do": do, **more}, EXECUTIONS, children, BESIDE),
        st.builds(lambda node, do, more: {**node, "do": do, **more}, CONDITIONS, children, BESIDE),
        st.builds(lambda node, do, other: {**node, "do": do, "otherwise": other}, CONDITIONS, children, children),
    )


TREES = st.lists(
    st.recursive(st.builds(lambda node, more: {**node, **more}, ACTIONS, BESIDE), _objects, max_leaves=6), max_size=3
)

# --- documents ---------------------------------------------------------------------------------------------------

TABLES = st.fixed_dictionaries(
    {"fields": FIELDS, "update": TREES, "custom": st.dictionaries(KEYS, TREES, max_size=2)}, optional={"label": WORDS}
)
PAGES = st.fixed_dictionaries({
    "kind": st.sampled_from(["content", "wait"]),
    "table": NUMBERS,
    "flag": NUMBERS,
    "text": st.sampled_from(["Thanks", "Number {{ record.id }}", "One\n\nTwo {{ user.name }}\n"]),
})  # fmt: skip
FORMS = st.fixed_dictionaries({
    "table": NUMBERS,
    "fields": st.lists(NUMBERS, min_size=1, max_size=3),
    "next": NUMBERS,
    "who": st.sampled_from(["anyone", "signed_in", {"groups": ["Desk"]}]),
    "update": TREES,
})  # fmt: skip


def documents(application: str = "fuzz") -> st.SearchStrategy[Plain]:
    """Documents as plain values."""
    return st.builds(
        lambda *drawn: _assemble(application, *drawn),
        WORDS,
        st.dictionaries(KEYS, TABLES, min_size=1, max_size=3),
        st.dictionaries(KEYS, PAGES, max_size=3),
        st.dictionaries(KEYS, FORMS, max_size=2),
    )


def _assemble(application: str, title: str, tables: Plain, pages: Plain, forms: Plain) -> Plain:
    keys = list(tables)
    made = {key: {**table, "fields": _fields(table["fields"], keys)} for key, table in tables.items()}
    names = {key: list(table["custom"]) for key, table in made.items()}

    def tree(nodes: list[Plain], key: str) -> list[Plain]:
        return [_node(node, made[key]["fields"], keys, names[key]) for node in nodes]

    def table(key: str, drawn: Plain) -> Plain:
        custom = {event: tree(nodes, key) for event, nodes in drawn["custom"].items()}
        label = {"label": drawn["label"]} if "label" in drawn else {}
        return {**label, "fields": drawn["fields"], "events": {"record_update": tree(drawn["update"], key), **custom}}

    done = {key: _page(page, keys, made) for key, page in pages.items()}
    return {
        "application": application,
        "title": title,
        "tables": {key: table(key, drawn) for key, drawn in made.items()},
        "forms": {key: _form(form, keys, made, done, tree) for key, form in forms.items()},
        "pages": done,
    }


def _pick[V](options: Sequence[V], number: int) -> V:
    return options[number % len(options)]


def _fields(fields: Plain, keys: list[str]) -> Plain:
    return {
        key: {**field, "table": _pick(keys, field["table"])} if field["type"] == "link" else field
        for key, field in fields.items()
    }


def _node(node: Plain, fields: Plain, keys: list[str], events: list[str]) -> Plain:
    made = dict(node)
    for side in ("do", "otherwise"):
        if side in made:
            made[side] = [_node(child, fields, keys, events) for child in made[side]]
    if isinstance(made.get("update_field"), tuple):
        field = _pick(list(fields), made["update_field"][0])
        made["update_field"] = {"field": field, "value": _pick(VALUES[fields[field]["type"]], made["update_field"][1])}
    if "create_record" in made:
        made["create_record"] = {"table": _pick(keys, made["create_record"]), "values": {}}
    if "trigger_event" in made:
        if not events:
            return {**{key: value for key, value in made.items() if key != "trigger_event"}, **MAIL}
        made["trigger_event"] = _pick(events, made["trigger_event"])
    return made


def _page(page: Plain, keys: list[str], tables: Plain) -> Plain:
    table = _pick(keys, page["table"])
    made = {"kind": page["kind"], "table": table, "text": page["text"]}
    flags = [key for key, field in tables[table]["fields"].items() if field["type"] == "boolean"]
    return {**made, "flag": _pick(flags, page["flag"])} if page["kind"] == "wait" and flags else made


def _form(
    form: Plain, keys: list[str], tables: Plain, pages: Plain, tree: Callable[[list[Plain], str], list[Plain]]
) -> Plain:
    table = _pick(keys, form["table"])
    names = list(dict.fromkeys(_pick(list(tables[table]["fields"]), number) for number in form["fields"]))
    fields = [{"field": name} if number % 2 else name for name, number in zip(names, form["fields"], strict=False)]
    made = {"table": table, "fields": fields, "who": form["who"]}
    if form["update"]:
        made["events"] = {"record_update": tree(form["update"], table)}
    following = [key for key, page in pages.items() if page["table"] == table]
    return {**made, "next": _pick(following, form["next"])} if following else made


# --- the next version --------------------------------------------------------------------------------------------


def _table(document: Plain, number: int) -> Plain:
    table: Plain = _pick(list(document["tables"].values()), number)
    return table


def _add_field(document: Plain, number: int, key: str, field: Plain) -> None:
    _table(document, number)["fields"].setdefault(key, field)


def _drop_field(document: Plain, number: int, _key: str, _new: Plain) -> None:
    fields = _table(document, number)["fields"]
    if len(fields) > 1:
        fields.pop(_pick(list(fields), number))


def _change_field(document: Plain, number: int, _key: str, new: Plain) -> None:
    """Other settings, where the type has them."""
    fields = _table(document, number)["fields"]
    field = _pick(list(fields.values()), number)
    field |= {key: new[key] for key in ("required", "label", "help") if key in new}
    if "unique" in new and field["type"] not in ("boolean", "json", "long_text") and "default" not in field:
        field["unique"] = new["unique"]


def _retype_field(document: Plain, number: int, _key: str, new: Plain) -> None:
    fields = _table(document, number)["fields"]
    fields[_pick(list(fields), number)] = new


def _turn_fields(document: Plain, number: int, _key: str, _new: Plain) -> None:
    table = _table(document, number)
    table["fields"] = dict(reversed(table["fields"].items()))


def _drop_table(document: Plain, number: int, _key: str, _new: Plain) -> None:
    if len(document["tables"]) > 1:
        document["tables"].pop(_pick(list(document["tables"]), number))


def _add_table(document: Plain, _number: int, key: str, field: Plain) -> None:
    document["tables"].setdefault(key, {"fields": {"a": field}})


def _drop_the_rest(document: Plain, _number: int, _key: str, _new: Plain) -> None:
    """So that tables and fields can go without leaving something that names them."""
    document["forms"], document["pages"] = {}, {}
    for table in document["tables"].values():
        table["events"] = {}


Edit = tuple[Callable[[Plain, int, str, Plain], None], int, str, Plain]
EDITS: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(
        st.sampled_from([
            _add_field, _drop_field, _change_field, _retype_field, _turn_fields,
            _drop_table, _add_table, _drop_the_rest,
        ]),
        NUMBERS,
        KEYS,
        PLAIN_FIELDS,
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def edited(document: Plain, edits: list[Edit]) -> Plain:
    """The document after ``edits``."""
    document = copy.deepcopy(document)
    for edit, number, key, field in edits:
        edit(document, number, key, copy.deepcopy(field))
    return document
