"""Whether a worker's memory and its database stay as large as they are: minutes of steady work, purged as it ends.

Both databases at the same time, each with a worker of its own. Linux only; else nothing.
"""

import json
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import in_site, names, processes
from bench.databases import Database
from bench.figures import OURS, Reading

# What of the soak a submission is kept for at the least.
KEPT = 1 / 30
DAY_SECONDS = 86_400


def measure(databases: Sequence[Database], seconds: float, per_second: float) -> dict[str, list[Reading]]:
    """By database. ``bench_site`` has to be published there."""
    if not Path("/proc/self/smaps_rollup").exists():
        return {}
    workers, soaks = [], []
    try:
        for database in databases:
            environment = database.environment() | _settings(seconds)
            workers.append(processes.start(environment, "worker"))
            words = in_site.words("bench.soaking", seconds, per_second, workers[-1].pid)
            soaks.append(subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True))
        outputs = [soak.communicate()[0] for soak in soaks]
        assert not any(soak.returncode for soak in soaks), "A soak has failed."
    finally:
        processes.stop(workers)
    return {each.name: list(_readings(seconds, output)) for each, output in zip(databases, outputs, strict=True)}


def _settings(seconds: float) -> dict[str, str]:
    """An address is good for a moment only, since what somebody may still open is not purged."""
    return {"MEANWHILE": json.dumps({"token_age_days": seconds * KEPT / DAY_SECONDS})}


def _readings(seconds: float, output: str) -> Iterator[Reading]:
    samples = json.loads(output)
    second = samples[len(samples) // 2 :]
    memory, database = [each["memory"] for each in second], [each["database"] for each in second]
    values = {
        names.MEMORY_GROWTH: (growth_percent(memory), "%"),
        "memory of the worker": (memory[-1], "MB"),
        names.DATABASE_GROWTH: (growth_percent(database), "%"),
        "size of the database": (database[-1], "MB"),
        "most unfinished jobs": (max(each["unfinished"] for each in samples), "jobs"),
    }
    for name, (value, unit) in values.items():
        yield Reading(names.soak(seconds, name), OURS, value, unit)


def growth_percent(values: Sequence[float]) -> float:
    """From the first fifth to the last, by the half-way values of each."""
    fifth = max(1, len(values) // 5)
    first, last = statistics.median(values[:fifth]), statistics.median(values[-fifth:])
    return 100 * (last - first) / first
