"""A peer, as the rounds see it: a process that submits, told what to do over its standard input, and its workers."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import peers
from bench.names import EMAIL
from bench.pace import Submitted
from bench.waiting import until


class Peer:
    """``key`` is one of ``peers.PEERS``; ``site``: the environment of a process on the database to work on."""

    def __init__(self, key: str, site: Mapping[str, str]) -> None:
        self.name = peers.PEERS[key].name
        self.share = peers.PEERS[key].share
        self._environment = dict(site) | {"DJANGO_SETTINGS_MODULE": "bench.peers.settings", peers.PEER: key}
        words = [sys.executable, "-m", "bench.peers.submitting"]
        self._process = subprocess.Popen(
            words, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    @property
    def bodies(self) -> Mapping[str, tuple[str, str]]:
        return {peers.NATURAL: (EMAIL, self.name), peers.MERGED: (EMAIL, f"{self.name}, one save")}

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
        words = [sys.executable, "-m", "bench.peers.working"]
        own = self._environment | {peers.LOG: str(log)}
        return subprocess.Popen(words, env=own, start_new_session=True, stdout=subprocess.DEVNULL)

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
