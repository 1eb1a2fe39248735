"""How fast the jobs that wait are done: by one worker, and by two where a second one may help."""

from collections.abc import Iterator

from bench import names
from bench.contenders import Contender
from bench.crew import Crew
from bench.figures import Reading


def measure(contender: Contender, crew: Crew, workers: int, jobs: int) -> Iterator[Reading]:
    """Jobs a second from the moment when the crew of ``workers`` may begin to the last commit, for each kind of job."""
    count = round(jobs * contender.share)
    for body, (kind, name) in contender.bodies.items():
        contender.clear()
        crew.stop()
        contender.fill(body, count)
        crew.forget()
        started = crew.go_on()
        seconds = max(end for _, end in crew.wait_for(count).values()) - started
        contender.settle()
        contender.require_done(body, count)
        yield Reading(names.drain(kind, workers), name, count / seconds, "jobs per second")
