"""One round on one database, in a process of its own: prints its readings as JSON.

A new process per round, so that no round has what the ones before it warmed up, or inherits how one of them lay in
memory.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

import django

from bench.figures import Reading
from bench.plan import Plan


def main(number: int, plan: Plan) -> None:
    """Measure, and print what came out."""
    django.setup()
    json.dump([asdict(reading) for reading in _measure(number, plan)], sys.stdout)


def _measure(number: int, plan: Plan) -> Iterator[Reading]:
    from bench import work
    from bench.contenders import contenders
    from bench.measures import designing, drain, latency, submit

    program = work.prepare()
    # Whoever is first is so by turns: tables grow, and caches warm up.
    field = contenders(program)[:: 1 if number % 2 else -1]
    yield from submit.measure(field, plan.submissions)
    yield from latency.measure(program, plan.arrivals, plan.arrivals_per_second)
    yield from drain.measure(program, field, plan.jobs)
    for contender in field:
        contender.close()
    work.clear(program)
    yield from designing.measure()


if __name__ == "__main__":
    main(int(sys.argv[1]), Plan(**json.loads(sys.argv[2])))
