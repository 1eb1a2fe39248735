"""Lines of the log for programs."""

import json
import logging
import sys
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from meanwhile.config import environment
from meanwhile.core.logging import JsonFormatter, WithoutTokens, about


def record(message: str, *arguments: Any, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("shop", logging.WARNING, "shop.py", 3, message, arguments, more.pop("exc_info", None))
    made.__dict__.update(more)
    return made


def line(message: str = "It is late.", *arguments: Any, **more: Any) -> dict[str, Any]:
    """One line as a program reads it."""
    text = JsonFormatter().format(record(message, *arguments, **more))
    assert "\n" not in text
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_line_has_time_level_logger_and_message() -> None:
    told = line("%s jobs are\nlate: ümlaut", 3)
    assert abs((datetime.fromisoformat(told.pop("time")) - datetime.now(UTC)).total_seconds()) < 60
    assert told == {"level": "WARNING", "logger": "shop", "message": "3 jobs are\nlate: ümlaut"}


def test_a_line_says_what_it_is_about() -> None:
    with about(submission=1, run=2, queue=None):
        with about(job=3):
            told = line()
        assert "job" not in line()
    assert (told["submission"], told["run"], told["job"]) == (1, 2, 3)
    assert "queue" not in told
    assert "run" not in line()


def test_what_a_line_says_itself_comes_before_what_is_said_around_it() -> None:
    with about(job=3):
        assert line(job=4)["job"] == 4


def test_what_is_said_in_one_thread_is_not_said_in_another() -> None:
    told: list[dict[str, Any]] = []
    with about(job=3):
        thread = Thread(target=lambda: told.append(line()))
        thread.start()
        thread.join()
    assert "job" not in told[0]


def test_an_error_comes_with_its_trace_in_the_same_line() -> None:
    try:
        raise ValueError("wrong")
    except ValueError:
        told = line(exc_info=sys.exc_info())
    assert "Traceback" in told["error"]
    assert told["error"].endswith("ValueError: wrong")


def test_what_json_cannot_hold_is_written_as_text() -> None:
    assert line(job=datetime(2026, 1, 1, tzinfo=UTC))["job"].startswith("2026-01-01")


def test_the_format_is_chosen_by_name_and_a_wrong_name_is_told() -> None:
    assert environment.log_formatter("json") == {"()": "meanwhile.core.logging.JsonFormatter"}
    assert "%(message)s" in environment.log_formatter("text")["format"]
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT has to be text or json"):
        environment.log_formatter("xml")


def test_a_line_has_the_details_that_it_says_itself_and_none_of_what_is_around() -> None:
    with about(client="not mine"):
        assert line(node="n-mail", action="send_email", status=200) == line() | {
            "time": line()["time"],
            "node": "n-mail",
            "action": "send_email",
            "status": 200,
        }


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/pages/ops/wait/WyJwYWdlIl0:1abcDE:c2lnbmF0dXJl/fresh/", "/pages/ops/wait/…bmF0dXJl/fresh/"),
        ("/pages/ops/wait/WyJwYWdlIl0:1abcDE:c2lnbmF0dXJl).", "/pages/ops/wait/…bmF0dXJl)."),
        (
            "Referer https://x.org/f/WyJm:1abcDE:c2lnbmF0dXJl does not match",
            "Referer https://x.org/f/…bmF0dXJl does not match",
        ),
        ("/monitor/jobs/17/", "/monitor/jobs/17/"),
        ("failed at 10:11:12, see /x", "failed at 10:11:12, see /x"),
    ],
)
def test_the_signed_part_of_an_address_is_cut_so_that_it_opens_nothing(path: str, shown: str) -> None:
    written = record("Not Found: %s (%s)", path, 404)
    assert WithoutTokens().filter(written)
    assert written.getMessage() == f"Not Found: {shown} (404)"
