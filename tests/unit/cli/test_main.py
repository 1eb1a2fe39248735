"""The console command says what went wrong in a sentence, and ends with the code that says so."""

import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from meanwhile.cli.main import COMMANDS, commands, perform
from tests.ports import free_port


def _run(tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "meanwhile", *words],
        capture_output=True,
        text=True,
        env={"DATA": str(tmp_path), "PATH": "", **environment},
        timeout=60,
    )


def test_every_module_holds_the_command_of_its_name() -> None:
    assert [command.name for command in commands()] == list(COMMANDS)


@pytest.mark.parametrize("words", [["chekc"], ["check"], ["web", "--port", "eighty"], []])
def test_wrong_usage_ends_with_two(words: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        perform(words)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["web", "--port", "99999"], "from 1 to 65,535."),
        (["web", "--web-processes", "0"], "from 1 to 1,000."),
        (["web", "--web-threads", "0"], "from 1 to 1,000."),
        (["run", "--port", "-1"], "from 1 to 65,535."),
        (["run", "--web-processes", "0"], "from 1 to 1,000."),
        (["run", "--threads", "0"], "from 1 to 1,000."),
        (["worker", "--threads", "-1"], "from 1 to 1,000."),
        (["worker", "--threads", "0"], "from 1 to 1,000."),
        (["worker", "--queues", ""], "Name at least one"),
        (["worker", "--queues", " ,,"], "Name at least one"),
        (["worker", "--queues", "mail," + "x" * 61], "1 to 60 characters"),
    ],
)
def test_an_option_that_nothing_could_start_with_is_wrong_use_and_says_what_is_allowed(
    words: Sequence[str], allowed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        perform(words)
    assert ended.value.code == 2
    assert allowed in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"attemps": 3}, "(meanwhile.E001) MEANWHILE has no setting 'attemps'. Did you mean 'attempts'?"),
        ({"attempts": 0}, '(meanwhile.E004) MEANWHILE["attempts"] is 0, but has to be a whole number from 1 to 100.'),
    ],
)
def test_whoever_serves_or_works_refuses_settings_that_cannot_be_used(
    tmp_path: Path, given: dict[str, int], sentence: str
) -> None:
    for words in (["worker"], ["web", "--port", str(free_port())]):
        result = _run(tmp_path, *words, MEANWHILE=json.dumps(given))
        assert (result.returncode, result.stderr) == (1, f"{sentence}\n")


def test_a_command_that_looks_at_no_checks_says_what_is_wrong_with_the_settings_too(tmp_path: Path) -> None:
    assert _run(tmp_path, "migrate").returncode == 0
    result = _run(tmp_path, "purge", MEANWHILE='{"purge_days": "x"}')
    assert result.returncode == 1
    assert result.stderr.startswith("MEANWHILE[\"purge_days\"] is 'x', but has to be ")


def test_a_proxy_that_is_no_address_keeps_the_web_server_from_starting(tmp_path: Path) -> None:
    result = _run(tmp_path, "web", "--port", str(free_port()), TRUSTED_PROXIES="abc")
    assert result.returncode == 1
    assert result.stderr.startswith("(meanwhile.E006) TRUSTED_PROXIES holds 'abc'")


def test_the_doctor_tells_of_a_dead_database_once_and_of_our_settings_all_the_same(tmp_path: Path) -> None:
    # System checks of Django ask the database the first time; the doctor told their failure beside its own, with
    # another advice, and then nothing of what our checks found.
    nowhere = f"sqlite:///{tmp_path}/nowhere/at/all.sqlite3"
    result = _run(tmp_path, "doctor", "--json", DATABASE_URL=nowhere, MEANWHILE='{"attempts": 0}')
    told = [each for each in json.loads(result.stdout)["checks"] if each["level"] == "problem"]
    assert [each["check"] for each in told] == ["System checks", "Database"]
    assert told[0]["meaning"].startswith("meanwhile.E004")
    assert told[1]["advice"] == "Start it, or set DATABASE_URL right."


