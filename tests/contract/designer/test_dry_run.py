"""A dry run tells what a real run does, and leaves nothing behind: no row, no e-mail, no call."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from meanwhile import function
from meanwhile.core.errors import MissingDefinition
from meanwhile.core.mail_folder import read_folder
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.dry_run import DryRun, Fails, Trial, dry_run, load_draft, starting_values
from meanwhile.engine.models import Run
from meanwhile.engine.performer import EnginePerformer
from meanwhile.engine.steps import Step
from meanwhile.plugins import functions
from meanwhile.queue.models import Job
from meanwhile.queue.worker import Worker
from meanwhile.tables import records
from tests.host.models import Customer, Place

BOOKING = Path(__file__).parents[3] / "examples/booking/booking.yaml"
PASSENGER = {"passenger": "Ada", "email": "ada@example.org", "destination": "Lisbon", "seats": 2, "partner": "answers"}

type Try = Callable[..., DryRun]
type Publish = Callable[[str], Program]


@pytest.fixture
def calls() -> Iterator[list[str]]:
    """Which functions with an effect were really called. ``writer`` and ``counter`` have none, or so they say."""
    made: list[str] = []

    @function
    def fare_quote(booking: int, destination: str, seats: int, partner: str = "answers") -> Decimal:
        made.append("fare_quote")
        return Decimal("240.00")

    @function
    def ask(word: str = "hello") -> str:
        made.append("ask")
        return word.upper()

    @function(effect=False)
    def writer(how: str) -> str:
        WAYS_TO_WRITE[how]()
        return "written"

    @function(effect=False)
    def counter() -> int:
        return _run("SELECT count(*) FROM mw_shop__item")[0][0]

    yield made
    for name in ("fare_quote", "ask", "writer", "counter"):
        functions._functions.pop(name, None)


def _run(*statements: str) -> list[Any]:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def _by_model() -> None:
    get_user_model().objects.create(username="intruder")


def _swallowing() -> None:
    try:
        _by_model()
    except Exception:
        _run("SELECT 1")


def _past_the_switch() -> None:
    """Take the refusal of writes back, then write: the transaction is rolled back all the same."""
    switch = "PRAGMA query_only = OFF" if connection.vendor == "sqlite" else "SET TRANSACTION READ WRITE"
    _run(switch, "DELETE FROM mw_shop__item")


def _after_commit() -> None:
    transaction.on_commit(_by_model)


WAYS_TO_WRITE: dict[str, Callable[[], Any]] = {
    "statement": lambda: _run("DELETE FROM mw_shop__item"),
    "model": _by_model,
    "swallowing": _swallowing,
    "switch": _past_the_switch,
    "after commit": _after_commit,
}


@pytest.fixture
def booking(publish_yaml: Publish, calls: list[str]) -> Program:
    return publish_yaml(BOOKING.read_text())


def everything() -> dict[str, Any]:
    """Every row of every table, and the mail that was sent."""
    found: dict[str, Any] = {"mail": [sent.name for sent in read_folder()]}
    for name in connection.introspection.table_names():
        found[name] = sorted(map(repr, _run(f"SELECT * FROM {connection.ops.quote_name(name)}")))
    return found


@pytest.fixture
def attempt(transactional_db: None, calls: list[str]) -> Try:
    """``attempt(program, trial)`` makes a dry run, and fails where anything is different afterwards."""

    def run(program: Program, trial: Trial) -> DryRun:
        before = everything()
        told = dry_run(program, trial)
        assert everything() == before
        assert calls == []
        return told

    return run


type Told = list[tuple[str, str, dict[str, Any]]]
type Mails = list[tuple[str, str, str]]


def told_steps(run: DryRun) -> Told:
    """Node, outcome and new values of every line."""
    return [(line.node, str(line.outcome), {each.field: each.after for each in line.changes}) for line in run.lines]


def real_steps(submission_id: int) -> Told:
    """The journals of a submission in the order in which they came about."""
    journals: list[list[Step]] = [
        run.steps for run in Run.objects.filter(submission_id=submission_id).order_by("id")[:1]
    ]
    journals += [job.steps for job in Job.objects.filter(submission_id=submission_id).order_by("due_at", "id")]
    return [
        (step.get("node", ""), step["outcome"], {key: after for key, (_, after) in step.get("changes", {}).items()})
        for steps in journals
        for step in steps
    ]


def told_mails(run: DryRun) -> Mails:
    return [(each["to"][0], each["subject"], _without_tokens(each["body"])) for each in requests(run) if "to" in each]


def requests(run: DryRun) -> list[Any]:
    return [line.request for line in run.lines if line.request]


def real_mails(before: int) -> Mails:
    return [(each.to, each.subject, _without_tokens(each.text)) for each in reversed(read_folder()[: -before or None])]


def _without_tokens(text: str) -> str:
    """Addresses of a record hold its signature, with the moment."""
    return re.sub(r"[\w-]+:[\w-]+:[\w-]+", "TOKEN", text).strip()


def work() -> None:
    Worker(EnginePerformer(), threads=0).drain()


def test_a_new_booking_goes_as_the_dry_run_says(booking: Program, attempt: Try) -> None:
    before = len(read_folder())
    told = attempt(booking, Trial(form="book", values=PASSENGER, answers={"fare_quote": "240.00"}))
    submitted = intake.submit(booking, "booking", PASSENGER, form="book")
    work()
    assert told_steps(told) == real_steps(submitted.submission_id)
    assert fields(told.after, booking) == fields(stored(booking, submitted.record_id), booking)
    assert told_mails(told) == real_mails(before)
    assert len(told_mails(told)) == 1


def stored(program: Program, record_id: Any, table: str = "booking") -> dict[str, Any]:
    return records.read(program.tables[table], [record_id])[record_id]


def fields(values: Any, program: Program, table: str = "booking") -> dict[str, Any]:
    """Without the columns of the system, whose times differ."""
    return {key: values.get(key) for key in program.tables[table].fields}


def test_a_changed_booking_goes_as_the_dry_run_says(booking: Program, attempt: Try, calls: list[str]) -> None:
    first = intake.submit(booking, "booking", PASSENGER, form="book")
    work()
    calls.clear()
    before = len(read_folder())
    changed = {"destination": "Nairobi", "seats": 3, "partner": "answers"}
    trial = Trial(form="change", values=changed, record_id=first.record_id, is_new=False, answers={"fare_quote": 240})
    told = attempt(booking, trial)
    again = intake.submit(booking, "booking", changed, record_id=first.record_id, form="change")
    work()
    assert told_steps(told) == real_steps(again.submission_id)
    assert fields(told.after, booking) == fields(stored(booking, first.record_id), booking)
    assert told_mails(told) == real_mails(before)


def test_the_person_sees_the_wait_page_and_then_the_itinerary(booking: Program, attempt: Try) -> None:
    told = attempt(booking, Trial(form="book", values=PASSENGER))
    assert (told.page.key, told.page.state, told.page.flag_value) == ("confirming", "waiting", False)
    assert "Thank you, Ada. Your booking **BK-1** is received." in told.page.text
    assert told.later is not None
    assert told.later.key == "itinerary"
    assert "Fare: 120.50 EUR" in told.later.text
    assert told.goes_on_after == 1


def test_a_background_that_fails_is_told_with_what_it_means(booking: Program, attempt: Try) -> None:
    told = attempt(booking, Trial(form="book", values=PASSENGER, answers={"fare_quote": Fails()}))
    failed = told.parts[-1]
    assert failed.lines[-1].error == "Assumed for this dry run: it fails."
    assert "It is tried 3 times in all, the second time after 2.0 s" in failed.failure
    assert "rests as failed" in failed.failure
    assert told.later is not None
    assert told.later.state == "failed"
    assert "could not give us a fare" in told.later.text


def test_what_is_not_given_is_filled_in_with_something_plausible(booking: Program, attempt: Try) -> None:
    values = starting_values(booking, Trial(form="book"))
    assert values == {
        "passenger": "Ada Lovelace",
        "email": "ada@example.org",
        "destination": "Lisbon",
        "seats": 1,
        "partner": "answers",
    }
    assert attempt(booking, Trial(form="book")).after["passenger"] == "Ada Lovelace"


SHOP = """
application: shop
tables:
  item:
    fields:
      a: {{type: text}}
      b: {{type: text}}
      n: {{type: integer, min: 0, max: 100}}
      flag: {{type: boolean}}
      code: {{type: text, unique: true}}
      note: {{type: link, table: note}}
    events:
      record_update:
{events}
      twice:
        parameters: [word]
        do:
          - update_field: {{field: b, value: "{{{{ record.b }}}}{{{{ event.word }}}}"}}
          - background:
            do:
              - update_field: {{field: n, value: "{{{{ (record.n or 0) + 1 }}}}"}}
  note:
    fields:
      text: {{type: text, required: true}}
      item: {{type: link, table: item, on_delete: cascade}}
    events:
      record_update:
        - update_field: {{field: text, value: "{{{{ record.text }}}} of {{{{ record.item.a }}}}"}}
        - background:
          do:
            - update_field: {{field: text, value: "{{{{ record.text }}}}!"}}
