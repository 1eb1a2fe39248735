"""How many filled-in forms a second two web processes take, beside two processes that submit without any HTTP.

The forms are real ones: each has the token against forgery, the cookie that belongs to it, and a key of its own. They
are sent by ``wrk``; where there is none, nothing is measured.
"""

import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from urllib.parse import urlencode

from bench import in_site, names, processes, site_work, work
from bench.figures import OURS, Reading
from bench.waiting import until
from meanwhile.definitions.program import Program
from meanwhile.engine.models import Submission
from meanwhile.pages.entry import KEY, Opening

PROCESSES, CONNECTIONS = 2, 16
WARM_UP_SECONDS = 2
# More than can be taken in a second; each form is sent once.
MOST_PER_SECOND = 6000
SCRIPT = Path(__file__).parents[1] / "form.lua"


@dataclass(frozen=True, slots=True)
class Page:
    """The form as a browser has it: its address, its origin, and what belongs to it against forgery."""

    url: str
    cookie: str
    token: str

    @property
    def headers(self) -> list[str]:
        form = "Content-Type: application/x-www-form-urlencoded"
        return [form, f"Origin: {self.url.partition('/forms/')[0]}", f"Cookie: {self.cookie}"]


def measure(program: Program, seconds: int) -> Iterator[Reading]:
    """What the database has after ``seconds`` counts, not what was answered."""
    if shutil.which("wrk") is None:
        return
    work.clear(program)
    with _site() as page:
        _send(page, WARM_UP_SECONDS)
        saved = _send(page, seconds)
        assert saved, "No form was saved."
        yield Reading(names.FORMS, OURS, saved, "per second")
    work.clear(program)
    yield Reading(names.FORMS, names.OWN_SUBMISSIONS, _submit(seconds), "per second")


@contextmanager
def _site() -> Iterator[Page]:
    """``meanwhile web`` as it is, but that one address may send any number of forms."""
    port = processes.free_port()
    own = {"MEANWHILE": '{"open_form_per_minute": 0}'}
    web = processes.start(os.environ | own, "web", "--port", str(port), "--web-processes", str(PROCESSES))
    try:
        until(lambda: _open(port) is not None, "the form to open")
        page = _open(port)
        assert page is not None
        yield page
    finally:
        processes.stop([web])


def _open(port: int) -> Page | None:
    """The form; None while it cannot be opened."""
    url = f"http://127.0.0.1:{port}/forms/{site_work.APPLICATION}/{site_work.FORM}/"
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            headers: HTTPMessage = response.headers
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', response.read().decode())
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None
    assert found is not None, "the form has no token"
    return Page(url, str(headers["Set-Cookie"]).partition(";")[0], found[1])


def _send(page: Page, seconds: int) -> float:
    """Forms saved a second."""
    bodies = [_body(page, number) for number in range(MOST_PER_SECOND * seconds)]
    before = Submission.objects.count()
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("\n".join(bodies))
        file.flush()
        words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", str(SCRIPT)]
        words += [part for header in page.headers for part in ("-H", header)]
        done = subprocess.run(
            [*words, page.url], env=os.environ | {"BENCH_BODIES": file.name}, capture_output=True, text=True, check=True
        )
    saved = Submission.objects.count() - before
    assert "Non-2xx" not in done.stdout, f"The site refused forms:\n{done.stdout}"
    assert saved < len(bodies), f"{saved} of {len(bodies)} forms were saved:\n{done.stdout}"
    return saved / seconds


def _body(page: Page, number: int) -> str:
    sent = work.values(number) | {"csrfmiddlewaretoken": page.token, KEY: Opening.fresh().sealed}
    return urlencode(sent)


def _submit(seconds: int) -> float:
    """Submissions a second of as many processes, which do nothing else."""
    words = in_site.words("bench.submitting", seconds)
    started = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    counts = [int(process.communicate()[0]) for process in started]
    return sum(counts) / seconds
