"""Forms of settings: what stands in a document comes back as it was, and what is typed becomes what was meant."""

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from meanwhile import function
from meanwhile.definitions.inspection import inspect
from meanwhile.designer.settings.values import read_value, show_value
from meanwhile.designer.settings_form import (
    Choosing,
    SettingsForm,
    choosing_for,
    settings_form,
    shortened,
    spelled_out,
)
from meanwhile.pages.controls import style
from meanwhile.plugins import registry
from tests.unit.designer.sending import sent

DOCUMENT: dict[str, Any] = {
    "application": "booking",
    "tables": {
        "booking": {
            "fields": {
                "passenger": {"type": "text", "label": "Name of the passenger"},
                "seats": {"type": "integer"},
                "fare": {"type": "decimal"},
                "confirmed": {"type": "boolean"},
                "status": {"type": "choice", "choices": ["New", "Received"]},
                "on": {"type": "date"},
                "at": {"type": "datetime"},
                "notes": {"type": "long_text"},
                "details": {"type": "json"},
                "customer": {"type": "link", "table": "customer"},
            },
            "events": {
                "record_update": [{"background": {"queue": "slow"}, "id": "b"}],
                "remind": {"label": "Remind the passenger", "parameters": ["reason", "days"], "do": []},
            },
        },
        "customer": {"fields": {"name": {"type": "text"}, "vip": {"type": "boolean"}}},
    },
}
# Settings as documents have them, for every shipped node type.
SETTINGS: list[tuple[str, Any]] = [
    ("update_field", {"field": "passenger", "value": "Received"}),
    ("update_field", {"field": "passenger", "value": "5"}),
    ("update_field", {"field": "passenger", "value": "true"}),
    ("update_field", {"field": "passenger", "value": "null"}),
    ("update_field", {"field": "passenger", "value": '"quoted"'}),
    ("update_field", {"field": "passenger", "value": ""}),
    ("update_field", {"field": "passenger", "value": None}),
    ("update_field", {"field": "seats", "value": 5, "fires_event": True}),
    ("update_field", {"field": "seats", "value": "{{ record.seats + 1 }}"}),
    ("update_field", {"field": "fare", "value": Decimal("1.50")}),
    ("update_field", {"field": "confirmed", "value": True}),
    ("update_field", {"field": "confirmed", "value": False}),
    ("update_field", {"field": "notes", "value": "One\nTwo\n"}),
    ("update_field", {"field": "details", "value": {"a": [1, Decimal("2.5"), None, "x"]}}),
    ("update_field", {"field": "on", "value": "2026-05-01"}),
    ("update_field", {"field": "gone", "value": "x"}),
    ("create_record", {"table": "customer", "values": {"name": "5", "vip": True}, "into": "customer"}),
    ("create_record", {"table": "customer", "values": {"name": "{{ record.passenger }}"}, "fires_event": True}),
    ("create_record", {"table": "customer"}),
    ("delete_record", None),
    ("trigger_event", "remind"),
    ("trigger_event", {"event": "remind", "parameters": {"reason": "late", "days": 3, "other": "5"}}),
    ("call", "a_function"),
    ("call", {"function": "a_function", "arguments": {"seats": "{{ record.seats }}", "class_": None}, "into": "fare"}),
    ("call", {"function": "no_function"}),
    (
        "send_email",
        {"to": "a@example.org, b@example.org", "subject": "Hello", "body": "Dear {{ record.passenger }},\n"},
    ),
    (
        "send_email",
        {
            "to": ["a@example.org", "{{ user.email }}"],
            "cc": ["c@example.org"],
            "from": "d@example.org",
            "subject": "Hello",
            "body": "x",
            "html": "<p>\n  Hello\n</p>",
        },
    ),
    ("if", "record.seats > 4"),
    ("if", "record.seats > 4\nand record.confirmed"),
    ("if_new_record", None),
    ("if_new_record", False),
    ("if_new_record", {"is_new": True}),
    ("background", None),
    ("background", {"queue": "slow", "attempts": 3, "backoff": "1h30m", "time_limit": "10m", "ordered": False}),
    ("background", {"ordered": True}),
    ("delay", "2h"),
    ("delay", "now"),
    ("delay", {"for": "1mo", "queue": "slow"}),
    ("delay", {"until": "{{ record.on }}", "offset": "-2h30m"}),
    ("delay", {"start_of": "week", "offset": "+1d"}),
    ("delay", {"field": "on"}),
    ("delay", {"field": "created_at"}),
]
FIELDS: list[dict[str, Any]] = [
    {"type": "text", "label": "Name", "help": "Yours", "required": True, "max_length": 120, "default": "x"},
    {"type": "text", "unique": True},
    {"type": "long_text", "max_length": 10},
    {"type": "integer", "min": 1, "max": 9, "default": 0},
    {"type": "decimal", "places": 0, "min": Decimal("1.5"), "default": Decimal("2.50")},
    {"type": "boolean", "default": True},
    {"type": "boolean", "default": None},
    {"type": "boolean"},
    {"type": "choice", "choices": ["New", "Received"], "default": "New"},
    {"type": "choice", "choices": {"n": "New", "r": "Received"}},
    {"type": "date", "default": "today"},
    {"type": "datetime", "default": "now"},
    {"type": "json", "default": {"a": 1}},
    {"type": "email"},
    {"type": "url", "max_length": 100},
    {"type": "link", "table": "customer", "on_delete": "cascade", "display": "name"},
    {"type": "user"},
]


