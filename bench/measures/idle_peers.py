"""What one worker of each contender takes while there is nothing to do, and the Redis of those that need one."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import processes
from bench.crew import end
from bench.databases import Database
from bench.figures import OURS, Reading
from bench.measures.idle import SETTLE_SECONDS
from bench.peers.contender import Peer
from bench.peers.taking_part import Field
from bench.waiting import until

CPU, MEMORY = "idle, worker alone: CPU", "idle, worker alone: memory"


def measure(database: Database, field: Field, seconds: float) -> list[Reading]:
    """All at the same time, each after it has done a job. Linux only, and only beside peers; else nothing."""
    if not field.keys or not Path("/proc/self/smaps_rollup").exists():
        return []
    with _workers(database, field) as workers:
        time.sleep(SETTLE_SECONDS)
        before = {name: processes.cpu_seconds(pids) for name, pids in workers.items()}
        time.sleep(seconds)
        return [reading for name, pids in workers.items() for reading in _read(name, pids, before[name], seconds)]


def _read(name: str, pids: list[int], before: float, seconds: float) -> Iterator[Reading]:
    yield Reading(CPU, name, 100 * (processes.cpu_seconds(pids) - before) / seconds, "% of a core")
    yield Reading(MEMORY, name, processes.megabytes(pids), "MB")


@contextmanager
def _workers(database: Database, field: Field) -> Iterator[dict[str, list[int]]]:
    """By name, the processes of one worker each."""
    with ExitStack() as stack:
        own = processes.start(database.environment("meanwhile.config.settings"), "worker")
        stack.callback(processes.stop, [own])
        started = {OURS: own} | {
            name: process for key in field.keys for name, process in [_start(stack, database, key)]
        }
        found = {name: processes.with_children([process.pid]) for name, process in started.items()}
        yield found | ({"Redis": [field.redis]} if field.redis else {})


def _start(stack: ExitStack, database: Database, key: str) -> tuple[str, subprocess.Popen[bytes]]:
    """A worker that has done a job."""
    log = Path(stack.enter_context(tempfile.TemporaryDirectory()), "log")
    peer = Peer(key, database.environment())
    try:
        peer.clear()
        process = peer.start_worker(log)
        stack.callback(end, process)
        stack.callback(process.terminate)
        peer.submit(1)
        until(log.exists, f"{peer.name} to do a job")
    finally:
        peer.close()
    return peer.name, process
