"""The figures of the site for Prometheus, read from the database whenever they are asked for.

Nothing is counted in the processes, so it does not matter which of them answers, or how many there are. All are gauges:
rows that are purged would make a counter go back.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from meanwhile import __version__
from meanwhile.queue.by_queue import CAP, Queues, queues
from meanwhile.queue.lately import ENDS, NEWEST, lately
from meanwhile.queue.states import UNFINISHED, State

_STATES = tuple(state for state in State if state in UNFINISHED)


def registry() -> CollectorRegistry:
    """A registry of our own: what a host project counts about itself is not ours to show."""
    own = CollectorRegistry(auto_describe=False)
    own.register(QueueCollector())
    return own


class QueueCollector(Collector):
    """About a dozen small statements per scrape, whose price does not grow with the number of jobs."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Raises Django's database errors."""
        found = queues()
        yield _gauge("meanwhile_build_info", "The release that answers.", ["version"], [([__version__], 1)])
        yield from _jobs(found)
        yield from _waiting(found)
        yield from _workers(found)
        yield from _rules(found)
        yield from _lately()


def _jobs(found: Queues) -> Iterator[GaugeMetricFamily]:
    counts = [([queue.name, state], queue.counts.get(state, 0)) for queue in found.queues for state in _STATES]
    text = f"Unfinished jobs by queue and state; of each state the first {CAP} are counted."
    yield _gauge("meanwhile_jobs", text, ["queue", "state"], counts)
    capped = [([state.value], state in found.capped) for state in _STATES]
    yield _gauge("meanwhile_jobs_capped", "1: there are more jobs in this state than are counted.", ["state"], capped)
    tries = [([queue.name], queue.failed_tries) for queue in found.queues]
    text = "Failed tries of unfinished jobs, at the actions at which they stand."
    yield _gauge("meanwhile_failed_tries", text, ["queue"], tries)


def _waiting(found: Queues) -> Iterator[GaugeMetricFamily]:
    waits = [([queue.name], queue.oldest_waiting_seconds or 0.0) for queue in found.queues]
    text = "For how long the oldest waiting job of the queue has been due."
    yield _gauge("meanwhile_oldest_waiting_seconds", text, ["queue"], waits)


def _workers(found: Queues) -> Iterator[GaugeMetricFamily]:
    yield _gauge("meanwhile_workers", "Workers that live.", [], [([], found.workers)])
    serving = [([queue.name], queue.workers) for queue in found.queues]
    yield _gauge("meanwhile_queue_workers", "Workers that live and serve the queue.", ["queue"], serving)
    unserved = [([queue.name], queue.is_unserved) for queue in found.queues]
    text = "1: the queue has jobs and no worker serves it."
    yield _gauge("meanwhile_queue_unserved", text, ["queue"], unserved)


def _rules(found: Queues) -> Iterator[GaugeMetricFamily]:
    paused = [([queue.name], queue.rules.paused) for queue in found.queues]
    yield _gauge(
        "meanwhile_queue_paused", "1: nothing of the queue starts, because a person wants so.", ["queue"], paused
    )
    limits = [([queue.name], queue.rules.concurrency) for queue in found.queues if queue.rules.concurrency]
    text = "How many jobs of the queue may run at a time; only of queues that have such a limit."
    yield _gauge("meanwhile_queue_concurrency", text, ["queue"], limits)
    rates = [([queue.name], queue.rules.per_minute) for queue in found.queues if queue.rules.per_minute]
    text = "How many jobs of the queue may start in a minute; only of queues that have such a limit."
    yield _gauge("meanwhile_queue_rate_per_minute", text, ["queue"], rates)


def _lately() -> Iterator[GaugeMetricFamily]:
    found = lately()
    names = sorted({queue for queue, _state in found.counts})
    counts = [([name, state], found.counts.get((name, state), 0)) for name in names for state in ENDS]
    text = f"How many of the newest {NEWEST} jobs are finished, cancelled or failed."
    yield _gauge("meanwhile_lately_jobs", text, ["queue", "state"], counts)
    text = f"How long ago the oldest of the newest {NEWEST} jobs was made."
    yield _gauge("meanwhile_lately_seconds", text, [], [([], found.seconds)])


def _gauge(name: str, text: str, labels: list[str], samples: Iterable[tuple[list[str], float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, value in samples:
        family.add_metric([str(each) for each in values], float(value))
    return family