@pytest.fixture
def choosing() -> Choosing:
    @function
    def a_function(seats: int, class_: str = "economy") -> int:
        return seats

    return choosing_for(inspect(DOCUMENT), "booking.record_update")


def form_of(type_: str, given: Any, choosing: Choosing, data: QueryDict | None = None) -> SettingsForm:
    plugin = registry.node(type_)
    return settings_form(plugin.Settings, spelled_out(plugin, given), choosing, data)


def test_every_shipped_node_type_is_tried() -> None:
    shipped = {type_ for type_, node in registry.nodes.items() if type(node).__module__.startswith("meanwhile.")}
    assert {type_ for type_, _settings in SETTINGS} >= shipped


@pytest.mark.parametrize(("type_", "given"), SETTINGS)
def test_settings_that_nobody_changed_come_back_as_they_were(type_: str, given: Any, choosing: Choosing) -> None:
    form = form_of(type_, given, choosing)
    again = form_of(type_, given, choosing, sent(form))
    plugin = registry.node(type_)
    assert again.plain() == spelled_out(plugin, given)
    assert list(again.plain()) == list(spelled_out(plugin, given))


@pytest.mark.parametrize(("type_", "given"), SETTINGS)
def test_every_control_stands_in_the_site_s_own_template(type_: str, given: Any, choosing: Choosing) -> None:
    form = style(form_of(type_, given, choosing))
    for field in form:
        page = render_to_string("meanwhile/field.html", {"field": field})
        assert f'for="{field.id_for_label}"' in page
        assert f'id="{field.id_for_label}"' in page


@pytest.mark.parametrize(
    ("type_", "value", "settings"),
    [
        ("if", "true", {"expression": "true"}),
        ("background", None, {}),
        ("delay", {"for": "2h", "queue": "slow"}, {"for": "2h", "queue": "slow"}),
        ("if_new_record", False, {"is_new": False}),
        ("call", "quote", {"function": "quote"}),
    ],
)
def test_the_main_setting_alone_is_written_in_short(type_: str, value: Any, settings: dict[str, Any]) -> None:
    plugin = registry.node(type_)
    assert spelled_out(plugin, value) == settings
    assert shortened(plugin, settings) == value


# What says no more than the default is left out when it is typed anew.
SAY_NOTHING = ({"is_new": True}, {"ordered": True}, {"field": "passenger", "value": ""})


@pytest.mark.parametrize(("type_", "given"), [each for each in SETTINGS if each[1] not in SAY_NOTHING])
def test_settings_that_are_typed_anew_become_the_same(type_: str, given: Any, choosing: Choosing) -> None:
    plugin = registry.node(type_)
    data = sent(form_of(type_, given, choosing))
    made = form_of(type_, None, choosing, data).plain()
    assert made == without_lists_of_one(spelled_out(plugin, given))


def without_lists_of_one(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in given.items()}


@pytest.mark.parametrize("given", FIELDS)
def test_settings_of_a_field_come_back_as_they_were(given: dict[str, Any], choosing: Choosing) -> None:
    model = registry.field_type(given["type"]).Settings
    own = {key: value for key, value in given.items() if key != "type"}
    form = settings_form(model, own, choosing)
    assert settings_form(model, own, choosing, sent(form)).plain() == own


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("confirmed", "true", True),
        ("confirmed", "No", False),
        ("seats", "5", 5),
        ("seats", "five", "five"),
        ("passenger", "5", "5"),
        ("passenger", '"true"', "true"),
        ("passenger", "null", None),
        ("fare", "1.50", Decimal("1.50")),
        ("status", "New", "New"),
        ("details", '{"a": 1}', {"a": 1}),
        ("details", "{{ record.notes }}", "{{ record.notes }}"),
        ("on", "2026-05-01", "2026-05-01"),
    ],
)
def test_a_value_is_read_as_its_field_wants_it(field: str, typed: str, value: Any, choosing: Choosing) -> None:
    data = sent(form_of("update_field", None, choosing), field=field, value=typed)
    made = form_of("update_field", None, choosing, data).plain()["value"]
    assert (made, type(made)) == (value, type(value))


