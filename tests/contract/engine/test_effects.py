"""Design 5, rules 4 to 7: effects stand outside transactions, the request performs the rest, failures are mended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import override_settings

from meanwhile.core import clock
from meanwhile.engine import operate
from meanwhile.engine.writing import UnitOfWork
from meanwhile.queue.models import Job, Lease
from tests.contract.engine.conftest import Partner, Site, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

ASK = "call: {function: ask, arguments: {word: '{{ record.a }}'}, into: b}"
SYNCHRONOUS = f"record_update:\n  - {ASK}\n  - update_field: {{field: c, value: '{{{{ record.b }}}}!'}}"
BACKGROUND = (
    "record_update:\n"
    "  - background: {attempts: 3}\n"
    "    do:\n"
    "      - update_field: {field: n, value: '{{ 1 if record.n == none else record.n + 1 }}'}\n"
    f"      - {ASK}\n"
    "      - update_field: {field: flag, value: true}"
).replace("{{ 1 if record.n == none else record.n + 1 }}", "{{ record.n + 1 }}")


def now_due() -> None:
    """Make what waits for its next try due."""
    Job.objects.filter(state="retrying").update(retry_at=clock.now() - timedelta(seconds=1))


def test_an_effect_of_the_synchronous_part_is_done_before_the_answer(
    site: Callable[..., Site], partner: Partner
) -> None:
    seen: list[tuple[bool, int]] = []
    partner.before_answer = lambda: seen.append(
        (connection.in_atomic_block, Job.objects.filter(state="running").count())
    )
    shop = site(SYNCHRONOUS)
    record = shop.read(shop.submit(a="x").record_id)
    assert (record["b"], record["c"]) == ("X", "X!")
    assert seen == [(False, 1)], "performed outside any transaction, after the commit of its preparation"
    job = Job.objects.get()
    assert (job.state, steps_of(job)) == ("completed", [("call", "done"), ("update_field", "done")])
    assert not Lease.objects.exists()


def test_a_function_with_an_effect_costs_its_job_no_savepoint(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # It acts outside the transaction, and yet its preparation and its conclusion each stood in a savepoint: four
    # statements more a job.
    opened: list[str] = []
    monkeypatch.setattr(UnitOfWork, "savepoint", lambda _self: opened.append("savepoint"))
    shop = site(BACKGROUND)
    submitted = shop.submit(a="x", n=1)
    work()
    assert (shop.read(submitted.record_id)["b"], opened) == ("X", [])


def test_the_rest_comes_before_the_other_jobs_of_its_submission(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - background:\n"
        "    do: [{update_field: {field: d, value: '{{ record.b }}'}}]\n"
        f"  - {ASK}"
    )
    submitted = shop.submit(a="x")
    rest, branch = Job.objects.order_by("due_at", "id")
    assert (rest.branch_node, rest.state, branch.state) == ("", "completed", "available")
    work()
    assert shop.read(submitted.record_id)["d"] == "X"


def test_when_an_effect_fails_the_person_goes_on_and_a_worker_tries_again(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures = 1
    shop = site(SYNCHRONOUS)
    submitted = shop.submit(a="x")
    job = Job.objects.get()
    assert (job.state, job.attempt, job.error["message"]) == ("retrying", 1, "the partner is busy")
    now_due()
    work()
    assert shop.read(submitted.record_id)["c"] == "X!"
    assert partner.calls == ["x", "x"]


def test_past_the_time_limit_the_request_lets_go_and_a_worker_performs_the_stored_effect_again(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    import threading

    release = threading.Event()
    partner.before_answer = lambda: release.wait(10) and None
    shop = site(SYNCHRONOUS)
    with override_settings(MEANWHILE={"request_limit_seconds": 0.2}):
        submitted = shop.submit(a="x")
    job = Job.objects.get()
    assert job.state == "available"
    partner.before_answer = lambda: None
    release.set()
    work()
    assert shop.read(submitted.record_id)["c"] == "X!"
    job.refresh_from_db()
    first, second, _ = job.steps
    assert [first["outcome"], second["outcome"]] == ["unknown", "done"]
    assert first["key"] == second["key"]


def test_inside_a_callers_transaction_the_rest_is_an_ordinary_job(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(SYNCHRONOUS)
    with transaction.atomic():
        submitted = shop.submit(a="x")
    assert (Job.objects.get().state, partner.calls) == ("available", [])
    work()
    assert shop.read(submitted.record_id)["c"] == "X!"


def test_behind_an_unfinished_job_of_the_record_the_rest_waits_its_turn(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - if_new_record:\n"
        "    do: [{background: {}, do: [{update_field: {field: d, value: first}}]}]\n"
        f"    otherwise: [{ASK}]"
    )
    first = shop.submit(a="x")
    shop.change(first.record_id, a="y")
    assert partner.calls == []
    assert list(Job.objects.order_by("id").values_list("state", flat=True)) == ["available", "available"]
    work()
    assert partner.calls == ["y"]


def test_a_failed_action_is_resumed_and_what_was_done_before_is_not_repeated(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures = 2
    shop = site(BACKGROUND)
    submitted = shop.submit(a="x", n=0)
    for _ in range(3):
        work()
        now_due()
    record = shop.read(submitted.record_id)
    assert (record["n"], record["b"], record["flag"]) == (1, "X", True)
    keys = {step["key"] for step in Job.objects.get().steps if "key" in step}
    assert len(keys) == 1, "every try carries the same key"


def test_after_its_attempts_the_job_is_failed_and_rests(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures = 99
    shop = site(BACKGROUND)
    shop.submit(a="x", n=0)
    for _ in range(5):
        work()
        now_due()
    job = Job.objects.get()
    assert (job.state, len(partner.calls)) == ("failed", 3)
    assert job.error["message"] == "the partner is busy"
    assert job.error["node"] == job.at_node


def test_an_error_that_cannot_heal_is_not_tried_again(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures, partner.is_final = 1, True
    shop = site(BACKGROUND)
    shop.submit(a="x", n=0)
    work()
    assert (Job.objects.get().state, len(partner.calls)) == ("failed", 1)


def test_a_value_out_of_range_in_a_job_fails_it_with_the_fields_limit(
    site: Callable[..., Site], work: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - background:\n"
        "    do:\n"
        "      - update_field: {field: b, value: B}\n"
        "      - update_field: {field: n, value: '{{ 100 + 1 }}'}"
    )
    submitted = shop.submit()
    work()
    job = Job.objects.get()
    assert job.state == "failed"
    assert "100" in job.error["message"]
    assert shop.read(submitted.record_id)["b"] == "B", "what was reached before the failing action stays"


def fail(site: Callable[..., Site], partner: Partner, work: Callable[[], None]) -> tuple[Site, int, Job]:
    partner.failures, partner.is_final = 1, True
    shop = site(BACKGROUND)
    submitted = shop.submit(a="x", n=0)
    work()
    job = Job.objects.get(state="failed")
    return shop, submitted.record_id, job


def test_resume_goes_on_at_the_failed_action(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop, record_id, job = fail(site, partner, work)
    assert operate.resume([job.pk], None) == 1
    work()
    record = shop.read(record_id)
    assert (record["n"], record["b"], record["flag"]) == (1, "X", True)


def test_skip_goes_on_past_the_failed_action(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop, record_id, job = fail(site, partner, work)
    assert operate.skip([job.pk], None) == 1
    work()
    record = shop.read(record_id)
    assert (record["n"], record["b"], record["flag"], partner.calls) == (1, None, True, ["x"])
    assert ("call", "skipped") in steps_of(job)


def test_restart_runs_the_branch_again_with_new_keys(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop, record_id, job = fail(site, partner, work)
    assert operate.restart([job.pk], None) == 1
    work()
    assert shop.read(record_id)["n"] == 2
    job.refresh_from_db()
    again = Job.objects.exclude(pk=job.pk).get()
    assert (job.state, again.state) == ("cancelled", "completed")
    key = next(step["key"] for step in job.steps if "key" in step)
    assert key != next(step["key"] for step in again.steps if "key" in step)


def test_cancel_ends_a_resting_job_and_what_is_committed_stays(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop, record_id, job = fail(site, partner, work)
    assert operate.cancel([job.pk], None) == 1
    work()
    job.refresh_from_db()
    assert (job.state, shop.read(record_id)["n"], shop.read(record_id)["flag"]) == ("cancelled", 1, False)


def test_cancelling_a_running_job_concludes_its_effect_first(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.before_answer = lambda: operate.cancel(list(Job.objects.values_list("pk", flat=True)), None) and None
    shop = site(BACKGROUND)
    submitted = shop.submit(a="x", n=0)
    work()
    record, job = shop.read(submitted.record_id), Job.objects.get()
    assert (job.state, record["b"], record["flag"]) == ("cancelled", "X", False)
    assert [outcome for _, outcome in steps_of(job)] == ["done", "done", "cancelled"]


def test_a_failed_job_does_not_hold_back_the_next_one_of_its_record(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop, record_id, _ = fail(site, partner, work)
    shop.change(record_id, a="y")
    work()
    assert shop.read(record_id)["b"] == "Y"


TWO_EFFECTS = (
    "record_update:\n"
    "  - call: {function: ask, arguments: {word: one}, into: b}\n"
    "  - call: {function: ask, arguments: {word: two}, into: c}\n"
    "  - update_field: {field: d, value: '{{ record.b }} {{ record.c }}'}"
)


def test_when_the_limit_passes_between_two_effects_the_second_is_left_to_a_worker_unprepared(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(TWO_EFFECTS)
    # The first effect comes back in time, and when it is concluded nothing of the limit is left.
    with override_settings(MEANWHILE={"request_limit_seconds": 5}), pytest.MonkeyPatch.context() as patch:
        real = clock.monotonic
        patch.setattr(clock, "monotonic", lambda: real() + (6 if partner.calls else 0))
        submitted = shop.submit(a="x")
    job = Job.objects.get()
    assert (partner.calls, job.state, "pending" in job.payload) == (["one"], "available", False)
    work()
    assert shop.read(submitted.record_id)["d"] == "ONE TWO"
    assert [outcome for _, outcome in steps_of(job)] == ["done", "done", "done"], "nothing of it is unknown"


def test_when_the_second_effect_of_a_rest_fails_the_first_is_not_repeated(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(TWO_EFFECTS)

    def fail_the_second() -> None:
        if partner.calls == ["one", "two"]:
            partner.failures = 1

    partner.before_answer = fail_the_second
    submitted = shop.submit(a="x")
    job = Job.objects.get()
    assert (job.state, job.attempt, shop.read(submitted.record_id)["b"]) == ("retrying", 1, "ONE")
    now_due()
    work()
    assert partner.calls == ["one", "two", "two"]
    assert shop.read(submitted.record_id)["d"] == "ONE TWO"
