"""Where the time goes, of each kind of work that there are goals for; see ``bench.profiling``.

In one process and one thread: a drain performs its effects in the loop itself.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.signals import request_finished
from django.core.wsgi import get_wsgi_application
from django.test import Client, override_settings

from bench import names, site_work, work
from bench.figures import Reading
from bench.profiling import Profile, profiled
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.performer import EnginePerformer
from meanwhile.pages.entry import KEY, Opening
from meanwhile.queue.worker import Worker

WARM_UP = 50
HOST = "localhost"


def measure_engine(program: Program, count: int) -> Iterator[Reading]:
    """Of ``count`` submissions, and of as many jobs of each kind. Those that waited are gone afterwards."""
    work.clear(program)
    _submit(program, WARM_UP)
    yield from _readings(names.A_SUBMISSION, profiled(lambda: _submit(program, count)))
    for key, name in ((work.ITEM, names.A_JOB), (work.LETTER, names.A_JOB_WITH_EMAIL)):
        for wanted in (WARM_UP, count):  # the first time everything is compiled and prepared
            work.clear(program)
            work.fill(program, key, wanted)
            shares = profiled(_drain)
        yield from _readings(name, shares)
    work.clear(program)


def measure_form(program: Program, count: int) -> Iterator[Reading]:
    """Of ``count`` forms that are handed to Django as a web server does it, without the server."""
    work.clear(program)
    profile = Profile()
    with override_settings(MEANWHILE=settings.MEANWHILE | {"open_form_per_minute": 0}):
        handle, page = get_wsgi_application(), _Page()
        for number in range(WARM_UP + count):
            request = page.filled_in(number)
            with profile.watching() if number >= WARM_UP else nullcontext():
                handle(request, _require_redirect)
            request_finished.send(None)
    yield from _readings(names.A_FORM, profile.percent())
    work.clear(program)


class _Page:
    """The open form in a browser, which may be sent any number of times."""

    def __init__(self) -> None:
        client = Client(SERVER_NAME=HOST)
        self._path = f"/forms/{site_work.APPLICATION}/{site_work.FORM}/"
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(self._path).content.decode())
        assert found is not None, "the form has no token"
        self._token = found[1]
        self._cookie = client.cookies.output(attrs=[], header="", sep=";").strip()

    def filled_in(self, number: int) -> dict[str, Any]:
        """The request of sending it, as PEP 3333 has it."""
        sent = work.values(number) | {"csrfmiddlewaretoken": self._token, KEY: Opening.fresh().sealed}
        body = urlencode(sent).encode()
        return {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": self._path,
            "QUERY_STRING": "",
            "SERVER_NAME": HOST,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": HOST,
            "HTTP_COOKIE": self._cookie,
            "HTTP_ORIGIN": f"http://{HOST}",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }


def _require_redirect(status: str, _headers: object, _error: object = None) -> Any:
    assert status.startswith("303"), f"The form was not saved: {status}"


def _submit(program: Program, count: int) -> None:
    for number in range(count):
        intake.submit(program, work.ITEM, work.values(number))


def _drain() -> None:
    Worker(EnginePerformer(), threads=0).drain()


def _readings(name: str, shares: Mapping[str, float]) -> Iterator[Reading]:
    for part, percent in shares.items():
        yield Reading(name, part, percent, names.SHARE)
