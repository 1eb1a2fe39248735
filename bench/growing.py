"""Lets the table of jobs grow, in a process of its own; see ``main``."""

import json
import sys
from dataclasses import asdict

from bench import work
from bench.measures import growth
from bench.plan import Plan


def main(plan: str) -> None:
    """Print readings as JSON. The table stays as large as it is then."""
    wanted = Plan(**json.loads(plan))
    readings = growth.measure(work.prepare(), wanted.sizes, wanted.growth_jobs)
    json.dump([asdict(reading) for reading in readings], sys.stdout)
