"""What was measured on, without saying whose it is."""

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg


def describe(postgresql_url: str) -> dict[str, str]:
    """By the word that people read, in their order."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "disk": f"fdatasync {_sync_milliseconds():.2f} ms",
        "Python": platform.python_version(),
        "Django": version("Django"),
        "PostgreSQL": f"{server_version(postgresql_url)}, psycopg {version('psycopg')}",
        "SQLite": sqlite3.sqlite_version,
    }


def server_version(postgresql_url: str) -> str:
    """Such as 18.1."""
    with psycopg.connect(postgresql_url) as connection:
        return (connection.info.parameter_status("server_version") or "").split()[0]


def busy() -> str:
    """How many processes wanted a core in the last minute; at the end of a run its own are among them."""
    return f"{os.getloadavg()[0]:.1f} processes ready to run"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _sync_milliseconds() -> float:
    """What one commit costs at the least: a small write that is on the disk."""
    with tempfile.TemporaryFile() as file:
        times = []
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000
