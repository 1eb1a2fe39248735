"""Form fields made from a table's fields: the control, its limits in the browser, and what it takes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User
from django.test import override_settings

from meanwhile.tables import form as table_form
from meanwhile.tables import records
from meanwhile.tables.form import form_field
from meanwhile.tables.table import Table
from tests.contract.conftest import drop_run_time_tables
from tests.contract.table_making import migrate

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TABLES: dict[str, Any] = {
    "item": {
        "name": {
            "type": "text",
            "max_length": 20,
            "required": True,
            "label": "Full name",
            "help": "As in the passport.",
        },
        "story": {"type": "long_text"},
        "seats": {"type": "integer", "min": 1, "max": 9},
        "fare": {"type": "decimal", "places": 2, "max": Decimal("99.5")},
        "agreed": {"type": "boolean", "required": True},
        "news": {"type": "boolean"},
        "day": {"type": "date"},
        "moment": {"type": "datetime"},
        "status": {"type": "choice", "choices": {"n": "New", "o": "Old"}},
        "email": {"type": "email"},
        "page": {"type": "url"},
        "data": {"type": "json"},
        "customer": {"type": "link", "table": "customer"},
        "badge": {"type": "link", "table": "customer", "display": "number"},
        "owner": {"type": "user"},
    },
    "customer": {"number": {"type": "integer"}, "name": {"type": "text"}},
}

type Tables = dict[str, Table]


@pytest.fixture
def tables(transactional_db: None) -> Iterator[Tables]:
    yield migrate(None, TABLES)
    drop_run_time_tables()


def filled(tables: Tables, sent: dict[str, Any] | None = None, **initial: Any) -> forms.Form:
    form = forms.Form(sent, initial=initial)
    form.fields.update({key: form_field(field, tables) for key, field in tables["item"].fields.items()})
    return form


def html(form: forms.Form, key: str) -> str:
    return str(form[key])


GOOD = {"name": "Ada", "agreed": "on"}


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("name", ['type="text"', 'maxlength="20"', 'autocomplete="name"', "required"]),
        ("story", ["<textarea"]),
        ("seats", ['type="number"', 'min="1"', 'max="9"', 'step="1"']),
        ("fare", ['type="number"', 'step="0.01"', 'max="99.5"']),
        ("news", ['type="checkbox"']),
        ("day", ['type="date"']),
        ("moment", ['type="datetime-local"']),
        ("status", ["<select", '<option value="n">New</option>']),
        ("email", ['type="email"', 'autocomplete="email"']),
        ("page", ['type="url"']),
        ("data", ["<textarea"]),
        ("customer", ["<select"]),
        ("owner", ["<select"]),
    ],
)
def test_the_browser_gets_a_control_that_helps(tables: Tables, key: str, parts: list[str]) -> None:
    shown = html(filled(tables), key)
    for part in parts:
        assert part in shown


def test_label_and_help_are_those_of_the_field(tables: Tables) -> None:
    control = form_field(tables["item"].fields["name"], tables)
    assert (control.label, control.help_text, control.required) == ("Full name", "As in the passport.", True)
    assert form_field(tables["item"].fields["seats"], tables).label == "Seats"


def test_what_a_person_enters_is_kept_as_the_field_keeps_it(tables: Tables) -> None:
    customer = records.insert(tables["customer"], {"name": "Ada"}, user_id=None, now=NOW)
    entered = {
        "name": " Ada ", "seats": "3", "fare": "1.5", "agreed": "on", "day": "2026-03-31",
        "moment": "2026-03-31T14:30", "status": "n", "data": "[1]", "customer": str(customer),
    }  # fmt: skip
    form = filled(tables, entered)
    assert form.errors == {}
    expected = {
        "name": "Ada", "seats": 3, "fare": Decimal("1.50"), "agreed": True, "news": False,
        "moment": datetime(2026, 3, 31, 14, 30, tzinfo=UTC), "status": "n", "data": [1], "customer": customer,
        "story": None, "email": None, "owner": None,
    }  # fmt: skip
    assert {key: form.cleaned_data[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("name", "", "This is needed."),
        ("name", "x" * 21, "This may have at most 20 characters; it has 21."),
        ("agreed", "", "This is needed."),
        ("seats", "10", "This may be at most 9."),
        ("seats", "many", "This must be a whole number."),
        ("fare", "1.555", "This may have at most 2 decimal places."),
        ("day", "soon", "This must be a date, such as 2026-03-31."),
        ("status", "x", '"x" is not one of: n, o.'),
        ("email", "ada", "This must be one e-mail address, such as name@example.org."),
        ("page", "javascript:1", "This must be a web address that starts with http:// or https://."),
        ("data", "{", "This must be JSON: a list or a mapping."),
        ("name", "a\0b", "NUL characters are not allowed."),
    ],
)
def test_messages_name_the_limit_and_the_input_is_kept(tables: Tables, key: str, value: str, message: str) -> None:
    form = filled(tables, {**GOOD, key: value})
    assert form.errors.get_json_data() == {key: [{"message": message, "code": form.errors.as_data()[key][0].code}]}
    assert form[key].value() in (value, False)


@override_settings(MEANWHILE={"zone": "Europe/Vienna"})
def test_kept_values_are_shown_as_the_control_takes_them(tables: Tables) -> None:
    values = {
        "moment": datetime(2026, 7, 1, 12, tzinfo=UTC),
        "fare": Decimal("1E+1"),
        "data": {"a": [Decimal("1.5"), "é"]},
        "day": datetime(2026, 7, 1).date(),
    }
    form = filled(tables, **values)
    assert 'value="2026-07-01T14:00"' in html(form, "moment")
    assert 'value="10"' in html(form, "fare")
    assert 'value="2026-07-01"' in html(form, "day")
    assert "é" in html(form, "data")
    exact = filled(tables, moment=datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC))
    assert 'value="2026-07-01T14:00:05"' in html(exact, "moment")


# --- links -----------------------------------------------------------------------------------------------------------


def test_links_offer_records_by_what_people_know_them_by(tables: Tables) -> None:
    ada = records.insert(tables["customer"], {"name": "Ada", "number": 7}, user_id=None, now=NOW)
    nameless = records.insert(tables["customer"], {}, user_id=None, now=NOW)
    shown = html(filled(tables, customer=ada), "customer")
    assert f'<option value="{ada}" selected>Ada</option>' in shown
    assert f'<option value="{nameless}">#{nameless}</option>' in shown
    assert f'<option value="{ada}">7</option>' in html(filled(tables), "badge")


def test_links_offer_people_who_are_active(tables: Tables) -> None:
    ada = User.objects.create_user("ada", first_name="Ada", last_name="Lovelace")
    gone = User.objects.create_user("gone", is_active=False)
    shown = html(filled(tables), "owner")
    assert f'<option value="{ada.pk}">Ada Lovelace</option>' in shown
    assert "gone" not in shown
    assert f'<option value="{gone.pk}" selected>gone</option>' in html(filled(tables, owner=gone.pk), "owner")


def test_the_chosen_record_is_offered_even_where_the_list_is_cut(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Saving a form unchanged would have emptied the link.
    monkeypatch.setattr(table_form, "CHOICES", 2)
    ids = [records.insert(tables["customer"], {"name": str(number)}, user_id=None, now=NOW) for number in range(5)]
    shown = html(filled(tables, customer=ids[0]), "customer")
    assert f'<option value="{ids[0]}" selected>0</option>' in shown
    assert shown.count("<option") == 4


@pytest.mark.parametrize("sent", ["99", "abc", "9" * 40, "-1", "a\0"])
def test_whatever_is_sent_for_a_link_is_shown_again_or_refused_without_an_accident(tables: Tables, sent: str) -> None:
    form = filled(tables, {**GOOD, "customer": sent})
    form.is_valid()
    assert "<select" in html(form, "customer")


def test_a_table_that_is_not_there_offers_nothing(tables: Tables) -> None:
    control = form_field(tables["item"].fields["customer"], {})
    assert control.widget.render("customer", None).count("<option") == 1
