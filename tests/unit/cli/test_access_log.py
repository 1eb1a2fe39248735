"""The line of each request: what it says, and what it keeps to itself."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from meanwhile.cli import access_log
from meanwhile.cli.web import load_application

TOKEN = "WyJwYWdlIl0:1abcDE:c2lnbmF0dXJl"


@pytest.fixture(autouse=True)
def _level_as_before() -> Iterator[None]:
    before = access_log.logger.level
    yield
    access_log.logger.setLevel(before)


def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """An application that, like Django, writes its own text over the path."""
    environ["PATH_INFO"] = "other"
    start_response("404 Not Found", [])
    return [b"gone"]


def fail(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise ZeroDivisionError


def ask(application: access_log.Application, path: str = "/", **environ: str) -> list[bytes]:
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1", **environ}
    return list(access_log.logged(application)(asked, lambda *_: None))


def fields(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (line,) = caplog.records
    return {name: getattr(line, name) for name in ("method", "path", "status", "client")}


def test_a_request_is_one_line_with_fields(caplog: pytest.LogCaptureFixture) -> None:
    assert ask(answer, "/monitor/") == [b"gone"]
    assert fields(caplog) == {"method": "GET", "path": "/monitor/", "status": 404, "client": "127.0.0.1"}
    (line,) = caplog.records
    assert line.getMessage() == f"GET /monitor/: 404 in {line.milliseconds} ms, for 127.0.0.1"


def test_the_client_is_the_person_behind_a_trusted_proxy(caplog: pytest.LogCaptureFixture) -> None:
    ask(wrap_wsgi_with_proxy_headers(answer, ["127.0.0.1"]), HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert fields(caplog)["client"] == "203.0.113.9"


def test_an_address_of_a_record_cannot_be_opened_from_the_log(caplog: pytest.LogCaptureFixture) -> None:
    ask(answer, f"/pages/ops/wait/{TOKEN}/")
    assert fields(caplog)["path"] == "/pages/ops/wait/…bmF0dXJl/"
    assert TOKEN not in caplog.text


def test_a_path_cannot_begin_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    ask(answer, "/a\nERROR b")
    assert caplog.messages[0].startswith("GET /a%0AERROR%20b: 404")


def test_a_path_is_written_as_browsers_send_it(caplog: pytest.LogCaptureFixture) -> None:
    ask(answer, "/ü".encode().decode("latin-1"))
    assert fields(caplog)["path"] == "/%C3%BC"


def test_a_request_that_breaks_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ZeroDivisionError):
        ask(fail)
    assert fields(caplog)["status"] == 500


def test_who_asks_for_it_gets_it_though_only_warnings_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    caplog.handler.setLevel(logging.NOTSET)
    ask(answer)
    assert len(caplog.records) == 1


def test_without_the_option_nothing_stands_around_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meanwhile.cli.parent.end_with_parent", lambda: None)
    assert load_application() is load_application()
