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
