"""The console command says what went wrong in a sentence, and ends with the code that says so."""

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from meanwhile.cli.main import COMMANDS, commands, perform
from meanwhile.cli.worker import MOST_THREADS
from meanwhile.core.conf import ALLOWED


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
    ],
)
def test_an_option_that_nothing_could_start_with_is_wrong_use_and_says_what_is_allowed(
    words: Sequence[str], allowed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        perform(words)
    assert ended.value.code == 2
    assert allowed in capsys.readouterr().err


def test_a_worker_may_have_as_many_threads_as_the_setting_allows() -> None:
    assert str(ALLOWED["effect_threads"]) == f"a whole number from 1 to {MOST_THREADS:,}"


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


def test_a_database_without_tables_is_said_with_the_mend(tmp_path: Path) -> None:
    result = _run(tmp_path, "worker", "--drain")
    assert result.returncode == 1
    assert "Run: meanwhile migrate" in result.stderr


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
