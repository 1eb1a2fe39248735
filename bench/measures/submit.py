"""How fast one process saves submissions, one after the other."""

from collections.abc import Iterator, Sequence

from bench.contenders import Contender
from bench.figures import Reading, percentile

# The contenders take turns this often, so that a busy moment of the machine meets them all.
TURN = 50
WARM_UP = 40


def measure(contenders: Sequence[Contender], count: int) -> Iterator[Reading]:
    """Half-way and outermost time of a submission, and how many a second."""
    for contender in contenders:
        contender.clear()
        contender.submit(WARM_UP)
    times: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(count // TURN):
        for contender in contenders:
            times[contender.name] += [end - start for _, start, end in contender.submit(TURN)]
    for name, seconds in times.items():
        yield Reading("submit, p50", name, percentile(seconds, 50) * 1000, "ms")
        yield Reading("submit, p99", name, percentile(seconds, 99) * 1000, "ms")
        yield Reading("submissions, one process", name, len(seconds) / sum(seconds), "per second")
