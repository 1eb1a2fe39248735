"""What is measured of ourselves alone: rounds of a whole site, then once the growth of the tables, and the soak."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.console import Console

from bench import databases, in_site
from bench.databases import Database
from bench.figures import Reading
from bench.measures import claims, soak
from bench.plan import Plan


def measured(
    plan: Plan, both: Sequence[Database], older: Sequence[Database], console: Console
) -> Iterator[tuple[str, list[Reading]]]:
    """Readings with the name of their database. ``older``: where only growth and claims are measured."""
    for number in range(1, plan.rounds + 1):
        for database in both:
            console.print(f"The site, round {number} of {plan.rounds}, on {database.name}...")
            yield database.name, _readings(database, "bench.site_round", number, json.dumps(asdict(plan)))
    for database in (*both, *older):
        console.print(f"A table that grows to {plan.sizes[-1]:,} jobs on {database.name}...")
        yield database.name, _readings(database, "bench.growing", json.dumps(asdict(plan)))
        with databases.another(database) as empty:
            yield database.name, list(claims.measure(database, empty, plan.claim_turns, plan.claims))
    console.print(f"A soak of {plan.soak_seconds:g} seconds...")
    yield from soak.measure(both, plan.soak_seconds, plan.soak_per_second).items()


def _readings(database: Database, module: str, *arguments: object) -> list[Reading]:
    words = in_site.words(module, *arguments)
    done = subprocess.run(words, env=database.environment(), stdout=subprocess.PIPE, check=True)
    return [Reading(**each) for each in json.loads(done.stdout)]