forms:
  enter: {{table: item, fields: [a, b], next: seen}}
pages:
  seen: {{kind: content, table: item, text: "a is {{{{ record.a }}}}, b is {{{{ record.b }}}}"}}
"""


@pytest.fixture
def shop(publish_yaml: Publish, calls: list[str]) -> Callable[[str], Program]:
    """Publish the shop with this tree for its items."""

    def publish(tree: str) -> Program:
        return publish_yaml(SHOP.format(events="\n".join("        " + line for line in tree.strip().splitlines())))

    return publish


TREES = {
    "conditions, events and nested background work": """
- update_field: {field: a, value: one}
- background:
  name: First
  do:
    - update_field: {field: a, value: "{{ record.a }}-first"}
    - background:
      do:
        - update_field: {field: a, value: "{{ record.a }}-inner"}
    - trigger_event: {event: twice, parameters: {word: x}}
- if: "record.n > 3"
  do:
    - update_field: {field: b, value: high}
  otherwise:
    - trigger_event: {event: twice, parameters: {word: y}}
- background:
  disabled: true
  do:
    - update_field: {field: a, value: never}
- delay: now
  do:
    - update_field: {field: a, value: "{{ record.a }}-second"}
""",
    "records that are made, linked and fire events": """
- create_record:
    table: note
    values: {text: "About {{ record.a }}", item: "{{ record.id }}"}
    into: note
    fires_event: true
