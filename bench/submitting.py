"""Saves submissions one after the other for some seconds; see ``main``."""

import sys

from bench import site_work, work
from meanwhile.core import clock
from meanwhile.definitions.program import current_program
from meanwhile.engine import intake

WARM_UP = 40


def main(seconds: str) -> None:
    """Say that it is ready, wait for a line, and print how many were saved in ``seconds``."""
    program = current_program(site_work.APPLICATION)
    for number in range(WARM_UP):
        intake.submit(program, site_work.ENQUIRY, work.values(number))
    print("ready", flush=True)
    sys.stdin.readline()
    count, end = 0, clock.monotonic() + float(seconds)
    while clock.monotonic() < end:
        intake.submit(program, site_work.ENQUIRY, work.values(count))
        count += 1
    print(count)
