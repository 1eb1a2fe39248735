"""What an application starts as: a document that works, whatever a person calls its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions.editing.refused import EditRefused
from meanwhile.definitions.editing.starting import (
    FirstField,
    application_key,
    first_keys,
    first_types,
    new_application,
)
from meanwhile.definitions.inspection import inspect
from meanwhile.designer.starters import NAMES, starter

LABELS = st.text(min_size=1, max_size=60).map(str.strip).filter(bool)
NAME, MAIL = FirstField("Name", "text"), FirstField("E-mail", "email")


def test_a_new_application_checks_clean_and_is_wired_together() -> None:
    plain = new_application("guest_book", "Guest book", "Guest", [NAME, MAIL])
    assert inspect(plain).problems == ()
    assert list(plain["tables"]["guest"]["fields"]) == ["name", "email", "done"]
    assert plain["tables"]["guest"]["events"] == {"record_update": []}
    assert plain["forms"]["guest"]["fields"] == ["name", "email"]
    assert plain["forms"]["guest"]["next"] == "working"
    assert plain["pages"]["working"]["next"] == "thank_you"


@given(LABELS, LABELS, st.lists(LABELS, min_size=1, max_size=5))
def test_whatever_it_is_called_a_new_application_checks_clean(title: str, table: str, labels: list[str]) -> None:
    fields = [FirstField(label, "text") for label in labels]
    assert inspect(new_application(application_key(title), title, table, fields)).problems == ()


def test_every_type_that_needs_no_settings_can_be_a_first_field() -> None:
    assert {"text", "email", "integer", "boolean", "date"} <= set(first_types())
    assert not {"choice", "link"} & set(first_types())
    for type_ in first_types():
        assert inspect(new_application("app", "App", "Thing", [FirstField("First", type_)])).problems == ()


def test_fields_of_the_same_name_get_keys_of_their_own() -> None:
    assert first_keys([NAME, NAME, FirstField("Done", "text")]) == ["name", "name_2", "done"]
    plain = new_application("app", "App", "Thing", [FirstField("Done", "text")])
    assert list(plain["tables"]["thing"]["fields"]) == ["done", "done_2"]


def test_an_application_s_key_is_a_free_one() -> None:
    assert application_key("Guest book") == "guest_book"
    assert application_key("Guest book", ["guest_book"]) == "guest_book_2"
    assert application_key("24 hours") == "app_24_hours"


def test_an_application_without_a_field_or_with_an_impossible_key_is_refused() -> None:
    with pytest.raises(EditRefused):
        new_application("app", "App", "Thing", [])
    with pytest.raises(EditRefused):
        new_application("No Key", "App", "Thing", [NAME])


@pytest.mark.parametrize("name", NAMES)
def test_every_starter_has_nothing_wrong_with_it(name: str) -> None:
    assert inspect(starter(name)).problems == ()


def test_a_starter_that_does_not_exist_is_missing() -> None:
    with pytest.raises(MissingDefinition):
        starter("../secrets")
