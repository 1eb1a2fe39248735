"""Design 5, rules 9 to 14: order, events, waiting, addresses, sending twice, functions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from meanwhile.core import clock
from meanwhile.core.errors import InvalidValue, NotRegistered, TooDeep
from meanwhile.engine import intake, progress, purge, tokens
from meanwhile.engine.models import Run, Submission
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Partner, Site, journal_of

pytestmark = pytest.mark.django_db(transaction=True)

FLAGGED = (
    "record_update:\n"
    "  - background:\n"
    "    do:\n"
    "      - call: {function: ask, arguments: {word: x}, into: b}\n"
    "      - update_field: {field: flag, value: true}"
)
WAIT = (
    "pages:\n  waiting: {kind: wait, table: item, flag: flag, too_long: 2m, text: Wait}\n"
    "  any: {kind: wait, table: item, text: Wait}"
)


def test_jobs_of_one_record_run_in_the_order_in_which_they_were_due(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n  - background:\n    do: [{update_field: {field: b, value: '{{ record.b }}{{ record.a }}'}}]"
    )
    # The text of b grows by a as it is when each job runs; the last change is what each sees.
    first = shop.submit(a="1")
    work()
    shop.change(first.record_id, a="2")
    work()
    assert shop.read(first.record_id)["b"] == "12"
    assert set(Job.objects.values_list("line", flat=True)) == {f"mw_shop__item:{first.record_id}"}


def test_a_custom_event_is_called_like_a_function_with_parameters(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - trigger_event: {event: greet, parameters: {name: Ada}}\n"
        "  - update_field: {field: c, value: '{{ record.b }}!'}\n"
        "greet:\n"
        "  parameters: [name]\n"
        "  do: [{update_field: {field: b, value: 'Hello {{ event.name }}'}}]"
    )
    submitted = shop.submit()
    assert shop.read(submitted.record_id)["c"] == "Hello Ada!"
    assert journal_of(submitted.submission_id) == [
        ("trigger_event", "called"),
        ("update_field", "done"),
        ("update_field", "done"),
    ]


def test_events_that_trigger_each_other_fail_past_the_limit_with_the_chain(site: Callable[..., Site]) -> None:
    shop = site("record_update:\n  - trigger_event: {event: again}\nagain:\n  - trigger_event: {event: again}")
    with pytest.raises(TooDeep, match=r"item\.again > item\.again"):
        shop.submit()
    assert shop.count() == 0


def test_what_a_tree_writes_fires_no_event_unless_the_node_says_so(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - create_record: {table: note, values: {text: quiet, item: '{{ record.id }}'}}\n"
        "  - create_record: {table: note, values: {text: loud, item: '{{ record.id }}'}, fires_event: true}"
    )
    shop.submit()
    work()
    notes = [
        shop.read(id_, "note")["text"]
        for id_ in sorted(shop.program.tables["note"].model._base_manager.values_list("pk", flat=True))
    ]
    assert notes == ["quiet", "loud!"]
    fired = Run.objects.get(depth=1)
    assert (fired.chain, fired.submission_id) == (
        ["item.record_update", "note.record_update"],
        Submission.objects.get().pk,
    )


def test_a_change_of_the_present_record_fires_its_event_where_the_node_says_so(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - if_new_record:\n"
        "    do: [{update_field: {field: a, value: fired, fires_event: true}}]\n"
        "    otherwise: [{update_field: {field: b, value: '{{ old.a }}>{{ record.a }}'}}]"
    )
    submitted = shop.submit(a="sent")
    assert shop.read(submitted.record_id)["b"] is None, "it runs as a job of its own"
    work()
    assert shop.read(submitted.record_id)["b"] == "sent>fired"
    assert Run.objects.get(depth=1).submission_id == submitted.submission_id


def test_a_tree_that_deletes_its_record_ends_there(site: Callable[..., Site]) -> None:
    shop = site("record_update:\n  - delete_record:\n  - update_field: {field: b, value: B}")
    submitted = shop.submit()
    assert shop.read(submitted.record_id) is None
    assert [outcome for _, outcome in journal_of(submitted.submission_id)] == ["done", "gone"]


def standing(shop: Site, submitted: intake.Submitted, page: str) -> progress.Progress:
    return progress.progress(submitted.submission_id, shop.program, shop.program.page(page), submitted.record_id)


def test_a_wait_page_goes_from_waiting_to_done(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(FLAGGED, WAIT)
    submitted = shop.submit()
    assert standing(shop, submitted, "waiting").state == "waiting"
    assert (standing(shop, submitted, "any").counted, standing(shop, submitted, "any").completed) == (1, 0)
    work()
    assert standing(shop, submitted, "waiting").state == "done"
    assert standing(shop, submitted, "any").state == "done"


def test_a_wait_page_says_failed_when_nothing_is_left_that_could_set_the_flag(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures, partner.is_final = 1, True
    shop = site(FLAGGED, WAIT)
    submitted = shop.submit()
    work()
    assert standing(shop, submitted, "waiting").state == "failed"
    assert standing(shop, submitted, "any").state == "failed"


def test_a_flag_from_an_earlier_submission_does_not_end_the_wait_while_work_is_left(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(FLAGGED, WAIT)
    first = shop.submit()
    work()
    second = shop.change(first.record_id, a="again")
    assert shop.read(first.record_id)["flag"] is True
    assert standing(shop, second, "waiting").state == "waiting"


def test_past_too_long_it_says_so_and_a_delay_that_waits_is_not_counted(
    site: Callable[..., Site], partner: Partner
) -> None:
    shop = site(FLAGGED + "\n  - delay: 3d\n    do: [{update_field: {field: c, value: C}}]", WAIT)
    submitted = shop.submit()
    assert standing(shop, submitted, "any").counted == 1
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        found = standing(shop, submitted, "waiting")
    assert (found.state, found.too_long) == ("waiting", True)


def test_there_is_nothing_to_wait_for_where_nothing_was_queued(site: Callable[..., Site]) -> None:
    shop = site("record_update:\n  - update_field: {field: b, value: B}", WAIT)
    assert standing(shop, shop.submit(), "any").state == "nothing"


def test_a_token_names_its_place_and_expires(site: Callable[..., Site]) -> None:
    shop = site("record_update: []", WAIT)
    address = tokens.Address("page", "shop", "waiting", "7", 3)
    assert tokens.read_token(address.token, kind="page", application="shop", name="waiting") == address
    with pytest.raises(tokens.BadToken):
        tokens.read_token(address.token, kind="page", application="shop", name="any")
    with pytest.raises(tokens.BadToken):
        tokens.read_token(address.token[:-1] + "~", kind="page", application="shop", name="waiting")
    token = address.token
    with time_machine.travel(clock.now() + timedelta(days=8)), pytest.raises(tokens.ExpiredToken) as expired:
        tokens.read_token(token, kind="page", application="shop", name="waiting")
    assert expired.value.address == address
    assert shop.program.application == "shop"


def test_purging_removes_whole_submissions_and_never_a_failed_one_or_one_with_a_living_address(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(FLAGGED, WAIT)
    done = shop.submit()
    work()
    partner.failures, partner.is_final = 1, True
    failed = shop.submit()
    work()
    assert purge.purge(clock.now()) == 0, "their addresses are still good"
    month = timedelta(days=30)
    with time_machine.travel(clock.now() + month):
        assert purge.purge(clock.now()) == 1
    assert list(Submission.objects.values_list("pk", flat=True)) == [failed.submission_id]
    assert set(Job.objects.values_list("submission_id", flat=True)) == {failed.submission_id}
    assert shop.read(done.record_id) is not None


def test_the_same_key_with_the_same_values_is_the_first_submission(site: Callable[..., Site]) -> None:
    shop = site("record_update: []")
    first = intake.submit(shop.program, "item", {"a": "x"}, key="k1", form="enter")
    again = intake.submit(shop.program, "item", {"a": "x"}, key="k1", form="enter")
    assert (again.submission_id, again.record_id, again.is_repeated) == (first.submission_id, first.record_id, True)
    assert shop.count() == 1


def test_the_same_key_with_other_values_is_refused_and_names_the_first(site: Callable[..., Site]) -> None:
    shop = site("record_update: []")
    first = intake.submit(shop.program, "item", {"a": "x"}, key="k1", form="enter")
    with pytest.raises(intake.SubmissionKeyReused) as reused:
        intake.submit(shop.program, "item", {"a": "y"}, key="k1", form="enter")
    assert reused.value.first.pk == first.submission_id


def test_a_rollback_frees_the_key(site: Callable[..., Site]) -> None:
    shop = site("record_update:\n  - if: record.a == 'bad'\n    do: [{update_field: {field: n, value: '{{ 200 }}'}}]")
    with pytest.raises(InvalidValue):
        intake.submit(shop.program, "item", {"a": "bad"}, key="k1")
    assert not intake.submit(shop.program, "item", {"a": "good"}, key="k1").is_repeated


def test_a_value_that_has_to_be_unique_is_refused_at_its_field(site: Callable[..., Site]) -> None:
    shop = site("record_update: []")
    shop.submit(code="x")
    with pytest.raises(InvalidValue) as caught:
        shop.submit(code="x")
    assert caught.value.data["field"] == "code"


def test_a_function_without_an_effect_runs_inside_the_transaction(site: Callable[..., Site], partner: Partner) -> None:
    shop = site("record_update:\n  - call: {function: shout, arguments: {word: hey}, into: b}")
    submitted = shop.submit()
    assert shop.read(submitted.record_id)["b"] == "HEY"
    assert Job.objects.count() == 0


def test_a_function_that_nobody_registered_is_never_looked_for(site: Callable[..., Site], partner: Partner) -> None:
    from meanwhile.plugins.functions import find

    with pytest.raises(NotRegistered, match=r"os\.system"):
        find("os.system")


def test_a_record_that_is_gone_cannot_be_changed(site: Callable[..., Site]) -> None:
    shop = site("record_update: []")
    with pytest.raises(intake.RecordGone):
        shop.change(4711, a="x")


def test_the_forms_own_event_runs_after_the_tables(site: Callable[..., Site]) -> None:
    shop = site(
        "record_update:\n  - update_field: {field: b, value: table}",
        "  other:\n    table: item\n    fields: [a]\n    events:\n      record_update:\n"
        "        - update_field: {field: c, value: '{{ record.b }}, form'}",
    )
    by_form = intake.submit(shop.program, "item", {"a": "x"}, form="other")
    by_hand = shop.submit(a="x")
    assert shop.read(by_form.record_id)["c"] == "table, form"
    assert shop.read(by_hand.record_id)["c"] is None
