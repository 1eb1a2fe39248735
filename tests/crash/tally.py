"""What a run did to its processes and databases, counted, and the seed with which it can be repeated.

Each test counts in its own process; the figures travel to the report of the whole run with the result of the test.
``MEANWHILE_SEED`` sets the seed; every test draws from it and its own name, so that one test alone repeats as well.
"""

import os
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

SEED = "MEANWHILE_SEED"
# The name under which the figures travel with a test's result.
PROPERTY = "crash-tally"
_LEAST_WIDTH = 34

of_this_test = Counter[str]()


def seed() -> str:
    """The seed of this run, made where none is given; the processes of the run inherit it."""
    return os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**8)))


def chance_of(test: str) -> random.Random:
    """What ``test`` draws from."""
    return random.Random(f"{seed()} {test}")


def count(what: str, times: int = 1) -> None:
    """Something was done to the test's victims, or its invariants were checked."""
    of_this_test[what] += times


def take() -> dict[str, int]:
    """The figures of the test that ends."""
    taken = dict(of_this_test)
    of_this_test.clear()
    return taken


def lines(reports: Iterable[Any], database: str, *, is_full: bool) -> list[str]:
    """The report of a run: one line, or with ``is_full`` a line for each figure. Empty where nothing was counted."""
    counted, failed = Counter[str](), set[str]()
    for report in reports:
        if "tests/crash/" not in getattr(report, "nodeid", ""):
            continue
        if getattr(report, "failed", False):
            failed.add(report.nodeid)
        if getattr(report, "when", "") == "teardown":
            for name, figures in report.user_properties:
                counted.update(figures if name == PROPERTY else {})
    if not counted and not failed:
        return []
    told = [*sorted(counted.items()), ("violations", len(failed))]
    if is_full:
        width = max(_LEAST_WIDTH, *(len(what) for what, _times in told))
        return [f"on {database}", *(f"  {what:<{width}}{times:>7}" for what, times in told), _how_to_repeat()]
    return [f"{database}: " + ", ".join(f"{what} {times}" for what, times in told) + f"; {_how_to_repeat()}"]


def _how_to_repeat() -> str:
    return f"to repeat it: {SEED}={seed()}"
