"""The peers of a run: those that are installed, with their tables made, and Redis for those that need it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version

from bench import peers
from bench.databases import Database
from bench.peers import PEERS, redis_server


@dataclass(frozen=True, slots=True)
class Field:
    """The ``keys`` of those that take part; ``redis``: the process of their Redis."""

    keys: tuple[str, ...]
    redis: int | None


@contextmanager
def taking_part(database: Database, wanted: Sequence[str] | None) -> Iterator[Field]:
    """The ``wanted`` ones (None: all) as far as they can take part. From here on, this process's environment says
    where Redis is."""
    keys = [key for key in peers.installed() if wanted is None or key in wanted]
    redis: int | None = None
    with ExitStack() as stack:
        if redis_server.binary() is None:
            keys = [key for key in keys if not PEERS[key].on_redis]
        elif any(PEERS[key].on_redis for key in keys):
            os.environ[peers.REDIS], redis = stack.enter_context(redis_server.running())
        for key in keys:
            subprocess.run([sys.executable, "-m", "bench.peers.preparing"], env=environment(database, key), check=True)
        yield Field(tuple(keys), redis)


def environment(database: Database, key: str) -> dict[str, str]:
    """Of all processes of the peer ``key`` on ``database``."""
    return database.environment("bench.peers.settings") | {peers.PEER: key}


def versions(keys: Sequence[str]) -> dict[str, str]:
    """By name."""
    found = {PEERS[key].name: version(PEERS[key].distribution) for key in keys}
    if any(PEERS[key].on_redis for key in keys):
        found["Redis"] = redis_server.version()
    return found
