"""``meanwhile doctor``: each thing that can be wrong, made wrong for real, is told with what to do."""

import io
import json
import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.db import connection
from rich.console import Console

from meanwhile.cli import main
from meanwhile.cli.checkup import database, disk
from meanwhile.core import clock
from meanwhile.queue import rules
from meanwhile.queue.states import State
from tests.contract.databases_in_trouble import out_of_reach, read_only
from tests.contract.making_jobs import make_job, make_lease
from tests.ports import free_port

pytestmark = pytest.mark.django_db
ON_POSTGRESQL = "connection.vendor == 'postgresql'"


@pytest.fixture(autouse=True)
def healthy(settings: Any, tmp_path: Path, db: None) -> None:
    """A site without a problem; each test breaks one thing."""
    if connection.vendor == "postgresql":  # the tests do not wait for the disk, as a site has to
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")
    settings.DATA = tmp_path
    settings.MEANWHILE = {**settings.MEANWHILE, "mail_folder": str(tmp_path / "mail"), "wake_folder": str(tmp_path)}


def doctor(*words: str) -> tuple[int, str]:
    """The exit code and what is printed."""
    out = io.StringIO()
    code = main.perform(["doctor", *words], Console(file=out, width=500))
    return code, out.getvalue()


def told(check: str) -> dict[str, str]:
    """The first thing that is told of ``check``."""
    _code, out = doctor("--json")
    return next(each for each in json.loads(out)["checks"] if each["check"] == check)


def level(check: str) -> str:
    return told(check)["level"]


# --- as a whole ---------------------------------------------------------------------------------------------------


def test_a_healthy_site_has_no_problems_and_a_line_for_each_check() -> None:
    make_lease()
    code, out = doctor()
    assert code == 0, out
    for check in ("SECRET_KEY", "DEBUG", "Durability", "Clock", "Tables", "Workers", "Failed jobs", "Leases", "Disk"):
        assert f" {check} " in out
    assert re.fullmatch(r"No problems, (no warnings|1 warning|[2-9] warnings)\.", out.splitlines()[-1])


def test_a_problem_ends_with_1_and_says_what_to_do() -> None:
    make_lease()
    make_job(None, State.FAILED)
    code, out = doctor()
    assert code == 1
    (line,) = [line for line in out.splitlines() if "Failed jobs" in line]
    assert "1 waits for a person. See why: meanwhile jobs list --state failed." in line
    assert out.splitlines()[-1].startswith("1 problem, ")


def test_programs_get_json_with_the_same_exit_code() -> None:
    make_job(None, State.FAILED)
    code, out = doctor("--json")
    found = json.loads(out)
    assert (code, found["is_well"]) == (1, False)
    assert {"check", "level", "meaning", "advice"} == set(found["checks"][0])


def test_a_terminal_without_our_signs_gets_plain_ones() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert main.perform(["doctor"], Console(file=out, width=500)) == 0
    out.seek(0)
    assert "ok DEBUG" in out.read()


# --- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["short", "x" * 60, "django-insecure-" + "abcdefghij" * 6])
def test_a_key_that_can_be_guessed_is_a_problem(settings: Any, key: str) -> None:
    settings.SECRET_KEY = key
    assert level("SECRET_KEY") == "problem"


def test_debugging_is_a_problem_where_others_reach_the_site(settings: Any) -> None:
    settings.DEBUG = True
    assert level("DEBUG") == "warning"
    settings.MEANWHILE = {**settings.MEANWHILE, "base_url": "https://forms.example.org"}
    assert level("DEBUG") == "problem"


def test_a_site_that_does_not_answer_to_its_own_name_is_a_problem(settings: Any) -> None:
    assert level("Address") == "warning"
    settings.MEANWHILE = {**settings.MEANWHILE, "base_url": "https://forms.example.org"}
    settings.ALLOWED_HOSTS = ["localhost"]
    assert level("Address") == "problem"
    settings.ALLOWED_HOSTS = [".example.org"]
    assert level("Address") == "ok"
    settings.ALLOWED_HOSTS = ["*"]
    assert level("Address") == "warning"