- update_field: {field: b, value: "{{ record.note.text }}"}
- background:
  do:
    - create_record: {table: note, values: {text: second, item: "{{ record.id }}"}, fires_event: true}
    - update_field: {field: n, value: 7}
""",
    "effects that the person waits for": """
- update_field: {field: a, value: before}
- call: {function: ask, arguments: {word: hi}, into: b}
- background:
  do:
    - update_field: {field: b, value: "{{ record.b }}-later"}
- send_email: {to: a@example.org, subject: "{{ record.b }}", body: "{{ record.a }}"}
- update_field: {field: a, value: after}
""",
    "an e-mail without a recipient in the background": """
- background:
  do:
    - update_field: {field: a, value: kept}
    - send_email: {to: "{{ record.code }}", subject: s, body: b}
    - update_field: {field: a, value: never}
- background:
  do:
    - update_field: {field: b, value: goes on}
""",
    "a record that is deleted with work to come": """
- background:
  do:
    - update_field: {field: a, value: gone}
- background:
  do:
    - delete_record:
    - update_field: {field: a, value: never}
- background:
  do:
    - update_field: {field: a, value: never}
""",
    "events that start themselves": """
- if: "(record.n or 0) < 3"
  do:
    - update_field: {field: n, value: "{{ (record.n or 0) + 1 }}", fires_event: true}
""",
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_it_tells_every_step_of_a_real_run_in_its_order(
    tree: str, shop: Callable[[str], Program], attempt: Try, calls: list[str]
) -> None:
    program = shop(tree)
    before = len(read_folder())
    told = attempt(program, Trial(table="item", values={"a": "A", "b": "B"}, answers={"ask": "HI"}))
    submitted = intake.submit(program, "item", {"a": "A", "b": "B"})
    work()
    assert told_steps(told) == real_steps(submitted.submission_id)
    assert told_mails(told) == real_mails(before)
    left = records.read(program.tables["item"], [submitted.record_id]).get(submitted.record_id, {})
    assert fields(told.after, program, "item") == fields(left, program, "item")


def test_a_delay_is_told_with_the_moment_at_which_it_is_due(shop: Callable[[str], Program], attempt: Try) -> None:
    program = shop(
        """
- delay: 2h
  do:
    - update_field: {field: a, value: "{{ now }}"}
