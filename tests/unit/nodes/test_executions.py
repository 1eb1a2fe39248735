"""Background and Delay: when the children run, and how."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from meanwhile.core.errors import PermanentError
from meanwhile.plugins.contracts import Branch
from tests.unit.nodes.samples import NOW, context, node, problems

JOB = {"queue": "mail", "attempts": 2, "backoff": "1m", "time_limit": "10m", "ordered": False}


def branch(type_="delay", *, at=None, **settings):
    plugin, parsed = node(type_, **settings)
    return plugin.branch(parsed, at or context())


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_background_runs_as_soon_as_possible_with_its_own_retries():
    assert branch("background") == Branch()
    wanted = Branch(queue="mail", attempts=2, backoff_seconds=60.0, limit_seconds=600, ordered=False)
    assert branch("background", **JOB) == wanted


@pytest.mark.parametrize("way", [{}, {"until": "now"}, {"until": " Now "}, {"for": "now"}])
def test_delay_until_now_is_the_same_thing_as_background(way):
    assert branch("delay", **way, **JOB) == branch("background", **JOB)


@pytest.mark.parametrize(
    ("settings", "due_at"),
    [
        ({"for": "2h"}, utc(2026, 3, 28, 14)),
        ({"for": "1d"}, utc(2026, 3, 29, 11)),  # the clocks go forward: the same time on the wall
        ({"for": "24h"}, utc(2026, 3, 29, 12)),
        ({"for": "1mo"}, utc(2026, 4, 28, 11)),
        ({"until": "2026-06-01T10:00:00Z"}, utc(2026, 6, 1, 10)),
        ({"until": "2026-06-01 10:00"}, utc(2026, 6, 1, 8)),
        ({"until": "2026-06-01"}, utc(2026, 5, 31, 22)),
        ({"until": "{{ record.booked_at + hours(1) }}"}, utc(2026, 3, 30, 9)),
        ({"until": "{{ record.departure }}"}, utc(2026, 4, 9, 22)),
        ({"until": "now", "offset": "+90s"}, NOW + timedelta(seconds=90)),
        ({"start_of": "hour"}, utc(2026, 3, 28, 13)),
        ({"start_of": "day"}, utc(2026, 3, 28, 23)),
        ({"start_of": "day", "offset": "+1d"}, utc(2026, 3, 29, 22)),
        ({"start_of": "week"}, utc(2026, 3, 29, 22)),
        ({"start_of": "month", "offset": "9h"}, utc(2026, 4, 1, 7)),
        ({"start_of": "year"}, utc(2026, 12, 31, 23)),
        ({"field": "departure", "offset": "-2h30m"}, utc(2026, 4, 9, 19, 30)),
        ({"field": "booked_at", "offset": "+1w"}, utc(2026, 4, 6, 8)),
    ],
)
def test_delay_is_due_at(settings, due_at):
    at = context(booked_at=utc(2026, 3, 30, 8), departure=date(2026, 4, 10))
    result = branch(at=at, **settings)
    assert result.due_at == due_at
    assert result.detail["due_at"] == due_at


def test_journal_tells_moment_zone_and_wall_time():
    assert branch(**{"for": "1d"}).detail == {
        "due_at": utc(2026, 3, 29, 11),
        "zone": "Europe/Berlin",
        "wall": "2026-03-29T13:00:00",
    }


@pytest.mark.parametrize(
    "settings", [{"until": "2020-01-01"}, {"field": "departure"}, {"until": "now", "offset": "-1h"}]
)
def test_a_past_moment_is_due_now(settings):
    result = branch(at=context(departure=date(2026, 3, 1)), **settings)
    assert result.due_at is None
    assert result.skipped is None
    assert result.detail["due_at"] < NOW


@pytest.mark.parametrize("settings", [{"field": "departure"}, {"until": "{{ record.booked_at }}"}])
def test_an_empty_date_skips_the_children_and_says_why(settings):
    result = branch(**settings)
    assert result.skipped
    assert "empty" in result.skipped


def test_next_hour_is_the_repeated_one_when_clocks_go_back():
    at = context(now=utc(2026, 10, 25, 0, 30))  # 02:30 in Berlin, for the first time
    assert branch(at=at, start_of="hour").due_at == utc(2026, 10, 25, 1, 0)


def test_a_day_starts_after_the_gap_where_midnight_is_skipped():
    at = context(now=utc(2026, 9, 5, 12), zone=ZoneInfo("America/Santiago"))
    result = branch(at=at, start_of="day")
    assert result.detail["wall"] == "2026-09-06T01:00:00"


@pytest.mark.parametrize(
    ("until", "words"),
    [("{{ '2026-03-29 02:30' }}", "does not exist"), ("{{ '2026-10-25 02:30' }}", "twice"), ("{{ 5 }}", "neither")],
)
def test_an_unclear_moment_fails_clearly(until, words):
    with pytest.raises(PermanentError, match=words):
        branch(until=until)


def test_a_moment_outside_the_calendar_fails_clearly():
    with pytest.raises(PermanentError, match="calendar"):
        branch(at=context(booked_at=utc(9999, 12, 30)), field="booked_at", offset="+1y")


@pytest.mark.parametrize(
    "settings",
    [
        {"for": "2h", "until": "now"},
        {"start_of": "day", "field": "departure"},
        {"for": "-2h"},
        {"for": 2},
        {"start_of": "century"},
        {"offset": "1 fortnight"},
        {"backoff": "1mo"},
        {"time_limit": "0s"},
        {"attempts": 0},
    ],
)
def test_unclear_settings_are_refused(settings):
    with pytest.raises(ValidationError):
        node("delay", **settings)


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"until": "next tuesday"}, ("until",), "is not a date and time"),
        ({"field": "departur"}, ("field",), 'Did you mean "departure"'),
        ({"field": "passenger"}, ("field",), "neither a date"),
    ],
)
def test_check_finds_what_delay_cannot_work_with(settings, path, words):
    assert words in problems("delay", **settings)[path]


def test_check_accepts_what_is_right():
    assert not problems("delay", field="booked_at")
    assert not problems("delay", field="created_at")
    assert not problems("delay", until="{{ record.departure }}")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "Delay until now"),
        ({"for": "2h"}, "Delay for 2h"),
        ({"start_of": "month", "offset": "+9h"}, "Delay until the start of the next month +9h"),
        ({"until": "2026-06-01"}, "Delay until 2026-06-01"),
        ({"field": "departure", "offset": "-1d"}, "Delay until the date in departure -1d"),
    ],
)
def test_delay_says_in_words_what_it_does(settings, words):
    plugin, parsed = node("delay", **settings)
    assert plugin.summary(parsed) == words


def test_settings_are_written_as_they_were_read():
    given = {"for": "1d2h", "offset": "- 5m", "backoff": "90s"}
    _plugin, parsed = node("delay", **given)
    assert parsed.model_dump(exclude_unset=True) == {"for": "1d2h", "offset": "- 5m", "backoff": "1m30s"}


@pytest.mark.parametrize("name", ["", "x" * 61, "a,b", "two\nlines", " mail", "a\x00b"])
def test_a_job_stands_in_no_queue_that_people_could_not_name_elsewhere(name):
    # "meanwhile worker --queues" parts names by commas; a name with a line break broke lists and figures.
    with pytest.raises(ValidationError):
        node("background", queue=name)


def test_a_queue_may_have_blanks_and_letters_of_any_script():
    assert branch("background", queue="späte Post/ü & 'mehr'").queue == "späte Post/ü & 'mehr'"
