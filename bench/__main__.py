"""``python -m bench [--quick]``: measure everything on both databases, round by round, and write down what came out."""

import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, replace

from rich.console import Console

from bench import databases, machine, ourselves, report
from bench.comparing import compared
from bench.databases import Database
from bench.figures import Reading, gather, ratios
from bench.goals import PAIRS, judge
from bench.measures import idle, idle_peers
from bench.older_server import older
from bench.peers.taking_part import Field, taking_part, versions
from bench.plan import FULL, QUICK, Plan


def main() -> None:
    """Entry point."""
    parser = ArgumentParser(prog="bench", description="Measure Meanwhile beside the database's own driver.")
    parser.add_argument("--quick", action="store_true", help="about five minutes instead of forty")
    parser.add_argument("--rounds", type=int, help="how many rounds everything takes that is measured in rounds")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="how long the soak takes")
    parser.add_argument("--dry", action="store_true", help="only print; leave latest.json and the page as they are")
    parser.add_argument("--peers", type=lambda said: said.split(","), help="only these, comma-separated")
    options = parser.parse_args()
    plan, console = QUICK if options.quick else FULL, Console()
    plan = replace(plan, soak_seconds=plan.soak_seconds if options.soak is None else options.soak)
    plan = replace(plan, rounds=options.rounds or plan.rounds)
    with databases.both() as both, older() as more, taking_part(both[-1], options.peers) as field:
        described = machine.describe(both[-1].url) | {each.name: machine.server_version(each.url) for each in more}
        described |= versions(field.keys) | {"busy before the start": machine.busy()}
        figures = gather(_rounds(replace(plan, peers=field.keys), both, more, field, console))
        described["busy at the end, with the bench itself"] = machine.busy()
    figures += [each for one, other in PAIRS for each in ratios(figures, one, other)]
    figures += compared(figures)
    goals = judge(figures)
    report.show(console, figures, goals)
    if not options.dry:
        report.write(figures, goals, described, is_quick=options.quick)


def _rounds(
    plan: Plan, both: list[Database], more: list[Database], field: Field, console: Console
) -> Iterator[tuple[str, list[Reading]]]:
    """The databases take turns; being idle is measured once, on both at the same time."""
    for number in range(1, plan.rounds + 1):
        for database in both:
            console.print(f"Round {number} of {plan.rounds} on {database.name}...")
            yield database.name, _round(number, plan, database)
    yield from ourselves.measured(plan, both, more, console)
    console.print("Idle...")
    yield from idle.measure(both, plan.idle_seconds).items()
    yield both[-1].name, idle_peers.measure(both[-1], field, plan.idle_seconds)


def _round(number: int, plan: Plan, database: Database) -> list[Reading]:
    words = [sys.executable, "-m", "bench.one_round", str(number), json.dumps(asdict(plan))]
    done = subprocess.run(words, env=database.environment(), stdout=subprocess.PIPE, check=True, cwd=report.ROOT)
    return [Reading(**each) for each in json.loads(done.stdout)]


if __name__ == "__main__":
    main()