def test_a_setting_that_does_not_exist_is_told_by_the_system_checks(settings: Any, tmp_path: Path) -> None:
    settings.MEANWHILE = {**settings.MEANWHILE, "wake_folder": str(tmp_path / "file")}
    (tmp_path / "file").touch()
    assert "meanwhile.W003" in told("System checks")["meaning"]


@pytest.mark.parametrize("given", [{"attemps": 3}, {"token_age_days": "x"}])
def test_settings_that_cannot_be_used_are_one_problem_and_the_rest_is_still_looked_at(
    settings: Any, given: dict[str, Any]
) -> None:
    # An unknown setting ended the doctor with a traceback, just when it was needed.
    settings.MEANWHILE = given
    _code, out = doctor("--json")
    found = json.loads(out)["checks"]
    (wrong,) = [each for each in found if each["level"] == "problem"]
    assert wrong["check"] == "System checks"
    assert f'"{next(iter(given))}"' in wrong["meaning"].replace("'", '"')
    assert [each["check"] for each in found].count("Settings") == 1
    assert {"SECRET_KEY", "Database", "Failed jobs"} <= {each["check"] for each in found}


# --- the database -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "is_mended"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_releases_of_sqlite_without_the_fix_are_known(release: tuple[int, ...], is_mended: bool) -> None:
    assert database.is_mended(release) is is_mended
    finding = database.sqlite_version(".".join(map(str, release)))
    assert (finding.level == "ok") is is_mended
    assert ("3.51.3" in finding.advice) is not is_mended


def test_the_version_and_the_safety_of_commits_are_told() -> None:
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    assert any(digit.isdigit() for digit in told(name)["meaning"])
    # The server of the tests may be set up to be fast and not safe; that is told too.
    assert level("Durability") in ("ok", "problem")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(ON_POSTGRESQL, reason="A pragma of SQLite.")
def test_an_sqlite_that_does_not_wait_for_the_disk_is_a_problem() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = NORMAL")
    try:
        assert level("Durability") == "problem"
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="A setting of PostgreSQL.")
def test_a_postgresql_that_does_not_wait_for_the_disk_is_a_problem() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        assert "synchronous_commit" in told("Durability")["meaning"]
    finally:
        connection.close()


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no clock of its own.")
def test_a_clock_that_goes_wrong_is_told_with_how_much() -> None:
    assert level("Clock") == "ok"
    with time_machine.travel(clock.now() + timedelta(seconds=10)):
        assert level("Clock") == "warning"
    with time_machine.travel(clock.now() - timedelta(minutes=5)):
        found = told("Clock")
    assert found["level"] == "problem"
    assert "behind the database" in found["meaning"]


def test_migrations_that_are_missing_are_a_problem_and_nothing_else_is_asked() -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder(connection).record_unapplied("meanwhile", "0004_queues")
    found = told("Tables")
    assert found["level"] == "problem"
    assert "meanwhile.0004_queues" in found["meaning"]
    assert found["advice"] == "Run: meanwhile migrate"
    assert level("Queue") == "skipped"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_can_only_be_read_is_a_problem() -> None:
    with read_only():
        assert level("Database") == "problem"
    assert level("Database") == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_database_out_of_reach_is_one_problem_and_the_rest_is_still_looked_at() -> None:
    with out_of_reach():
        code, out = doctor("--json")
    found = json.loads(out)["checks"]
    assert code == 1
    assert [each["check"] for each in found if each["level"] == "problem"] == ["Database"]
    assert {"SECRET_KEY", "Mail", "Disk"} < {each["check"] for each in found}


# --- the queue ----------------------------------------------------------------------------------------------------


