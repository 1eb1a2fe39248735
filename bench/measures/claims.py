"""A claim in a table with a million finished and a million scheduled jobs, beside one in a table without them.

Two processes on two databases take turns, since the difference that counts is smaller than what a machine changes in a
minute.
"""

import subprocess
from collections.abc import Iterator

from bench import in_site, names
from bench.databases import Database
from bench.figures import Reading


def measure(full: Database, empty: Database, turns: int, count: int) -> Iterator[Reading]:
    """The half-way time of ``count`` claims each, ``turns`` times. Both databases are empty afterwards."""
    claimers = {names.IN_FULL_TABLE: _start(full, count), names.IN_EMPTY_TABLE: _start(empty, count)}
    try:
        for claimer in claimers.values():
            assert _answer(claimer) == "ready"
            _ask(claimer)  # the first time is for warming up
        for turn in range(turns):
            for who in claimers if turn % 2 else reversed(claimers):
                yield Reading(names.CLAIM, who, _ask(claimers[who]), "ms")
    finally:
        for claimer in claimers.values():
            claimer.communicate()


def _start(database: Database, count: int) -> subprocess.Popen[str]:
    words, pipe = in_site.words("bench.claiming", count), subprocess.PIPE
    return subprocess.Popen(words, env=database.environment(), stdin=pipe, stdout=pipe, text=True)


def _ask(claimer: subprocess.Popen[str]) -> float:
    assert claimer.stdin is not None
    claimer.stdin.write("\n")
    claimer.stdin.flush()
    return float(_answer(claimer))


def _answer(claimer: subprocess.Popen[str]) -> str:
    assert claimer.stdout is not None
    return claimer.stdout.readline().strip()