- background:
  do:
    - update_field: {field: b, value: first}
"""
    )
    told = attempt(program, Trial(table="item"))
    assert [part.kind for part in told.parts] == ["now", "background", "delay"]
    due_at = told.parts[-1].due_at
    assert due_at is not None
    assert round((due_at - told.started_at).total_seconds(), 3) == 7200


def test_a_failure_before_the_page_returns_refuses_everything(shop: Callable[[str], Program], attempt: Try) -> None:
    program = shop(
        """
- update_field: {field: a, value: one}
- update_field: {field: n, value: "{{ 100 + 1 }}"}
- background:
  do:
    - update_field: {field: b, value: never}
"""
    )
    told = attempt(program, Trial(form="enter", values={"a": "A"}))
    assert told.refused
    assert told.page.kind == "form"
    assert "100" in told.page.text
    assert [line.outcome for line in told.lines] == ["done", "failed"]
    assert told.after == {}


def test_a_value_that_is_taken_is_refused_as_the_database_would(shop: Callable[[str], Program], attempt: Try) -> None:
    program = shop("- update_field: {field: a, value: one}")
    intake.submit(program, "item", {"code": "X"})
    told = attempt(program, Trial(table="item", values={"code": "X"}))
    assert told.refused
    assert told.problems == ("Nothing would be saved: Code: another record has this value already.",)


def test_a_protected_record_is_not_deleted(shop: Callable[[str], Program], publish_yaml: Publish, attempt: Try) -> None:
    text = SHOP.format(events="        - background:\n          do:\n            - delete_record:")
    program = publish_yaml(text.replace("on_delete: cascade", "on_delete: protect"))
    item = intake.submit(program, "item", {"a": "A"})
    Job.objects.all().delete()
    intake.submit(program, "note", {"text": "x", "item": item.record_id})
    Job.objects.all().delete()
    told = attempt(program, Trial(table="item", record_id=item.record_id, is_new=False))
    assert "cannot be deleted" in told.lines[-1].error


@pytest.mark.parametrize("way", WAYS_TO_WRITE)
@pytest.mark.parametrize("place", ["before the page", "in the background"])
def test_a_function_that_tries_to_write_leaves_nothing_behind(
    way: str, place: str, shop: Callable[[str], Program], attempt: Try
) -> None:
    call = f"call: {{function: writer, arguments: {{how: {way}}}, into: b}}"
    if place == "before the page":
        program = shop(f"- {call}\n- update_field: {{field: n, value: 5}}")
    else:
        program = shop(f"- background:\n  do:\n    - {call}\n    - update_field: {{field: n, value: 5}}")
    intake.submit(program, "item", {"a": "kept"})
    Job.objects.all().delete()
    told = attempt(program, Trial(table="item"))
    assert told.after["n"] == 5
    if way not in ("switch", "after commit"):
        line = next(line for line in told.lines if line.type == "call")
        assert "tried to write to the database" in line.note
        assert told.after["b"] == "B"


def test_a_function_without_an_effect_reads_for_real(shop: Callable[[str], Program], attempt: Try) -> None:
    program = shop("- call: {function: counter, into: n}")
    intake.submit(program, "item", {"a": "A"})
    assert attempt(program, Trial(table="item")).after["n"] == 1
    assert attempt(program, Trial(table="item", answers={"counter": "9"})).after["n"] == 9


def _with_distant(document: dict[str, Any]) -> dict[str, Any]:
    """With two new fields, one of them a link to a new table."""
    item = document["tables"]["item"]["fields"]
    item |= {"fresh": {"type": "text", "default": "new"}, "far": {"type": "link", "table": "distant"}}
    document["tables"]["distant"] = {"fields": {"name": {"type": "text"}}}
    return document


def test_a_draft_is_tried_on_records_that_lack_its_new_fields_and_tables(
    shop: Callable[[str], Program], attempt: Try
) -> None:
    program = shop("- update_field: {field: a, value: one}")
    item = intake.submit(program, "item", {"a": "A", "n": 4})
    document = SHOP.format(
        events="        - update_field: {field: b, value: '{{ record.fresh }} {{ record.far.name }}'}"
    )
    draft = load_draft(_with_distant(yaml.safe_load(document)))
    told = attempt(draft, Trial(table="item", record_id=item.record_id, is_new=False))
    assert (told.before["n"], told.before["fresh"], told.before["far"]) == (4, "new", None)
    assert told.after["b"] == "new"


def test_an_application_that_was_never_published_can_be_tried(attempt: Try) -> None:
    document = SHOP.format(events="        - create_record: {table: note, values: {text: hi}, into: note}")
    told = attempt(load_draft(yaml.safe_load(document)), Trial(form="enter", values={"a": "A"}))
    assert told.after["note"] == 1
    assert told.lines[0].made[0].values == {"text": "hi"}
    assert told.page.text == "a is A, b is B"


def test_a_record_that_is_not_there_is_said(shop: Callable[[str], Program]) -> None:
    program = shop("- update_field: {field: a, value: one}")
    with pytest.raises(MissingDefinition, match="There is no record 99"):
        dry_run(program, Trial(table="item", record_id=99, is_new=False))


def test_events_without_end_are_cut_off(publish_yaml: Publish, attempt: Try) -> None:
    tree = "        - background:\n          do:\n            - trigger_event: {event: round}"
    text = SHOP.format(events=tree).replace(
        "      twice:",
        "      round:\n        - background:\n          do:\n            - trigger_event: round\n      twice:",
    )
    told = attempt(publish_yaml(text), Trial(table="item"))
    assert "more than 20 deep" in told.lines[-1].error
    assert "Trying again cannot mend this" in told.parts[-1].failure


HOST = """
application: hosted
tables:
  place:
    model: host.Place
    events:
      record_update:
        - background:
          do:
            - update_field: {field: name, value: "{{ record.name }}!"}
            - create_record: {table: visit, values: {customer: "{{ record.name and 1 }}", place: "{{ record.id }}"}}
  customer: {model: host.Customer}
  visit: {model: host.Visit}
