"""A real site for the browser: ``meanwhile run`` with its web server and its worker, in a data folder of its own."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 45


@dataclass
class Site:
    """A running site. ``password``: of its owner, whose name is ``owner``."""

    url: str
    password: str
    data: Path
    process: subprocess.Popen[bytes]
    log: Path

    def release(self, name: str) -> None:
        """Let the function ``hold`` of that name come back."""
        (self.data / "releases" / name).touch()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(STOP_SECONDS)


def start(data: Path, documents: Sequence[Path], *, is_new: bool = True, **environment: str) -> Site:
    """Start a site; returns when it serves and its worker is at work. ``is_new`` False: again, on the same data."""
    port = free_port()
    log = data / "output.txt"
    (data / "releases").mkdir(parents=True, exist_ok=not is_new)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MEANWHILE")},
        "DATA": str(data),
        "TEST_RELEASES": str(data / "releases"),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "200",
        **environment,
        "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as output:
        process = _run(port, documents, environment, output)
    site = Site(f"http://127.0.0.1:{port}", "", data, process, log)
    try:
        _wait_until_well(site)
        site.password = _password(log) if is_new else ""
    except BaseException:
        site.stop()
        raise
    return site


def _run(
    port: int, documents: Sequence[Path], environment: dict[str, str], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "meanwhile", "run", "--port", str(port), *map(str, documents)]
    return subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, env=environment)


def _wait_until_well(site: Site) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_well(site.url):
        if site.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The site did not start:\n{site.log.read_text()}")
        time.sleep(0.1)


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _password(log: Path) -> str:
    found = re.search(r"^Password\s+(\S+)", log.read_text(), re.M)
    assert found, log.read_text()
    return found[1]
