"""What the web server and the worker take while nobody asks for anything: processes, started as a user starts them."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.databases import Database
from bench.figures import OURS, Reading
from bench.waiting import LONGEST_SECONDS, until

# What a process does at its start is over by then.
SETTLE_SECONDS = 4.0


def measure(databases: list[Database], seconds: float) -> dict[str, list[Reading]]:
    """By database: CPU of one core, and memory, of both processes with their children. Linux only; else nothing."""
    if not Path("/proc/self/smaps_rollup").exists():
        return {}
    with _sites(databases) as sites:
        time.sleep(SETTLE_SECONDS)
        before = {name: _cpu_seconds(pids) for name, pids in sites.items()}
        time.sleep(seconds)
        return {
            name: [
                Reading(
                    "idle, web and worker: CPU",
                    OURS,
                    100 * (_cpu_seconds(pids) - before[name]) / seconds,
                    "% of a core",
                ),
                Reading("idle, web and worker: memory", OURS, _megabytes(pids), "MB"),
            ]
            for name, pids in sites.items()
        }


@contextmanager
def _sites(databases: list[Database]) -> Iterator[dict[str, list[int]]]:
    """The process ids of a site on each database."""
    processes: dict[str, list[subprocess.Popen[bytes]]] = {}
    try:
        for database in databases:
            port = _free_port()
            processes[database.name] = [_start(database, "web", "--port", str(port)), _start(database, "worker")]
            until(partial(_is_well, port), f"the site on {database.name}")
        yield {name: _with_children([each.pid for each in those]) for name, those in processes.items()}
    finally:
        _stop([process for those in processes.values() for process in those])


def _start(database: Database, *words: str) -> subprocess.Popen[bytes]:
    environment = database.environment("meanwhile.config.settings")
    return subprocess.Popen([sys.executable, "-m", "meanwhile", *words], env=environment)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(LONGEST_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_well(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def _with_children(pids: list[int]) -> list[int]:
    parents = {int(path.name): int(_stat(int(path.name))[1]) for path in Path("/proc").glob("[0-9]*")}
    found = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def _stat(pid: int) -> list[str]:
    """The fields of the process's line after its name: its state, its parent, ...; zeros when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 50


def _cpu_seconds(pids: list[int]) -> float:
    ticks = sum(int(_stat(pid)[11]) + int(_stat(pid)[12]) for pid in pids)
    return ticks / os.sysconf("SC_CLK_TCK")


def _megabytes(pids: list[int]) -> float:
    """What is shared between processes is counted once (PSS)."""
    return sum(_pss(pid) for pid in pids) / 1024


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
