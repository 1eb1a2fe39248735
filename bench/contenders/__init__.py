"""Who does the work: one class per contender, all with the same moves."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from django.db import connection

from bench.contenders.engine import Engine
from bench.contenders.limit import Limit
from bench.contenders.limit_postgresql import PostgreSQLLimit
from bench.contenders.limit_sqlite import SQLiteLimit
from bench.pace import Submitted
from bench.peers.contender import Peer
from meanwhile.definitions.program import Program


class Contender(Protocol):
    """``name`` stands in the table. ``bodies``: the figure and the name for the table, by the kind of job that it can
    do. ``share``: of the jobs that are planned, how many it is given."""

    name: str
    bodies: Mapping[str, tuple[str, str]]
    share: float

    def submit(self, count: int, per_second: float = 0) -> list[Submitted]:
        """Save records with what belongs to them, each committed. See ``pace``."""

    def clear(self) -> None:
        """Forget all records and jobs."""

    def fill(self, body: str, count: int) -> None:
        """Make so many jobs of ``body`` that wait."""

    def settle(self) -> None:
        """Wait until its workers are over with all jobs."""

    def require_done(self, body: str, count: int) -> None:
        """AssertionError unless just so many records are as the jobs leave them."""

    def start_worker(self, log: Path) -> subprocess.Popen[bytes]:
        """A worker in a process group of its own, which notes at ``log`` what it has done."""

    def close(self) -> None:
        """Let go of what it holds."""


def limit_of(program: Program) -> Limit:
    """That of this process's database."""
    return PostgreSQLLimit(program) if connection.vendor == "postgresql" else SQLiteLimit(program)


def contenders(program: Program, peers: Sequence[str]) -> list[Contender]:
    """All of them, on the database of this process; ``peers`` only where they can work."""
    own: list[Contender] = [Engine(program), limit_of(program)]
    return [*own, *(Peer(key, os.environ) for key in peers)] if connection.vendor == "postgresql" else own
