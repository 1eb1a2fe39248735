"""A whole site as ``meanwhile run`` starts it: real processes, a real form sent by HTTP, real deaths."""

import http.cookiejar
import os
import re
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql

from tests.browser.site_process import Site, start

ROOT = Path(__file__).parent.parent.parent
BOOKING = ROOT / "examples/booking/booking.yaml"
FIELDS = ROOT / "examples/fields/fields.yaml"
# Everything here takes a second or two; the machine may be busy.
DEADLINE_SECONDS = 60


@pytest.fixture(scope="module")
def database() -> Iterator[dict[str, str]]:
    """The environment that names an empty database of the kind under test."""
    server = os.environ.get("MEANWHILE_TEST_DATABASE_URL", "")
    if os.environ.get("MEANWHILE_TEST_BACKEND") != "postgresql":
        yield {}
        return
    name = f"run_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {"DATABASE_URL": urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()}
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, database: dict[str, str]) -> Iterator[Site]:
    """A running site with both examples. The tests kill parts of it; it has to stand that."""
    running = start(
        tmp_path_factory.mktemp("site") / "data", [BOOKING, FIELDS], BOOKING_PARTNER_SECONDS="0.3", **database
    )
    yield running
    running.stop()


class Visitor:
    """Somebody with a browser that keeps cookies and runs no script."""

    def __init__(self, site: Site) -> None:
        self._site = site
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self.url = ""

    def open(self, path: str) -> str:
        """The page at ``path``; afterwards ``url`` is where it led."""
        return self._read(urllib.request.Request(urllib.parse.urljoin(self._site.url, path)))

    def send(self, path: str, **values: str) -> str:
        """Open the form at ``path``, fill it in and press its button."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.open(path)))
        body = urllib.parse.urlencode({**hidden, **values}).encode()
        return self._read(urllib.request.Request(self.url, body, {"Origin": self._site.url}))

    def _read(self, request: urllib.request.Request) -> str:
        with self._opener.open(request, timeout=30) as answer:
            self.url = answer.url
            text: str = answer.read().decode()
            return text


def until(holds: Callable[[], Any]) -> Any:
    """What ``holds`` returns as soon as it is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := holds()):
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
    return found


def process(site: Site, name: str) -> psutil.Process | None:
    """The child that runs the subcommand ``name``; None while there is none."""
    for child in psutil.Process(site.process.pid).children():
        with suppress(psutil.Error):
            if name in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                return child
    return None


BOOKED = {
    "passenger": "Mia Berger",
    "email": "mia@example.org",
    "destination": "Lisbon",
    "seats": "2",
    "partner": "answers",
}


def test_a_form_is_sent_the_job_is_done_and_the_pages_say_so(site: Site) -> None:
    visitor = Visitor(site)
    assert "Confirming your booking" in visitor.send("/forms/booking/book/", **BOOKED)
    waiting = visitor.url
    page = until(lambda: (text := visitor.open(waiting)) and "Your itinerary" in text and text)
    assert "240.00" in page
    assert "BK-" in page
    mails = [mail.read_text() for mail in (site.data / "mail").iterdir()]
    assert sum("Subject: Your booking" in mail for mail in mails) == 1  # other tests of this site send mail too


def test_a_worker_that_is_killed_is_started_again_and_its_job_goes_on(site: Site) -> None:
    first = until(lambda: process(site, "worker"))
    first.kill()
    visitor = Visitor(site)
    visitor.send("/forms/fields/sheet/", title="Paper", email="mia@example.org")
    sheet = visitor.url
    assert "A of Paper" in visitor.open(sheet)
    until(lambda: "C of Paper" in visitor.open(sheet))
    assert until(lambda: process(site, "worker")).pid != first.pid
    assert "The worker process was ended by SIGKILL. It starts again in 0.5 s." in site.log.read_text()


def test_a_web_server_that_is_killed_is_started_again_and_leaves_nobody_behind(site: Site) -> None:
    web = until(lambda: process(site, "web"))
    answering = web.children()
    web.kill()
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in answering))
    until(lambda: process(site, "web"))
    until(lambda: _answers(site))


def test_a_web_process_that_is_killed_is_replaced(site: Site) -> None:
    web = until(lambda: process(site, "web"))
    killed = until(web.children)[0]
    killed.kill()
    until(lambda: [child for child in web.children() if child.pid != killed.pid])
    until(lambda: _answers(site))


def _answers(site: Site) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{site.url}/healthz", timeout=5) as answer:
        return bool(answer.status == 200)
    return False
