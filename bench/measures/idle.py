"""What the web server and the worker take while nobody asks for anything: processes, started as a user starts them."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import processes
from bench.databases import Database
from bench.figures import OURS, Reading

# What a process does at its start is over by then.
SETTLE_SECONDS = 4.0


def measure(databases: list[Database], seconds: float) -> dict[str, list[Reading]]:
    """By database: CPU of one core, and memory, of both processes with their children. Linux only; else nothing."""
    if not Path("/proc/self/smaps_rollup").exists():
        return {}
    with _sites(databases) as sites:
        time.sleep(SETTLE_SECONDS)
        before = {name: processes.cpu_seconds(pids) for name, pids in sites.items()}
        time.sleep(seconds)
        return {
            name: [
                Reading(
                    "idle, web and worker: CPU",
                    OURS,
                    100 * (processes.cpu_seconds(pids) - before[name]) / seconds,
                    "% of a core",
                ),
                Reading("idle, web and worker: memory", OURS, processes.megabytes(pids), "MB"),
            ]
            for name, pids in sites.items()
        }


@contextmanager
def _sites(databases: list[Database]) -> Iterator[dict[str, list[int]]]:
    """The process ids of a site on each database."""
    started: dict[str, list[subprocess.Popen[bytes]]] = {}
    try:
        for database in databases:
            environment = database.environment("meanwhile.config.settings")
            port = processes.free_port()
            started[database.name] = [
                processes.start(environment, "web", "--port", str(port)),
                processes.start(environment, "worker"),
            ]
            processes.wait_for_site(port)
        yield {name: processes.with_children([each.pid for each in those]) for name, those in started.items()}
    finally:
        processes.stop([process for those in started.values() for process in those])
