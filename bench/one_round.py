"""One round on one database, in a process of its own: prints its readings as JSON.

A new process per round, so that no round has what the ones before it warmed up, or inherits how one of them lay in
memory.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import django
from django.db import connection

from bench.figures import Reading
from bench.plan import Plan

if TYPE_CHECKING:
    from bench.contenders import Contender


def main(number: int, plan: Plan) -> None:
    """Measure, and print what came out."""
    django.setup()
    json.dump([asdict(reading) for reading in _measure(number, plan)], sys.stdout)


def _measure(number: int, plan: Plan) -> Iterator[Reading]:
    from bench import work
    from bench.contenders import contenders
    from bench.measures import designing, parts, submit

    program = work.prepare()
    # Whoever is first is so by turns: tables grow, and caches warm up.
    field = contenders(program, plan.peers)[:: 1 if number % 2 else -1]
    yield from submit.measure(field, plan.submissions)
    for contender in field:
        yield from _working(contender, plan)
        contender.close()
    yield from parts.measure_engine(program, plan.submissions)
    yield from designing.measure()


def _working(contender: "Contender", plan: Plan) -> Iterator[Reading]:
    """What its workers do."""
    from bench.contenders import Limit
    from bench.crew import crew
    from bench.measures import drain, latency

    contender.clear()
    with crew(contender.start_worker, lambda: contender.submit(1), contender.settle) as workers:
        workers.grow()
        if not isinstance(contender, Limit):
            yield from latency.measure(contender, workers, plan.arrivals, plan.arrivals_per_second)
        yield from drain.measure(contender, workers, 1, plan.jobs)
        # On SQLite a second worker waits for the first one.
        if connection.vendor == "postgresql":
            workers.grow()
            yield from drain.measure(contender, workers, 2, plan.jobs)


if __name__ == "__main__":
    main(int(sys.argv[1]), Plan(**json.loads(sys.argv[2])))
