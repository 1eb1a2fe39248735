"""With LOG_FORMAT=json whatever a server writes on standard error is one JSON object a line, refusals included."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.contract.queue.running import wait_until
from tests.ports import free_port

TOKEN = "WyJwYWdlIl0:1abcDE:c2lnbmF0dXJl"


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"DATA": str(tmp_path), "PATH": "", "LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1", **more}


def run(tmp_path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "meanwhile", *words],
        capture_output=True,
        text=True,
        env=environment(tmp_path, **more),
        timeout=60,
    )


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("words", [["web"], ["worker"]])
def test_missing_migrations_are_a_line_of_the_log(tmp_path: Path, words: Sequence[str]) -> None:
    result = run(tmp_path, *words)
    (line,) = lines(result.stderr)
    assert (result.returncode, line["level"]) == (1, "ERROR")
    assert "Run: meanwhile migrate" in line["message"]


def test_a_database_that_refuses_in_several_lines_is_one_line(tmp_path: Path) -> None:
    (line,) = lines(run(tmp_path, "worker", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing").stderr)
    assert "The database refused" in line["message"]


def test_settings_that_cannot_be_read_are_a_line(tmp_path: Path) -> None:
    (line,) = lines(run(tmp_path, "run", EMAIL_URL="mail.example.org").stderr)
    assert "EMAIL_URL has to look like" in line["message"]


def test_a_traceback_that_ends_a_start_is_one_line(tmp_path: Path) -> None:
    result = run(tmp_path, "worker", DJANGO_SETTINGS_MODULE="nowhere.settings")
    (line,) = lines(result.stderr)
    assert (result.returncode, line["level"]) == (1, "CRITICAL")
    assert line["error"].endswith("No module named 'nowhere'")


def test_commands_that_people_use_speak_to_people(tmp_path: Path) -> None:
    assert run(tmp_path, "jobs", "show", "1").stderr.startswith("The database lacks")


def test_every_line_of_a_server_with_an_access_log_is_json_and_opens_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").returncode == 0
    port = free_port()
    words = [sys.executable, "-m", "meanwhile", "web", "--port", str(port), "--access-log"]
    server = subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, env=environment(tmp_path, TRUSTED_PROXIES="127.0.0.1")
    )
    try:
        assert server.stderr is not None
        begin = server.stderr.readline()
        wait_until(lambda: is_open(port))
        address = f"http://127.0.0.1:{port}/pages/ops/wait/{TOKEN}/"
        request = urllib.request.Request(address, headers={"X-Forwarded-For": "203.0.113.9"})
        for method in ("GET", "POST"):  # an address that nothing answers, and a form without its cookie
            request.method = method
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(request, timeout=30)
    finally:
        os.kill(server.pid, signal.SIGTERM)
        _out, rest = server.communicate(timeout=60)
    told = lines(begin + rest)
    assert told[0]["message"].startswith(f"The web server begins to listen at http://127.0.0.1:{port};")
    assert told[-1]["message"] == "The web server has ended."
    got, sent = [line for line in told if line["logger"] == "meanwhile.access"]
    assert (got["method"], got["status"], got["client"]) == ("GET", 404, "203.0.113.9")
    assert (sent["method"], sent["status"]) == ("POST", 403)
    assert got["path"] == "/pages/ops/wait/…bmF0dXJl/"
    assert {"django.request", "django.security.csrf"} <= {line["logger"] for line in told}
    assert TOKEN not in begin + rest