"""


def test_models_of_the_host_project_are_tried_too(publish_yaml: Publish, attempt: Try) -> None:
    program = publish_yaml(HOST)
    Customer.objects.create(pk=1, name="Ada", email="ada@example.org")
    rome = Place.objects.create(name="rome")
    told = attempt(program, Trial(table="place", record_id=rome.pk, is_new=False, values={"name": "oslo"}))
    assert told.after["name"] == "oslo!"
    assert told.lines[-1].made[0].values == {"customer": 1, "place": rome.pk}
    new = attempt(program, Trial(table="place", values={"name": "bern"}))
    assert isinstance(new.record_id, UUID)
    refused = attempt(program, Trial(table="customer", values={"name": "B", "email": "ada@example.org"}))
    assert "has this value already" in refused.problems[0]


def _changed(**more: Any) -> dict[str, Any]:
    return yaml.safe_load(SHOP.format(events="        - update_field: {field: a, value: one}")) | more


@pytest.mark.parametrize(
    ("nodes", "error"),
    [
        ([{"update_field": {"field": "lost", "value": 1}}], 'has no field "lost"'),
        ([{"update_field": {"field": "a", "value": "{{ record.lost }}"}}], "lost"),
        ([{"call": {"function": "nowhere"}}], 'Unknown function "nowhere"'),
        ([{"trigger_event": "nowhere"}], 'no event "item.nowhere"'),
        ([{"create_record": {"table": "nowhere", "values": {}}}], 'no table "nowhere"'),
    ],
)
@pytest.mark.parametrize("is_in_background", [False, True])
def test_what_is_wrong_with_a_draft_is_told_at_its_node(
    nodes: list[Any], error: str, is_in_background: bool, attempt: Try
) -> None:
    plain = _changed()
    tree = [{"background": None, "do": nodes}] if is_in_background else nodes
    plain["tables"]["item"]["events"]["record_update"] = tree
    told = attempt(load_draft(plain), Trial(form="enter"))
    assert error in told.lines[-1].error
    assert told.refused is not is_in_background


def test_a_page_that_names_what_is_not_there_says_so(attempt: Try) -> None:
    plain = _changed(pages={"seen": {"kind": "content", "table": "item", "text": "{{ record.lost }}"}})
    assert "The text of this page fails" in attempt(load_draft(plain), Trial(form="enter")).page.text


def test_a_draft_whose_tables_cannot_be_made_is_refused() -> None:
    plain = _changed()
    plain["tables"]["item"]["fields"]["note"]["table"] = "nowhere"
    with pytest.raises(MissingDefinition, match="no table"):
        load_draft(plain)
