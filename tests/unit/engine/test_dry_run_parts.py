"""The parts of a dry run that need no database: sample values, answers, the order of jobs, the order of telling."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from meanwhile.definitions.loading import load_plain
from meanwhile.engine.dry.answers import NOT_SAID, Answers, Fails, merged
from meanwhile.engine.dry.told import DryRun, Line, PageShown, Part
from meanwhile.engine.dry.waiting import Queue, Waiting
from meanwhile.engine.steps import Outcome
from meanwhile.plugins.samples import sample_of
from meanwhile.tables.table import Field, build_table

NOW = datetime(2026, 5, 4, 12, 30, 15, tzinfo=UTC)


def field(**settings: Any) -> Field:
    plain = {"application": "samples", "tables": {"t": {"fields": {"full_name": settings}, "events": {}}}}
    tables = load_plain(plain).tables
    return build_table("samples", "t", tables["t"], tables).fields["full_name"]


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ({"type": "text"}, "Ada Lovelace"),
        ({"type": "text", "max_length": 1}, "x"),
        ({"type": "text", "default": "given"}, "given"),
        ({"type": "email"}, "ada@example.org"),
        ({"type": "url"}, "https://example.org/"),
        ({"type": "integer"}, 1),
        ({"type": "integer", "min": 7, "max": 9}, 7),
        ({"type": "integer", "min": 123_456, "max": 123_457}, 123_456),
        ({"type": "decimal"}, Decimal("120.50")),
        ({"type": "decimal", "places": 0, "max": 2}, Decimal(1)),
        ({"type": "choice", "choices": {"a": "A", "b": "B"}}, "a"),
        ({"type": "boolean"}, False),
        ({"type": "date"}, date(2026, 5, 11)),
        ({"type": "datetime"}, datetime(2026, 5, 11, 12, 30, tzinfo=UTC)),
        ({"type": "json"}, {"sample": True}),
        ({"type": "user"}, None),
    ],
)
def test_a_sample_is_plausible_and_fits(settings: dict[str, Any], value: Any) -> None:
    assert sample_of(field(**settings), NOW) == value


def test_a_field_type_of_somebody_else_gets_whatever_it_takes() -> None:
    picky = SimpleNamespace(key="x", label="X", type="theirs", clean=lambda value: "hundred" if value == 100 else _no())
    assert sample_of(picky, NOW) == "hundred"


def _no() -> Any:
    raise ValueError


def test_an_answer_for_a_node_goes_before_one_for_its_function() -> None:
    answers = Answers({"ask": 1, "n-2": 2})
    assert answers.of("n-1", {"function": "ask"}) == 1
    assert answers.of("n-2", {"function": "ask"}) == 2
    assert answers.of("n-3", {"to": ["a@example.org"]}) is NOT_SAID


def test_an_answer_takes_the_place_of_the_value_or_of_parts() -> None:
    assert merged({"value": 1}, NOT_SAID) == {"value": 1}
    assert merged({"value": 1}, {"a": 2}) == {"value": {"a": 2}}
    assert merged({"status": 200, "text": ""}, {"text": "x"}) == {"status": 200, "text": "x"}
    assert merged({}, "x") == {"value": "x"}


def test_what_fails_says_so() -> None:
    assert "it fails" in Fails().error().message
    assert Fails("The partner is away.").error().message == "The partner is away."


def waiting(title: str, after: int) -> Waiting:
    nothing: Any = None
    return Waiting("background", title, NOW + timedelta(hours=after), (), nothing, nothing)


def test_jobs_come_in_the_order_of_their_moments_and_then_of_queueing() -> None:
    queue = Queue()
    for title, after in (("later", 2), ("first", 0), ("second", 0), ("between", 1)):
        queue.add(waiting(title, after))
    assert queue.due_by(NOW) == 2
    assert [queue.next().title for _ in range(len(queue))] == ["first", "second", "between", "later"]


def told(**more: Any) -> DryRun:
    parts = [Part("now", "now", "T #1"), Part("background", "one", "T #1"), Part("background", "two", "T #1")]
    table: Any = SimpleNamespace(fields={})
    page = PageShown("wait", "waiting", "Waiting")
    return DryRun(
        **{
            "table": table,
            "record_id": 1,
            "is_new": True,
            "started_at": NOW,
            "before": {},
            "after": {},
            "parts": parts,
            "page": page,
            **more,
        }
    )


def test_the_pages_stand_where_the_person_sees_them() -> None:
    later = PageShown("content", "done", "Done")
    titles = ["now", "Waiting", "one", "Done", "two"]
    assert [scene.title for scene in told(later=later, goes_on_after=1).scenes] == titles
    assert [scene.title for scene in told(later=later).scenes] == ["now", "Waiting", "one", "two", "Done"]
    assert [scene.title for scene in told(page=PageShown("none", "", "")).scenes] == ["now", "one", "two"]
    assert [scene.title for scene in told(parts=[], page=PageShown("form", "f", "Form")).scenes] == ["Form"]


def test_a_line_knows_an_email_from_a_call() -> None:
    line = Line(
        "n", "call", "t.record_update", "Call", Outcome.DONE, request={"function": "ask", "arguments": {"a": 1}}
    )
    assert (line.call, line.email, line.facts) == ("ask", None, [("a", "1")])
    email = {"to": ["a@example.org"], "subject": "s", "body": "b", "cc": []}
    line = Line("n", "send_email", "t.record_update", "Send", Outcome.DONE, request=email)
    assert (line.call, line.email) == ("", email)
