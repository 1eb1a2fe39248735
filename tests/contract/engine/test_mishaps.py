"""Design 5, rules 3, 6, 7 and 11 where things go wrong in between: people, records and answers."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from meanwhile import function
from meanwhile.core import clock, failpoints
from meanwhile.core.errors import ActionFailed, EffectTimedOut, InvalidValue, MissingDefinition
from meanwhile.engine import intake, operate, progress, tokens
from meanwhile.engine.models import Run
from meanwhile.engine.record import RecordState
from meanwhile.plugins import functions
from meanwhile.queue.models import Job
from meanwhile.tables import records
from tests.contract.engine.conftest import Partner, Site, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

ASK = "call: {function: ask, arguments: {word: '{{ record.a }}'}, into: b}"


def background(*nodes: str) -> str:
    return "record_update:\n  - background:\n    do:\n" + "".join(f"      - {node}\n" for node in nodes)


def delete(shop: Site, record_id: Any) -> None:
    records.delete(shop.program.tables["item"], record_id, shop.program.tables)


@pytest.mark.parametrize(
    "nodes",
    [
        ("update_field: {field: b, value: B}",),
        ("create_record: {table: note, values: {text: made}}",),
        ("update_field: {field: b, value: '{{ user.username }}!'}",),
        (ASK, "create_record: {table: note, values: {text: made}, fires_event: true}"),
    ],
)
def test_jobs_go_on_when_their_user_is_deleted(
    nodes: tuple[str, ...],
    site: Callable[..., Site],
    partner: Partner,
    work: Callable[[], None],
    django_user_model: Any,
) -> None:
    # Who started a job travels with it; written down as who changed the record, a user who was gone broke the commit,
    # five times over, and the job failed.
    shop = site(background(*nodes))
    user = django_user_model.objects.create_user("ada")
    intake.submit(shop.program, "item", {"a": "x"}, user_id=user.pk)
    user.delete()
    work()
    assert set(Job.objects.values_list("state", "error")) == {("completed", None)}


@pytest.mark.parametrize("answer", ["a\0b", "half \ud83d"])
def test_an_answer_with_characters_that_no_database_keeps_is_kept_exactly(
    answer: str, site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    # PostgreSQL refused the journal, the turn was undone, and the effect was performed again at every attempt.
    partner.answers = answer
    shop = site(background("call: {function: ask, arguments: {word: x}}"))
    shop.submit()
    work()
    job = Job.objects.get()
    assert (job.state, partner.calls) == ("completed", ["x"])
    assert job.steps[-1]["detail"]["value"] == answer


def test_an_error_whose_message_no_database_keeps_is_journalled(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    def fail() -> None:
        raise ValueError("broken\0 \ud83d")

    partner.before_answer = fail
    shop = site(background(ASK))
    shop.submit(a="x")
    work()
    job = Job.objects.get()
    assert (job.state, steps_of(job)) == ("retrying", [("call", "failed")])


def test_an_effect_under_way_when_its_record_is_deleted_is_concluded_in_the_journal(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    # The job was completed, and its journal said for ever that the effect is under way.
    shop = site(background(ASK, "update_field: {field: c, value: C}"))
    submitted = shop.submit(a="x")
    partner.before_answer = lambda: delete(shop, submitted.record_id)
    work()
    job = Job.objects.get()
    assert (job.state, steps_of(job)) == ("completed", [("call", "done"), ("", "gone")])
    assert job.steps[0]["detail"]["answer"] == {"value": "X"}


def test_an_answer_that_does_not_fit_its_field_is_kept_in_the_journal(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(background("call: {function: ask, arguments: {word: many}, into: n}"))
    shop.submit()
    work()
    job = Job.objects.get()
    assert (job.state, partner.calls, steps_of(job)) == ("failed", ["many"], [("call", "failed")])
    assert job.steps[0]["detail"]["answer"] == {"value": "MANY"}


def test_an_answer_that_another_record_has_already_fails_at_its_action_and_what_was_before_stays(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(
        background(
            "update_field: {field: d, value: before}",
            "call: {function: ask, arguments: {word: x}, into: code}",
            "update_field: {field: c, value: C}",
        )
    )
    first, second = shop.submit(), shop.submit()
    work()
    done, failed = Job.objects.order_by("id")
    assert (done.state, failed.state) == ("completed", "failed")
    assert steps_of(failed) == [("update_field", "done"), ("call", "failed")]
    assert "another record" in failed.error["message"]
    assert (shop.read(first.record_id)["code"], shop.read(second.record_id)["code"]) == ("X", None)
    assert (shop.read(second.record_id)["d"], shop.read(second.record_id)["c"]) == ("before", None)


def test_a_record_that_a_failed_action_made_is_taken_back_with_it(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        background(
            "update_field: {field: d, value: before}",
            "create_record: {table: item, values: {code: once}}",
            "create_record: {table: item, values: {code: once}}",
        )
    )
    submitted = shop.submit()
    work()
    job = Job.objects.get()
    assert (job.state, shop.count()) == ("failed", 2)
    assert steps_of(job) == [("update_field", "done"), ("create_record", "done"), ("create_record", "failed")]
    assert shop.read(submitted.record_id)["d"] == "before"


def test_create_record_without_a_required_value_fails(site: Callable[..., Site], work: Callable[[], None]) -> None:
    shop = site("record_update:\n  - create_record: {table: note, values: {item: '{{ record.id }}'}}")
    with pytest.raises(InvalidValue, match="required"):
        shop.submit()
    assert (shop.count(), shop.count("note")) == (0, 0)


def test_a_save_without_a_value_for_a_required_field_is_refused(site: Callable[..., Site]) -> None:
    shop = site("record_update: []")
    with pytest.raises(InvalidValue) as refused:
        shop.submit("note", text=" ")
    assert refused.value.data["field"] == "text"
    made = shop.submit("note", text="x")
    with pytest.raises(InvalidValue):
        shop.change(made.record_id, "note", text=None)


WAIT = "pages:\n  any: {kind: wait, table: item, text: Wait}\n  waiting: {kind: wait, table: item, flag: flag, text: W}"


def test_a_wait_page_is_done_when_a_restarted_branch_is(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    # The job that ended for the restart was counted as work that is never completed.
    shop = site(background(ASK), WAIT)
    partner.failures, partner.is_final = 1, True
    submitted = shop.submit(a="x")
    work()
    assert operate.restart(Job.objects.values_list("pk", flat=True), None) == 1
    page = shop.program.page("any")
    found = progress.progress(submitted.submission_id, shop.program, page, submitted.record_id)
    assert (found.state, found.counted, found.completed) == ("waiting", 1, 0)
    work()
    found = progress.progress(submitted.submission_id, shop.program, page, submitted.record_id)
    assert (found.state, found.counted, found.completed) == ("done", 1, 1)


def test_a_delay_that_is_cancelled_before_its_time_does_not_fail_the_wait(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        background("update_field: {field: b, value: B}")
        + "  - delay: 3d\n    do: [{update_field: {field: c, value: C}}]",
        WAIT,
    )
    submitted = shop.submit()
    work()
    assert operate.cancel(Job.objects.filter(state="scheduled").values_list("pk", flat=True), None) == 1
    page = shop.program.page("any")
    found = progress.progress(submitted.submission_id, shop.program, page, submitted.record_id)
    assert (found.state, found.counted, found.completed) == ("done", 1, 1)


def test_an_address_made_in_the_synchronous_part_names_its_submission(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    # It was made before the submission had a number, so the wait page behind it had nothing to wait for.
    shop = site(
        "record_update:\n"
        "  - update_field: {field: b, value: '{{ link(\"any\") }}'}\n"
        "  - background:\n"
        "    do: [{update_field: {field: c, value: '{{ link(\"any\") }}'}}]",
        WAIT,
    )
    submitted = shop.submit()
    work()
    record = shop.read(submitted.record_id)
    for url in (record["b"], record["c"]):
        address = tokens.read_token(url.rstrip("/").rpartition("/")[2], kind="page", application="shop", name="any")
        assert (address.record_id, address.submission_id) == (str(submitted.record_id), submitted.submission_id)
    assert Run.objects.get().submission_id == submitted.submission_id


def test_cancelling_before_a_taken_over_effect_is_performed_again_leaves_it_unknown(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(background(ASK))
    shop.submit(a="x")

    def late() -> None:
        raise EffectTimedOut("late")

    partner.before_answer = late
    work()
    job = Job.objects.get()
    assert (job.state, steps_of(job)) == ("retrying", [("call", "unknown")])
    assert operate.resume([job.pk], None) == 1
    Job.objects.update(cancel_requested=True)
    work()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert steps_of(job) == [("call", "unknown"), ("", "resumed"), ("", "cancelled")]
    assert len(partner.calls) == 1


def test_two_jobs_of_one_record_beside_each_other_see_each_others_changes(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    one = "  - background: {ordered: false}\n    do: [{update_field: {field: n, value: '{{ record.n + 1 }}'}}]\n"
    shop = site("record_update:\n" + one * 3)
    submitted = shop.submit(n=0)
    work()
    assert shop.read(submitted.record_id)["n"] == 3


def test_of_two_jobs_beside_each_other_one_may_delete_the_record_under_the_other(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - background: {ordered: false}\n"
        "    do: [{delete_record: }]\n"
        "  - background: {ordered: false}\n"
        f"    do: [{{{ASK}}}, {{update_field: {{field: c, value: C}}}}]\n"
    )
    submitted = shop.submit(a="x")
    work()
    assert shop.read(submitted.record_id) is None
    assert set(Job.objects.values_list("state", flat=True)) == {"completed"}


def test_a_failed_condition_of_a_job_names_its_node(site: Callable[..., Site], work: Callable[[], None]) -> None:
    shop = site(background("if: record.a > record.n\n        do: [{update_field: {field: c, value: C}}]"))
    shop.submit(a="x", n=1)
    work()
    job = Job.objects.get()
    assert (job.state, steps_of(job), job.error["node"]) == ("failed", [("if", "failed")], job.at_node)
    assert connection.in_atomic_block is False


def test_events_that_fire_each_other_across_records_end_at_the_limit_with_the_chain(
    site: Callable[..., Site], work: Callable[[], None], settings: Any
) -> None:
    settings.MEANWHILE = settings.MEANWHILE | {"event_depth": 3}
    shop = site(
        "record_update:\n"
        "  - if: not record.flag\n"
        "    do: [{create_record: {table: item, values: {a: '{{ record.a }}x'}, fires_event: true}}]"
    )
    shop.submit(a="x")
    work()
    assert list(Run.objects.order_by("id").values_list("depth", flat=True)) == [0, 1, 2, 3]
    *done, failed = Job.objects.order_by("id")
    assert ([job.state for job in done], failed.state) == (["completed"] * 2, "failed")
    assert failed.error["message"].count("item.record_update") == 5
    assert shop.count() == 4, "the record of the event that went too deep is taken back"


def test_a_function_inside_the_transaction_that_ends_its_process_has_only_failed(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    # SystemExit went through everything: the request was cut off, and a job killed three workers.
    def leave() -> None:
        raise SystemExit(1)

    partner.before_answer = leave
    shop = site(background("call: {function: shout, arguments: {word: x}}"))
    shop.submit()
    work()
    assert (Job.objects.get().state, Job.objects.get().attempt) == ("retrying", 1)
    direct = site("record_update:\n  - call: {function: shout, arguments: {word: x}}")
    with pytest.raises(ActionFailed, match="SystemExit"):
        direct.submit()


def test_an_address_of_a_page_of_another_table_is_refused(site: Callable[..., Site], work: Callable[[], None]) -> None:
    # It led to whichever record of the page's table had the same number.
    shop = site(
        "record_update:\n  - create_record: {table: note, values: {text: x}, fires_event: true}",
        WAIT.replace("pages:", "pages:\n  own: {kind: content, table: note, text: N}"),
    )
    note = shop.submit("note", text="x")
    record = RecordState(shop.program.tables["note"], note.record_id, {})
    assert "/own/" in tokens.linker(shop.program, record, None)("own")
    for name in ("any", "enter"):
        with pytest.raises(MissingDefinition, match="of another table"):
            tokens.linker(shop.program, record, None)(name)


@given(st.text() | st.from_regex(r"\A[A-Za-z0-9_.:-]{1,80}\Z"))
def test_no_text_is_taken_for_a_token(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read_token(text, kind="page", application="shop", name="any")


def test_values_of_every_kind_travel_as_parameters_into_the_background(
    site: Callable[..., Site], work: Callable[[], None], django_user_model: Any
) -> None:
    shop = site(
        "record_update:\n"
        "  - trigger_event:\n"
        "      event: later\n"
        "      parameters:\n"
        "        span: '{{ record.when - record.when }}'\n"
        "        moment: '{{ record.when }}'\n"
        "        number: '{{ record.n / 8 }}'\n"
        "        person: '{{ user.id }}'\n"
        "        record: '{{ record.id }}'\n"
        "        words: '{{ [record.a, none, true] }}'\n"
        "later:\n"
        "  parameters: [span, moment, number, person, record, words]\n"
        "  do:\n"
        "    - background:\n"
        "      do:\n"
        "        - update_field: {field: b, value: '{{ event.number }} {{ event.person }} {{ event.record }}'}\n"
        "        - update_field: {field: flag, value: '{{ event.moment + event.span == record.when }}'}"
    )
    user = django_user_model.objects.create_user("ada")
    values = {"n": 1, "a": "x", "when": clock.now()}
    submitted = intake.submit(shop.program, "item", values, user_id=user.pk)
    work()
    record = shop.read(submitted.record_id)
    assert (record["b"], record["flag"]) == (f"0.125 {user.pk} {submitted.record_id}", True)


@pytest.fixture
def odd_functions() -> Iterator[None]:
    """``look_nowhere`` asks for a table that is not there; ``give_up`` ends as a cancelled task of asyncio does."""

    @function(effect=False)
    def look_nowhere() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM there_is_no_such_table")

    @function(effect=False)
    def give_up() -> None:
        raise asyncio.CancelledError

    yield
    for name in ("look_nowhere", "give_up"):
        functions._functions.pop(name, None)


@pytest.mark.usefixtures("odd_functions")
@pytest.mark.parametrize("name", ["look_nowhere", "give_up"])
def test_a_failure_behind_an_effect_does_not_have_the_effect_performed_again(
    name: str, site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    # An error of the database that is no refused value threw the effect's answer away, and the effect was performed at
    # each of five tries. A cancelled task ended the worker itself, again and again, and no death was counted.
    shop = site(background(ASK, f"call: {{function: {name}}}"))
    submitted = shop.submit(a="x")
    for _ in range(3):
        work()
        Job.objects.filter(state="retrying").update(retry_at=clock.now() - timedelta(seconds=1))
    job = Job.objects.get()
    assert partner.calls == ["x"]
    assert (shop.read(submitted.record_id)["b"], job.attempt) == ("X", 3)
    assert steps_of(job) == [("call", "done"), *[("call", "failed")] * 3]


def test_a_request_whose_time_is_up_does_not_begin_another_effect(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # It began one, waited for nothing, and let go; the worker that went on did it a second time.
    call = "  - call: {function: ask, arguments: {word: WORD}, into: b}\n"
    shop = site("record_update:\n" + call.replace("WORD", "one") + call.replace("WORD", "two"))
    real, ahead = clock.monotonic, [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: real() + ahead[0])
    begun = threading.Event()

    def note() -> None:
        if len(partner.calls) > 1:
            begun.set()

    partner.before_answer = note
    with failpoints.armed("worker.before_commit", lambda: ahead.__setitem__(0, 3600.0)):
        shop.submit(a="x")
    assert not begun.wait(0.2), "it was begun by the request"
    work()
    assert partner.calls == ["one", "two"]
