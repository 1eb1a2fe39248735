"""Keeps a site busy at a steady pace and watches it; see ``main``.

Letters are submitted, what is finished is purged, and the records that belong to it are removed, as an application
would.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from django.db import connection

from bench import processes, site_work, work
from bench.waiting import until
from meanwhile.core import clock
from meanwhile.core.conf import conf
from meanwhile.definitions.program import Program, current_program
from meanwhile.engine import intake
from meanwhile.engine.purge import purge
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED

SAMPLE_SECONDS = 1.0
# In a run of this measure.
PURGES = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """``memory`` of the worker and size of the ``database`` in megabytes; ``unfinished`` jobs."""

    memory: float
    database: float
    unfinished: int


def main(seconds: str, per_second: str, worker_pid: str) -> None:
    """Submit, purge and watch side by side, then wait until everything is done. Prints a sample a second as JSON."""
    program = current_program(site_work.APPLICATION)
    end = clock.monotonic() + float(seconds)
    with ThreadPoolExecutor() as pool:
        beside = [
            pool.submit(_purge, program, end, float(seconds) / PURGES),
            pool.submit(_submit, program, end, float(per_second)),
        ]
        samples = _watch(program, end, int(worker_pid))
    for each in beside:
        each.result()
    until(lambda: not _unfinished(), "the jobs to be done")
    json.dump([asdict(sample) for sample in samples], sys.stdout)


def _submit(program: Program, end: float, per_second: float) -> None:
    """What falls behind is not caught up with: the pace is the same from the first to the last minute."""
    number, at = 0, clock.monotonic()
    while (now := clock.monotonic()) < end:
        intake.submit(program, site_work.LETTER, work.values(number))
        number, at = number + 1, max(at + 1 / per_second, now)
        _sleep_until(at)


def _purge(program: Program, end: float, every_seconds: float) -> None:
    letters = program.tables[site_work.LETTER].model._base_manager
    at = clock.monotonic()
    while clock.monotonic() < end:
        purge(clock.now())
        letters.filter(created_at__lt=clock.now() - 2 * timedelta(days=conf().token_age_days)).delete()
        at += every_seconds
        _sleep_until(min(at, end))


def _watch(program: Program, end: float, worker_pid: int) -> list[Sample]:
    samples, at = [], clock.monotonic()
    while (at := at + SAMPLE_SECONDS) < end:
        _sleep_until(at)
        samples.append(Sample(processes.megabytes([worker_pid]), _megabytes(program), _unfinished()))
    return samples


def _unfinished() -> int:
    return Job.objects.filter(state__in=UNFINISHED).count()


def _megabytes(program: Program) -> float:
    """SQLite: its file with its journal. PostgreSQL: the tables that the work fills, with their indexes."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        files = [path, path.with_name(f"{path.name}-wal")]
        return sum(file.stat().st_size for file in files if file.exists()) / 2**20
    with connection.cursor() as cursor:
        names = work.filled_tables(program)
        cursor.execute("SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) name", [names])
        return float(cursor.fetchone()[0]) / 2**20


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - clock.monotonic()))
