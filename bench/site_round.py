"""One round of what is measured of a whole site, in a process of its own; see ``main``."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from bench import site_work, work
from bench.figures import Reading
from bench.measures import beside_slow, forms, parts
from bench.plan import Plan


def main(number: str, plan: str) -> None:
    """Print readings as JSON. The tables are empty afterwards."""
    json.dump([asdict(reading) for reading in _measure(int(number), Plan(**json.loads(plan)))], sys.stdout)


def _measure(number: int, plan: Plan) -> Iterator[Reading]:
    program = site_work.prepare()
    yield from forms.measure(program, plan.form_seconds)
    yield from beside_slow.measure(program, number, plan.letters, plan.arrivals_per_second)
    yield from parts.measure_form(program, plan.submissions)
    work.clear(program)
