"""The settings: what each may be, and what is refused when they are read."""

from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from meanwhile.core.conf import ALLOWED, BadSettings, Conf, conf


@pytest.mark.parametrize("name", ALLOWED)
def test_a_default_is_allowed(name: str) -> None:
    assert ALLOWED[name].fits(getattr(Conf(), name))


@pytest.mark.parametrize("name", ALLOWED)
@pytest.mark.parametrize("value", [[], {}, True, b"x"])
def test_no_setting_takes_what_has_another_type(name: str, value: Any) -> None:
    assert not ALLOWED[name].fits(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_age_days", 0),
        ("token_age_days", "x"),
        ("token_age_days", None),
        ("lease_seconds", float("inf")),
        ("lease_seconds", float("nan")),
        ("lease_seconds", -1),
        ("attempts", 3.5),
        ("attempts", 10**400),
        ("zone", "Mars"),
        ("zone", "Europe"),
        ("zone", "../localtime"),
        ("zone", ""),
        ("base_url", "example.org"),
        ("base_url", "https://example.org/"),
        ("base_url", "https://["),
        ("mail_folder", ""),
        ("mail_folder", 5),
    ],
)
def test_a_value_that_nothing_could_be_made_of_is_refused(name: str, value: Any) -> None:
    with override_settings(MEANWHILE={name: value}), pytest.raises(BadSettings) as refused:
        conf()
    (sentence,) = refused.value.wrong
    assert sentence.startswith(f'MEANWHILE["{name}"] is ')
    assert sentence.endswith(f", but has to be {ALLOWED[name]}.")


@pytest.mark.parametrize(
    "given",
    [
        {"open_form_per_minute": 0, "stall_seconds": 0, "event_depth": 0, "backoff_seconds": 0},
        {"lease_seconds": 0.3, "poll_seconds": 0.05, "token_age_days": 0.0001},
        {"poll_seconds": 3600, "sweep_seconds": 3600.0},
        {"zone": "Europe/Vienna", "base_url": "http://127.0.0.1:8000", "mail_folder": Path("/mail")},
    ],
)
def test_what_is_unusual_is_allowed(given: dict[str, Any]) -> None:
    with override_settings(MEANWHILE=given):
        assert {name: getattr(conf(), name) for name in given} == given


def test_a_secret_is_not_shown_when_it_is_refused() -> None:
    with override_settings(MEANWHILE={"metrics_token": 271828}), pytest.raises(BadSettings) as refused:
        conf()
    assert str(refused.value) == 'MEANWHILE["metrics_token"] has to be a text, or None.'


def test_what_is_no_mapping_is_refused() -> None:
    with override_settings(MEANWHILE=["attempts"]), pytest.raises(BadSettings, match="has to be a mapping"):
        conf()


def test_the_settings_are_read_once() -> None:
    assert conf() is conf()
