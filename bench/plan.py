"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """``arrivals``: submissions of the latency measure, at ``arrivals_per_second``. ``peers``: who else takes part; see
    ``bench.peers``.

    Of ourselves alone: ``form_seconds`` for sending forms, ``letters`` with and without a slow call, ``sizes`` of the
    table of jobs and ``growth_jobs`` drained at each, ``claim_turns`` times ``claims``, and the soak.
    """

    rounds: int
    submissions: int
    jobs: int
    arrivals: int
    idle_seconds: float
    arrivals_per_second: float = 20.0
    peers: tuple[str, ...] = ()
    form_seconds: int = 8
    letters: int = 120
    sizes: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    growth_jobs: int = 1000
    claim_turns: int = 9
    claims: int = 40
    soak_seconds: float = 600
    soak_per_second: float = 50


# Three rounds tell a median and a spread; at 5,000 jobs a drain lasts long enough not to be about its first batch.
FULL = Plan(rounds=3, submissions=1000, jobs=5000, arrivals=100, idle_seconds=20)
# For a look after a change, in less than five minutes with all peers: one round tells no spread.
QUICK = Plan(
    rounds=1,
    submissions=200,
    jobs=1000,
    arrivals=30,
    idle_seconds=5,
    form_seconds=3,
    letters=40,
    sizes=(1_000, 20_000),
    growth_jobs=500,
    claims=20,
    soak_seconds=10,
)
# Objects of the event tree that the designer is measured with: as large as a person can still look at.
NODES = 500
