"""A peer, as the rounds see it: a process that submits, told what to do over its standard input, and its workers."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import peers
from bench.names import EMAIL
from bench.pace import Submitted
from bench.peers import bodies
from bench.waiting import until


class Peer:
    """``key`` is one of ``peers.PEERS``."""

    def __init__(self, key: str) -> None:
        self.name = peers.PEERS[key].name
        self.share = peers.PEERS[key].share
        self._environment = environment(key)
        words = [sys.executable, "-m", "bench.peers.submitting"]
        self._process = subprocess.Popen(
            words, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    @property
    def bodies(self) -> Mapping[str, tuple[str, str]]:
        return {bodies.NATURAL: (EMAIL, self.name), bodies.MERGED: (EMAIL, f"{self.name}, one save")}

    def submit(self, count: int, per_second: float = 0) -> list[Submitted]:
        return [(int(id_), start, end) for id_, start, end in self._ask("submit", count, per_second)]

    def clear(self) -> None:
        self._ask("clear")

    def fill(self, body: str, count: int) -> None:
        self._ask("fill", body, count)

    def settle(self) -> None:
        until(lambda: self._ask("left") == 0, f"{self.name} to be over with all jobs")

    def require_done(self, body: str, count: int) -> None:
        done = self._ask("done")
        assert done == count, f"{self.name} has done {done} of {count} records."

    def start_worker(self, log: Path) -> subprocess.Popen[bytes]:
        return start_worker(self._environment, log)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, *words: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        if not (answer := self._process.stdout.readline()):
            raise RuntimeError(f"{self.name} ended at {words}.")
        return json.loads(answer)


def environment(key: str) -> dict[str, str]:
    """Of all processes of the peer ``key`` on this process's database."""
    return dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "bench.peers.settings", peers.PEER: key}


def start_worker(environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A worker of a peer."""
    words = [sys.executable, "-m", "bench.peers.working"]
    own = dict(environment) | {peers.LOG: str(log)}
    return subprocess.Popen(words, env=own, start_new_session=True, stdout=subprocess.DEVNULL)
