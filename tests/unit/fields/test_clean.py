"""What each field type takes, keeps and refuses."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from meanwhile.core.errors import InvalidValue
from meanwhile.core.zone import site_zone
from meanwhile.plugins.registry import field_type, field_types

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
REQUIRED_SETTINGS: dict[str, dict[str, Any]] = {
    "choice": {"choices": ["New", "Received"]},
    "link": {"table": "customer"},
}


def settings_of(type_: str, **given: Any) -> Any:
    return field_type(type_).Settings.model_validate({**REQUIRED_SETTINGS.get(type_, {}), **given})


def clean(type_: str, value: Any, **given: Any) -> Any:
    return field_type(type_).clean(value, settings_of(type_, **given))


@pytest.mark.parametrize(
    ("type_", "value", "kept"),
    [
        ("text", "  Ada \r\n Lovelace ", "Ada   Lovelace"),
        ("text", 5, "5"),
        ("text", Decimal("1.10"), "1.10"),
        ("text", True, "true"),
        ("text", date(2026, 3, 31), "2026-03-31"),
        ("long_text", "one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("integer", " 42 ", 42),
        ("integer", "-7", -7),
        ("integer", Decimal("3.00"), 3),
        ("integer", 3.0, 3),
        ("integer", "3.0", 3),
        ("integer", 2**63 - 1, 2**63 - 1),
        ("decimal", "1.5", Decimal("1.50")),
        ("decimal", "1.5000", Decimal("1.50")),
        ("decimal", ".5", Decimal("0.50")),
        ("decimal", 2, Decimal("2.00")),
        ("decimal", Decimal(10) / 3, Decimal("3.33")),
        ("decimal", Decimal("2.345"), Decimal("2.35")),
        ("decimal", "-0", Decimal("0.00")),
        ("boolean", "on", True),
        ("boolean", "No", False),
        ("boolean", Decimal(1), True),
        ("date", "2026-03-31", date(2026, 3, 31)),
        ("date", NOON, date(2026, 3, 31)),
        ("datetime", "2026-03-31 12:00", NOON),
        ("datetime", "2026-03-31T14:00:00+02:00", NOON),
        ("datetime", "2026-03-31T12:00Z", NOON),
        ("datetime", date(2026, 3, 31), NOON.replace(hour=0)),
        ("choice", " New ", "New"),
        ("email", " ada@example.org ", "ada@example.org"),
        ("url", "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("link", "17", 17),
        ("link", Decimal(17), 17),
        ("link", UUID(int=1), UUID(int=1)),
        ("user", 3, 3),
        ("json", '{"a": [1, 1.10, null, true]}', {"a": [1, Decimal("1.10"), None, True]}),
        ("json", ({"when": date(2026, 3, 31)},), [{"when": "2026-03-31"}]),
        ("json", [1.5], [Decimal("1.5")]),
        ("json", {}, {}),
    ],
)
def test_value_is_kept_as(type_: str, value: Any, kept: Any) -> None:
    found = clean(type_, value)
    assert (found, type(found)) == (kept, type(kept))
    assert str(found) == str(kept)


@pytest.mark.parametrize(
    ("type_", "value", "reason"),
    [
        ("text", "x" * 201, "at most 200 characters; it has 201"),
        ("text", ["a"], "must be text"),
        ("long_text", "x" * 100_001, "at most 100000 characters"),
        ("integer", "1.5", "whole number"),
        ("integer", "1e3", "whole number"),
        ("integer", True, "whole number"),
        ("integer", Decimal("1E+999999"), "whole number"),
        ("integer", Decimal("NaN"), "whole number"),
        ("integer", float("inf"), "whole number"),
        ("integer", 2**63, "between -9223372036854775808 and 9223372036854775807"),
        ("decimal", "1.555", "at most 2 decimal places"),
        ("decimal", "1,5", "with a point"),
        ("decimal", "NaN", "must be a number"),
        ("decimal", Decimal("Infinity"), "must be a number"),
        ("decimal", "1" * 14, "at most 13 digits before the point"),
        ("decimal", Decimal("9999999999999.999"), "at most 13 digits before the point"),
        ("decimal", Decimal("1E+999999"), "at most 13 digits before the point"),
        ("decimal", False, "must be a number"),
        ("boolean", "maybe", "true or false"),
        ("date", "31.3.2026", "such as 2026-03-31"),
        ("date", 20260331, "such as 2026-03-31"),
        ("date", "2026-02-30", "such as 2026-03-31"),
        ("datetime", "noon", "such as 2026-03-31 14:30"),
        ("datetime", "0001-01-01T00:00+02:00", "outside the calendar"),
        ("choice", "Lost", '"Lost" is not one of: New, Received'),
        ("email", "ada", "one e-mail address"),
        ("email", "a@example.org, b@example.org", "one e-mail address"),
        ("email", "a@example.org\nBcc: b@example.org", "one e-mail address"),
        ("url", "javascript:alert(1)", "http:// or https://"),
        ("url", "ftp://example.org", "http:// or https://"),
        ("url", "https://example.org/" + "x" * 500, "at most 500 characters"),
        ("link", "-3", None),
        ("link", 0, "id of a record"),
        ("link", 2**63, "id of a record"),
        ("link", True, "id of a record"),
        ("link", 1.5, "id of a record"),
        ("json", "[1", "must be JSON"),
        ("json", "NaN", "must be JSON"),
        ("json", '"text"', "list or a mapping"),
        ("json", [float("nan")], "1000 digits"),
        ("json", {1: 2}, "keys of a mapping must be text"),
        ("json", [object()], "type object"),
        ("json", ["x" * 100_000], "at most 100000 characters"),
        ("json", "[" * 100 + "]" * 100, "deeper than 40"),
        ("json", "[" * 40_000 + "]" * 40_000, "must be JSON"),
        ("json", "[" + "1" * 5000 + "]", "JSON"),
    ],
)
def test_value_is_refused_with_the_limit_in_words(type_: str, value: Any, reason: str | None) -> None:
    if reason is None:
        assert clean(type_, value) == value  # the linked table's kind of id is judged where the table is known
        return
    with pytest.raises(InvalidValue, match=reason.replace("(", r"\(")):
        clean(type_, value)


@pytest.mark.parametrize("type_", sorted(field_types))
@pytest.mark.parametrize("empty", [None, "", "  ", "\n"])
def test_empty_is_none_for_every_type(type_: str, empty: str | None) -> None:
    assert clean(type_, empty) is None


@pytest.mark.parametrize("type_", ["text", "long_text", "email", "url", "choice", "link"])
@pytest.mark.parametrize("broken", ["a\0b", "a\ud800b"])
def test_characters_that_no_database_keeps_are_refused(type_: str, broken: str) -> None:
    with pytest.raises(InvalidValue):
        clean(type_, broken)


@pytest.mark.parametrize("broken", [["a\0b"], {"a\0": 1}, '["\\u0000"]', '["\\ud800"]'])
def test_such_characters_are_refused_inside_json(broken: Any) -> None:
    with pytest.raises(InvalidValue):
        clean("json", broken)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.dates()
ANYTHING = st.recursive(
    SCALARS | st.datetimes(timezones=st.none() | st.just(UTC)) | st.binary() | st.uuids(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("type_", sorted(field_types))
@example(value=b"")
@given(value=ANYTHING | st.from_regex(r"[0-9T:.+-]{1,20}") | st.from_regex(r"[\[{][\"0-9a-z:, ]{0,9}[\]}]"))
def test_cleaning_twice_is_cleaning_once_and_nothing_but_invalid_value_is_raised(type_: str, value: Any) -> None:
    try:
        once = clean(type_, value)
    except InvalidValue:
        return
    twice = clean(type_, once)
    assert (twice, str(twice), type(twice)) == (once, str(once), type(once))


# --- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "given_", "value", "reason"),
    [
        ("integer", {"min": 1, "max": 9}, 0, "at least 1"),
        ("integer", {"min": 1, "max": 9}, 10, "at most 9"),
        ("decimal", {"min": "0.5"}, "0.49", "at least 0.5"),
        ("decimal", {"max": Decimal("9.5")}, "9.51", "at most 9.5"),
        ("decimal", {"places": 0}, "1.5", "at most 0 decimal places"),
        ("decimal", {"places": 15}, "1", "at most 0 digits before the point"),
        ("text", {"max_length": 3}, "four", "at most 3"),
        ("choice", {"choices": {"a": "First"}}, "First", "not one of: a"),
    ],
)
def test_own_limits_are_kept(type_: str, given_: dict[str, Any], value: Any, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        clean(type_, value, **given_)


@pytest.mark.parametrize(
    ("type_", "given_", "reason"),
    [
        ("integer", {"min": 9, "max": 1}, "above max"),
        ("decimal", {"digits": 16}, "15"),
        ("decimal", {"digits": 3, "places": 4}, "at most digits"),
        ("decimal", {"min": "NaN"}, "finite"),
        ("text", {"max_length": 0}, "greater than or equal to 1"),
        ("text", {"unique": True, "max_length": 2000}, "unique field may have at most 600"),
        ("text", {"unique": True, "default": "x"}, "unique field cannot have a default"),
        ("long_text", {"unique": True}, "cannot be unique"),
        ("json", {"unique": True}, "cannot be unique"),
        ("boolean", {"unique": True}, "cannot be unique"),
        ("choice", {"choices": []}, "at least one"),
        ("choice", {"choices": ["a", "a"]}, "twice"),
        ("choice", {"choices": [""]}, "empty"),
        ("choice", {"choices": ["a\0"]}, "NUL"),
        ("choice", {"choices": ["x" * 101]}, "at most 100"),
        ("link", {"on_delete": "explode"}, "clear"),
        ("text", {"maximum": 3}, "Extra"),
    ],
)
def test_settings_that_make_no_sense_are_refused(type_: str, given_: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        settings_of(type_, **given_)


def test_numbers_among_choices_are_text() -> None:
    assert settings_of("choice", choices=[1, Decimal("2.50"), True]).choices == ["1", "2.50", "true"]


@pytest.mark.parametrize(
    ("type_", "before", "after", "narrower"),
    [
        ("text", {"max_length": 10}, {"max_length": 20}, False),
        ("text", {"max_length": 20}, {"max_length": 10}, True),
        ("integer", {"min": 1}, {}, False),
        ("integer", {"min": 1}, {"min": 0}, False),
        ("integer", {}, {"min": 1}, True),
        ("integer", {"max": 9}, {"max": 8}, True),
        ("decimal", {"places": 2}, {"places": 3, "digits": 15}, True),
        ("decimal", {"places": 2, "digits": 10}, {"places": 3, "digits": 11}, False),
        ("decimal", {"places": 3}, {"places": 2}, True),
        ("choice", {"choices": ["a"]}, {"choices": {"a": "A", "b": "B"}}, False),
        ("choice", {"choices": ["a", "b"]}, {"choices": ["a"]}, True),
        ("json", {"max_length": 100}, {"max_length": 10}, True),
        ("url", {"max_length": 100}, {"max_length": 10}, True),
        ("long_text", {"max_length": 100}, {"max_length": 10}, True),
        ("link", {"table": "a"}, {"table": "b"}, True),
        ("date", {}, {"help": "x"}, False),
    ],
)
def test_narrower_settings_are_told_apart(
    type_: str, before: dict[str, Any], after: dict[str, Any], narrower: bool
) -> None:
    reason = field_type(type_).narrowing(settings_of(type_, **before), settings_of(type_, **after))
    assert bool(reason) is narrower


def test_every_widening_leads_to_a_type_that_exists() -> None:
    for each in field_types.values():
        assert each.widens_to <= set(field_types)


# --- defaults and display --------------------------------------------------------------------------------------------


@override_settings(MEANWHILE={"zone": "Asia/Tokyo"})
def test_today_and_now_are_those_of_the_record_in_the_zone_of_the_site() -> None:
    late = datetime(2026, 3, 31, 20, tzinfo=UTC)
    assert field_type("date").initial(settings_of("date", default="today"), late) == date(2026, 4, 1)
    assert field_type("datetime").initial(settings_of("datetime", default="now"), late) == late


def test_other_defaults_are_kept_as_the_field_keeps_them() -> None:
    assert field_type("date").initial(settings_of("date", default="2026-01-01"), NOON) == date(2026, 1, 1)
    assert field_type("decimal").initial(settings_of("decimal", default=Decimal("1.5")), NOON) == Decimal("1.50")
    assert field_type("text").initial(settings_of("text"), NOON) is None


def test_a_flag_is_false_until_it_is_set() -> None:
    assert field_type("boolean").initial(settings_of("boolean"), NOON) is False


@override_settings(MEANWHILE={"zone": "Europe/Vienna"})
def test_moments_without_a_zone_are_of_the_site() -> None:
    assert clean("datetime", "2026-07-01 14:00") == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert clean("date", datetime(2026, 7, 1, 23, tzinfo=UTC)) == date(2026, 7, 2)
    assert clean("datetime", datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=1)))).hour == 11


@pytest.mark.parametrize(
    ("type_", "value", "words"),
    [
        ("text", "Ada", "Ada"),
        ("decimal", Decimal("1E+3"), "1000"),
        ("boolean", True, "yes"),
        ("boolean", False, "no"),
        ("date", date(2026, 3, 31), "March 31, 2026"),
        ("datetime", NOON, "March 31, 2026, noon"),
        ("link", 5, "#5"),
        ("json", {"a": [Decimal("1.5")]}, '{"a": [1.5]}'),
    ],
)
def test_values_are_shown_to_people(type_: str, value: Any, words: str) -> None:
    kind = field_type(type_)
    assert kind.display(value, settings_of(type_), site_zone()) == words
    assert kind.display(None, settings_of(type_), site_zone()) == ""


def test_a_choice_is_shown_by_its_label() -> None:
    given_ = {"choices": {"a": "First", "b": "Second"}}
    assert field_type("choice").display("a", settings_of("choice", **given_), site_zone()) == "First"
