"""Processes of a site, started as a user starts them, and what they take of the machine (Linux)."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.waiting import LONGEST_SECONDS, until


def start(environment: Mapping[str, str], *words: str) -> subprocess.Popen[bytes]:
    """``meanwhile`` with ``words``."""
    return subprocess.Popen([sys.executable, "-m", "meanwhile", *words], env=environment)


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End them, and wait until they have ended."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(LONGEST_SECONDS)


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_site(port: int) -> None:
    """Until the site at ``port`` says that it is well: web, database and a worker."""
    until(partial(_is_well, port), f"the site at port {port}")


def _is_well(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def with_children(pids: Sequence[int]) -> list[int]:
    """``pids`` and all that descends from them."""
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


def cpu_seconds(pids: Sequence[int]) -> float:
    """What they have taken so far, all together."""
    ticks = sum(int(_stat(pid)[11]) + int(_stat(pid)[12]) for pid in pids)
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(pids: Sequence[int]) -> float:
    """Their memory; what is shared between processes is counted once (PSS)."""
    return sum(_pss(pid) for pid in pids) / 1024


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
