"""What would break a promise is found before anything is served."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from meanwhile import checks


class Elsewhere:
    """A router that keeps the jobs in a database of their own."""

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "jobs" if model.__name__ == "Job" else None


def _ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def test_a_router_that_splits_our_models_is_refused(settings: Any) -> None:
    settings.DATABASE_ROUTERS = [f"{__name__}.Elsewhere"]
    assert _ids(checks.check_one_database(None)) == ["meanwhile.E002"]


def test_one_database_is_fine() -> None:
    assert checks.check_one_database(None) == []


def test_an_unknown_setting_is_refused_with_the_nearest_that_exists(settings: Any) -> None:
    settings.MEANWHILE = {"atempts": 3}
    found = checks.check_settings(None)
    assert _ids(found) == ["meanwhile.E001"]
    assert "Did you mean 'attempts'?" in found[0].msg


def test_a_value_that_a_setting_cannot_have_is_refused_with_what_it_may_be(settings: Any) -> None:
    settings.MEANWHILE = {"attempts": 0, "zone": "Mars"}
    found = checks.check_settings(None)
    assert _ids(found) == ["meanwhile.E004", "meanwhile.E004"]
    assert found[0].msg == 'MEANWHILE["attempts"] is 0, but has to be a whole number from 1 to 100.'
    assert "is 'Mars', but has to be the name of a time zone" in found[1].msg


def test_all_that_is_wrong_is_said_at_once(settings: Any) -> None:
    settings.MEANWHILE = {"atempts": 3, "deaths": "x"}
    assert _ids(checks.check_settings(None)) == ["meanwhile.E001", "meanwhile.E004"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"lease_seconds": 1, "stall_seconds": 50}, '"stall_seconds"] is 50, but has to be at most lease_seconds, 1:'),
        ({"stall_seconds": 2}, '"inline_function_seconds"] is 5, but has to be at most stall_seconds, 2:'),
        ({"poll_seconds": 40, "sweep_seconds": 30}, '"poll_seconds"] is 40 and sweep_seconds is 30, but one of them'),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: Any, given: dict[str, Any], sentence: str) -> None:
    settings.MEANWHILE = given
    errors = [message for message in checks.check_settings(None) if message.is_serious()]
    assert sentence in errors[0].msg
    assert set(_ids(errors)) == {"meanwhile.E005"}


@pytest.mark.parametrize("given", [{}, {"poll_seconds": 40}, {"lease_seconds": 20}, {"inline_function_seconds": 20}])
def test_settings_that_fit_together_are_fine(settings: Any, given: dict[str, Any]) -> None:
    settings.MEANWHILE = given
    assert checks.check_settings(None) == []


@pytest.mark.parametrize("given", [{"lease_seconds": 3600}, {"sweep_seconds": 40}, {"request_limit_seconds": 50}])
def test_a_takeover_that_comes_later_than_promised_is_warned_of(settings: Any, given: dict[str, Any]) -> None:
    settings.MEANWHILE = given
    assert _ids(checks.check_settings(None)) == ["meanwhile.W005"]


@pytest.mark.parametrize("name", ["abc", "*", "10.0.0.1/8", "10.0.0.300"])
def test_a_proxy_that_is_no_address_is_refused(settings: Any, name: str) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", name]
    [found] = checks.check_proxies(None)
    assert (found.id, repr(name) in found.msg) == ("meanwhile.E006", True)


def test_proxies_are_addresses_and_networks(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8"]
    assert checks.check_proxies(None) == []


def test_sqlite_without_its_options_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"init_command": "PRAGMA journal_mode=WAL"})
    [found] = checks.check_engine(None)
    assert found.id == "meanwhile.W001"
    assert "IMMEDIATE" in found.msg
    assert "synchronous=FULL" in found.msg
    assert "WAL" not in found.msg


def test_a_database_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "mysql")
    assert _ids(checks.check_engine(None)) == ["meanwhile.E003"]


def test_sqlite_without_a_wake_folder_is_warned_of(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    settings.MEANWHILE = {"mail_folder": "/somewhere"}
    assert _ids(checks.check_folders(None)) == ["meanwhile.W002"]


def test_a_folder_that_is_a_file_is_warned_of(settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "mail"
    file.touch()
    settings.MEANWHILE = {"mail_folder": str(file), "wake_folder": str(tmp_path)}
    assert _ids(checks.check_folders(None)) == ["meanwhile.W003"]


def test_no_way_for_mail_is_warned_of(settings: Any, tmp_path: Path) -> None:
    settings.MEANWHILE = {"wake_folder": str(tmp_path)}
    settings.MAILERS = {}
    assert _ids(checks.check_folders(None)) == ["meanwhile.W004"]
