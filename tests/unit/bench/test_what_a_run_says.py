from decimal import Decimal
from timeit import repeat
from xml.etree import ElementTree

import pytest

from bench import losses, plot
from bench.figures import LIMIT, OURS, Figure, against, ratios
from bench.goals import Promise, at_least, at_most, judge, under
from bench.measures.soak import growth_percent
from bench.profiling import OTHER, PARTS, part_of, profiled
from meanwhile.core import exact_json

SUBMISSIONS = "submissions, one process"


def rates(contender: str, *values: float, database: str = "PostgreSQL") -> Figure:
    return Figure(database, SUBMISSIONS, contender, "per second", values)


def test_a_goal_is_judged_by_the_median_and_told_by_how_much_it_is_missed() -> None:
    found = ratios([rates(OURS, 40, 50, 60), rates(LIMIT, 100, 100, 100)], OURS, LIMIT)
    (kept,) = judge(found, [Promise(SUBMISSIONS, against(LIMIT), at_least(0.5))])
    (missed,) = judge(found, [Promise(SUBMISSIONS, against(LIMIT), at_least(0.8))])
    assert (kept.holds, kept.missing_percent) == (True, 0)
    assert list(losses.missed([kept, missed])) == [
        f"{SUBMISSIONS} (Meanwhile / driver alone) on PostgreSQL: 0.5, wanted at least 0.8 x; missed by 38%."
    ]


def test_a_bound_belongs_to_at_most_and_not_to_under() -> None:
    assert at_most(1.1).holds(1.1)
    assert not at_most(1.1).holds(1.11)
    assert not under(8, "ms").holds(8)


def test_who_is_better_is_named_and_the_driver_alone_is_not() -> None:
    figures = [rates(OURS, 100), rates(LIMIT, 400), rates("huey", 150), rates("Celery", 50)]
    latency = [Figure("SQLite", "submit to done, p50", who, "ms", (value,)) for who, value in ((OURS, 4), ("huey", 2))]
    assert [sentence.partition(":")[0] for sentence in losses.beaten(figures + latency)] == [
        "huey, submissions, one process on PostgreSQL",
        "huey, submit to done, p50 on SQLite",
    ]
    assert not losses.has_others(figures[:2])


def test_the_plot_says_in_words_what_it_shows() -> None:
    drawn = ElementTree.fromstring(plot.svg([rates(OURS, 900, 1200), rates("a <peer>", 57, 58, database="SQLite")]))
    words = drawn.findtext("{*}desc")
    assert words == "Submissions a second, one process: Meanwhile 1,050; a <peer> on SQLite 57.5."
    assert len(drawn.findall("{*}rect")) == 1 + 2


def test_a_bar_is_as_long_as_its_value_is_high() -> None:
    drawn = ElementTree.fromstring(plot.svg([rates(OURS, 1000), rates("huey", 100), rates("Celery", 10)]))
    _, *bars = (float(bar.attrib["width"]) for bar in drawn.findall("{*}rect"))
    assert bars == sorted(bars, reverse=True)
    assert abs((bars[0] - bars[1]) - (bars[1] - bars[2])) < 1  # a tenth is as far away at any height


def test_growth_is_that_of_the_second_half_and_no_single_value_decides_it() -> None:
    assert growth_percent([10] * 10 + [999] + [10] * 10 + [11] * 10) == 10
    assert growth_percent([10.0]) == 0


def test_time_belongs_to_the_innermost_place_that_is_known() -> None:
    loop, walk, json = "/src/meanwhile/queue/worker.py", "/src/meanwhile/engine/walking.py", "/lib/json/encoder.py"
    assert part_of([json, walk, loop]) == "walk and journal"
    assert part_of(["/site-packages/psycopg/cursor.py", "/src/meanwhile/queue/database.py", loop]) == PARTS[0]
    assert part_of([json]) == OTHER


def test_a_profile_says_what_most_of_the_time_goes_to() -> None:
    journal = [{"outcome": "done", "changes": {"price": [None, Decimal("1.50")]}}] * 20
    shares = profiled(lambda: repeat(lambda: exact_json.loads(exact_json.dumps(journal)), number=1000, repeat=1))
    assert sum(shares.values()) == pytest.approx(100)
    assert max(shares, key=lambda part: shares[part]) == "JSON of payloads and journals"