def test_a_queue_that_has_jobs_and_no_worker_is_a_problem() -> None:
    make_lease("fast")
    make_job(None, State.SCHEDULED, queue="slow")
    found = told("Workers")
    assert found["level"] == "problem"
    assert '1 job is in the queue "slow", and no worker serves it.' in found["meaning"]
    assert "--queues slow" in found["advice"]
    make_lease("slow")
    assert level("Workers") == "ok"


def test_jobs_that_wait_in_a_paused_queue_are_told_of() -> None:
    rules.pause("mail")
    assert level("Paused queues") == "ok"
    make_job(None, queue="mail")
    found = told("Paused queues")
    assert (found["level"], found["meaning"]) == ("warning", '"mail" is paused, and 1 job waits in it.')
    assert "meanwhile queues resume mail" in found["advice"]


def test_a_site_without_worker_and_without_jobs_is_only_warned() -> None:
    assert level("Workers") == "warning"
    make_lease()
    assert told("Workers")["meaning"] == "1 lives, and every queue that has jobs is served."


def test_a_dead_holder_whose_jobs_nobody_takes_over_is_a_problem() -> None:
    make_job(None, State.RUNNING, lease=make_lease(seconds=-5))
    assert level("Leases") == "ok"  # the next sweep takes it
    make_job(None, State.RUNNING, lease=make_lease(seconds=-120))
    found = told("Leases")
    sentence = "The holder of 1 running job is dead, and nobody takes it over."
    assert (found["level"], found["meaning"]) == ("problem", sentence)


# --- mail and disks -----------------------------------------------------------------------------------------------


@pytest.fixture
def smtp(settings: Any) -> Iterator[Controller]:
    """A mail server that lets only ``site`` with the password ``right`` in."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    controller = Controller(
        object(), hostname="127.0.0.1", port=free_port(), authenticator=check, auth_require_tls=False
    )
    controller.start()
    _use_mailer(settings, controller.port)
    yield controller
    controller.stop()


def _use_mailer(settings: Any, port: int, **options: Any) -> None:
    settings.MEANWHILE = {**settings.MEANWHILE, "mail_folder": None}
    backend = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"host": "127.0.0.1", "port": port, **options}}}


def test_a_mail_server_that_can_be_reached_is_well(smtp: Controller) -> None:
    assert told("Mail") == {
        "check": "Mail",
        "level": "ok",
        "meaning": f"127.0.0.1:{smtp.port} can be reached.",
        "advice": "",
    }


def test_a_mail_server_that_refuses_the_sign_in_is_a_problem(smtp: Controller, settings: Any) -> None:
    _use_mailer(settings, smtp.port, username="site", password="right")
    assert level("Mail") == "ok"
    _use_mailer(settings, smtp.port, username="site", password="wrong")
    assert "refuses the sign-in" in told("Mail")["meaning"]


def test_a_mail_server_that_is_not_there_is_a_problem(settings: Any) -> None:
    _use_mailer(settings, free_port())
    found = told("Mail")
    assert found["level"] == "problem"
    assert "cannot be reached" in found["meaning"]


def test_a_mail_folder_is_written_to_and_left_as_it_was(settings: Any, tmp_path: Path) -> None:
    assert level("Mail") == "ok"
    assert list((tmp_path / "mail").iterdir()) == []
    settings.MEANWHILE = {**settings.MEANWHILE, "base_url": "https://forms.example.org"}
    assert "sent to nobody" in told("Mail")["meaning"]
    assert level("Mail") == "warning"


def test_a_mail_folder_that_cannot_be_written_is_a_problem(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch(stat.S_IRUSR)
    settings.MEANWHILE = {**settings.MEANWHILE, "mail_folder": str(tmp_path / "file" / "mail")}
    assert level("Mail") == "problem"


def test_a_disk_that_fills_up_is_warned_of_and_then_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "WARNING_BYTES", 1 << 60)
    assert level("Disk") == "warning"
    monkeypatch.setattr(disk, "PROBLEM_BYTES", 1 << 60)
    assert level("Disk") == "problem"