def test_a_missing_file_is_said_in_one_line_without_traceback(tmp_path: Path) -> None:
    result = _run(tmp_path, "check", "nowhere.yaml")
    assert result.returncode == 1
    assert "nowhere.yaml" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_wrong_settings_are_said_without_traceback(tmp_path: Path) -> None:
    result = _run(tmp_path, "migrate", EMAIL_URL="mail.example.org")
    assert result.returncode == 1
    assert "EMAIL_URL has to look like" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_is_not_there_is_said_without_traceback(tmp_path: Path) -> None:
    result = _run(tmp_path, "migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert result.returncode == 1
    assert "The database refused" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("words", [["migrate"], ["apply", "nowhere.yaml"], ["owner"]])
def test_what_prepares_a_site_says_on_which_database_and_no_password(tmp_path: Path, words: Sequence[str]) -> None:
    # Without the environment of the services these prepared a new SQLite file in the folder data, and said nothing.
    result = _run(tmp_path, *words, DATABASE_URL="postgresql://forms:secret@127.0.0.1:1/booking")
    assert result.stdout.splitlines()[0] == 'Database: PostgreSQL, "booking" at 127.0.0.1:1'
    assert "secret" not in result.stdout + result.stderr


def test_a_database_that_is_a_file_is_said_with_its_whole_path(tmp_path: Path) -> None:
    result = _run(tmp_path, "migrate")
    assert result.returncode == 0
    assert f"Database: SQLite, {tmp_path / 'meanwhile.sqlite3'}" in result.stdout.splitlines()


def test_a_database_without_tables_is_said_with_the_mend(tmp_path: Path) -> None:
    result = _run(tmp_path, "worker", "--drain")
    assert result.returncode == 1
    assert "Run: meanwhile migrate" in result.stderr


def test_a_worker_that_lacks_a_function_says_so_as_it_starts(tmp_path: Path) -> None:
    document = tmp_path / "shop.yaml"
    document.write_text(
        "application: shop\n"
        "tables: {item: {fields: {name: {type: text}}, events: {record_update: [{background: , do: [call: work]}]}}}\n"
    )
    functions = tmp_path / "functions.py"
    functions.write_text("from meanwhile import function\n\n\n@function\ndef work() -> None: ...\n")
    _run(tmp_path, "migrate")
    assert _run(tmp_path, "apply", str(document)).returncode == 0
    result = _run(tmp_path, "worker", "--drain")
    assert result.returncode == 0
    assert 'Version 1 of "shop" calls the function "work", not registered here' in result.stderr
    assert "Name the file that registers it in MEANWHILE_FUNCTIONS" in result.stderr
    told = _run(tmp_path, "worker", "--drain", MEANWHILE_FUNCTIONS=str(functions))
    assert told.returncode == 0
    assert "not registered" not in told.stderr


def test_a_port_that_is_taken_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = _run(tmp_path, "run", "--port", port)
    assert result.returncode == 1
    assert f"Cannot listen at 127.0.0.1:{port}: Address already in use. Choose another port" in result.stderr


def test_a_host_project_reaches_the_same_commands(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "django",
        "meanwhile",
        "check",
        "nowhere.yaml",
        "--settings=meanwhile.config.settings",
    ]
    result = subprocess.run(words, capture_output=True, text=True, env={"DATA": str(tmp_path), "PATH": ""}, timeout=60)
    assert result.returncode == 1
    assert "nowhere.yaml" in result.stdout


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    whole = subprocess.run(
        f"{sys.executable} -m meanwhile schema | head -1",
        shell=True,
        capture_output=True,
        text=True,
        env={"DATA": str(tmp_path), "PATH": "/usr/bin:/bin"},
        timeout=60,
    )
    assert whole.stdout == "{\n"
    assert whole.stderr == ""
