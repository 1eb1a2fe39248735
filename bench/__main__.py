"""``python -m bench [--quick]``: measure everything on both databases, round by round, and write down what came out."""

import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console

from bench import databases, machine, report
from bench.databases import Database
from bench.figures import LIMIT, OURS, Figure, Goal, Reading, gather, judge, ratios
from bench.measures import idle
from bench.plan import FULL, NODES, QUICK, Plan

RATIO = f"{OURS} / {LIMIT}"


def main() -> None:
    """Entry point."""
    parser = ArgumentParser(prog="bench", description="Measure Meanwhile beside the database's own driver.")
    parser.add_argument("--quick", action="store_true", help="under one minute instead of under five")
    parser.add_argument("--dry", action="store_true", help="only print; leave latest.json and the page as they are")
    options = parser.parse_args()
    plan, console = QUICK if options.quick else FULL, Console()
    with databases.both() as both:
        described = machine.describe(both[-1].url) | {"busy before the start": machine.busy()}
        figures = gather(_rounds(plan, both, console))
        described["busy at the end, with the bench itself"] = machine.busy()
    figures += ratios(figures, OURS, LIMIT)
    goals = list(_goals(figures))
    report.show(console, figures, goals)
    if not options.dry:
        report.write(figures, goals, described, is_quick=options.quick)


def _rounds(plan: Plan, both: list[Database], console: Console) -> Iterator[tuple[str, list[Reading]]]:
    """The databases take turns; being idle is measured once, on both at the same time."""
    for number in range(1, plan.rounds + 1):
        for database in both:
            console.print(f"Round {number} of {plan.rounds} on {database.name}...")
            yield database.name, _round(number, plan, database)
    console.print("Idle...")
    yield from idle.measure(both, plan.idle_seconds).items()


def _round(number: int, plan: Plan, database: Database) -> list[Reading]:
    words = [sys.executable, "-m", "bench.one_round", str(number), json.dumps(asdict(plan))]
    done = subprocess.run(words, env=database.environment(), stdout=subprocess.PIPE, check=True, cwd=report.ROOT)
    return [Reading(**each) for each in json.loads(done.stdout)]


def _goals(figures: list[Figure]) -> Iterator[Goal]:
    yield from judge(figures, "submit, p50", RATIO, "at most 1.5 x", lambda value: value <= 1.5)
    for body in ("drain, three fields a job", "drain, three fields and an e-mail a job"):
        yield from judge(figures, body, RATIO, "at least 0.6 x", lambda value: value >= 0.6)
    yield from judge(figures, "submit to start, p50", OURS, "under 50 ms", lambda value: value < 50)
    yield from judge(figures, "submit to done, p50", OURS, "under 2.5 ms", lambda value: value < 2.5)
    yield from judge(figures, "submit to done, p99", OURS, "under 8 ms", lambda value: value < 8)
    for step in ("open", "one edit"):
        name = f"designer, {NODES} nodes: {step}, p50"
        yield from judge(figures, name, OURS, "under 200 ms", lambda value: value < 200)
    yield from judge(figures, "idle, web and worker: CPU", OURS, "under 2% of a core", lambda value: value < 2)
    yield from judge(figures, "idle, web and worker: memory", OURS, "under 150 MB", lambda value: value < 150)


if __name__ == "__main__":
    main()