def test_emptying_a_field_is_a_choice_of_its_own(choosing: Choosing) -> None:
    data = sent(form_of("update_field", None, choosing), field="seats", value_empty="on")
    assert form_of("update_field", None, choosing, data).plain() == {"field": "seats", "value": None}


def test_what_is_missing_is_said_at_its_control_and_the_rest_is_kept(choosing: Choosing) -> None:
    form = form_of("update_field", None, choosing, sent(form_of("update_field", None, choosing), field="seats"))
    assert not form.is_valid()
    assert form.errors == {"value": ["This is needed."]}
    assert form.plain() == {"field": "seats"}


@pytest.mark.parametrize(
    ("type_", "name", "typed"),
    [
        ("if", "expression", "record.seats >"),
        ("background", "attempts", "many"),
        ("background", "attempts", "1000"),
        ("background", "backoff", "soon"),
        ("background", "time_limit", "0s"),
        ("delay", "offset", "1 parsec"),
        ("send_email", "subject", "Hello {{ record."),
    ],
)
def test_what_is_refused_is_said_at_its_control_and_stays_there(
    type_: str, name: str, typed: str, choosing: Choosing
) -> None:
    form = form_of(type_, None, choosing, sent(form_of(type_, None, choosing), **{name: typed}))
    assert not form.is_valid()
    assert name in form.errors
    assert typed in str(form[name]).replace("&gt;", ">")
    assert str(form.plain()[name]) == typed


def test_what_is_wrong_together_is_said_above_the_form(choosing: Choosing) -> None:
    data = sent(form_of("delay", None, choosing), **{"for": "2h", "field": "on"})
    form = form_of("delay", None, choosing, data)
    assert "takes one of" in str(form.non_field_errors())


def test_fields_are_offered_by_their_labels(choosing: Choosing) -> None:
    page = str(form_of("update_field", None, choosing)["field"])
    assert '<option value="passenger">Name of the passenger (passenger)</option>' in page
    assert '<option value="on"' not in str(form_of("create_record", None, choosing)["into"])
    assert '<option value="on">' in str(form_of("delay", None, choosing)["field"])
    assert '<option value="created_at">' in str(form_of("delay", None, choosing)["field"])


def test_a_field_that_is_gone_stays_chosen_until_another_one_is(choosing: Choosing) -> None:
    page = str(form_of("update_field", {"field": "gone", "value": "x"}, choosing)["field"])
    assert '<option value="gone" selected>gone (does not exist)</option>' in page


def test_names_of_rows_are_those_of_what_was_chosen(choosing: Choosing) -> None:
    assert '<option value="vip">' in str(form_of("create_record", {"table": "customer"}, choosing)["values"])
    assert '<option value="class_">' in str(form_of("call", "a_function", choosing)["arguments"])
    assert '<option value="days">' in str(form_of("trigger_event", "remind", choosing)["parameters"])


def test_rows_become_a_mapping_and_empty_ones_are_left_out(choosing: Choosing) -> None:
    typed = {"table": "customer", "values-0-name": "name", "values-0-value": "5", "values-1-name": "vip"}
    data = sent(form_of("create_record", None, choosing), **typed, **{"values-1-value": "true"})
    made = form_of("create_record", None, choosing, data).plain()
    assert made == {"table": "customer", "values": {"name": "5", "vip": True}}


def test_problems_of_an_inspection_are_shown_at_their_controls(choosing: Choosing) -> None:
    node = {"update_field": {"field": "gone", "value": "x"}, "id": "a"}
    plain = {
        **DOCUMENT,
        "tables": {"booking": {"fields": {"a": {"type": "text"}}, "events": {"record_update": [node]}}},
    }
    inspection = inspect(plain)
    form = form_of("update_field", node["update_field"], choosing)
    at = next(problem.loc[:-1] for problem in inspection.errors if problem.loc[-1] == "field")
    form.tell(inspection.problems, at)
    assert "gone" in str(form.errors["field"])


def test_several_forms_on_a_page_are_told_apart_by_their_prefix(choosing: Choosing) -> None:
    plugin = registry.node("create_record")
    given = {"table": "customer", "values": {"name": "x"}}
    form = settings_form(plugin.Settings, given, choosing, prefix="n1")
    assert settings_form(plugin.Settings, given, choosing, sent(form), prefix="n1").plain() == given
    assert 'name="n1-values-0-name"' in str(form["values"])


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)
    | st.text()
    | st.sampled_from(["true", "5", "null", '"', "[1]", "{{ record.a }}", " x ", "yes"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(values, st.sampled_from(["", "json"]))
def test_any_value_is_shown_so_that_it_is_read_as_the_same(value: Any, type_: str) -> None:
    assert read_value(show_value(value, type_), type_) == value


@given(st.text(), st.sampled_from(sorted(registry.field_types)))
def test_any_text_is_shown_so_that_it_is_read_as_the_same(value: str, type_: str) -> None:
    assert read_value(show_value(value, type_), type_) == value
