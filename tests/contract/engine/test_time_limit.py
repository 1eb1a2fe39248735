"""The time limit of a Background or a Delay: over all tries, whichever deadline comes first, until a person acts."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models import F

from meanwhile import function
from meanwhile.core import clock
from meanwhile.engine import operate
from meanwhile.engine.performer import EnginePerformer
from meanwhile.plugins import functions
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.worker import Worker
from tests.contract.engine.conftest import Partner, Site, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

LIMITED = """
record_update:
  - background: {time_limit: 1h, attempts: 5, backoff: 12h}
    do:
      - update_field: {field: n, value: 1}
      - call: {function: ask, arguments: {word: '{{ record.a }}'}, into: b}
      - update_field: {field: c, value: done}
"""


@pytest.fixture
def pool() -> Callable[[], None]:
    """Perform all that is due, effects in threads."""
    return lambda: Worker(EnginePerformer(), threads=1).drain()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """The function ``hang`` comes back when this is set."""
    gate = threading.Event()

    @function
    def hang() -> None:
        gate.wait(30)

    yield gate
    gate.set()
    functions._functions.pop("hang", None)


def started(ago: timedelta) -> None:
    """As if every job had been started that much earlier."""
    Job.objects.filter(started_at__isnull=False).update(started_at=F("started_at") - ago)


def due() -> None:
    Job.objects.filter(state="retrying").update(retry_at=clock.now() - timedelta(seconds=1))


def test_within_its_limit_a_job_is_done_as_without(
    site: Callable[..., Site], partner: Partner, pool: Callable[[], None]
) -> None:
    shop = site(LIMITED)
    submitted = shop.submit(a="x")
    pool()
    record = shop.read(submitted.record_id)
    assert record is not None
    assert (Job.objects.get().state, record["b"], record["c"]) == ("completed", "X", "done")


def test_a_hung_effect_ends_with_the_limit_of_its_job_and_a_person_resumes(
    site: Callable[..., Site], gate: threading.Event, pool: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n  - delay: {time_limit: 1s, attempts: 9}\n    do:\n"
        "      - call: hang\n      - update_field: {field: c, value: done}"
    )
    submitted = shop.submit(a="x")
    pool()
    job = Job.objects.get()
    assert (job.state, job.attempt, job.error["type"]) == ("failed", 1, "JobOutOfTime")
    assert "time limit of 1s" in job.error["message"]
    assert "resume it" in job.error["message"]
    assert job.error["node"] == job.steps[-1]["node"] == job.at_node
    assert steps_of(job) == [("call", "unknown")]
    gate.set()
    assert operate.resume([job.pk], None) == 1
    pool()
    record = shop.read(submitted.record_id)
    assert record is not None
    assert record["c"] == "done"
    first, _resumed, second, _last = Job.objects.get().steps
    assert first["key"] == second["key"]


def test_a_hung_action_ends_with_its_own_limit_and_is_tried_again(
    site: Callable[..., Site], gate: threading.Event, pool: Callable[[], None]
) -> None:
    site(
        "record_update:\n  - background: {time_limit: 1h, attempts: 1}\n    do:\n"
        "      - call: {function: hang, time_limit: 1s}"
    ).submit(a="x")
    pool()
    job = Job.objects.get()
    assert (job.state, job.error["type"]) == ("failed", "EffectTimedOut")
    assert "within 1 seconds" in job.error["message"]


def test_an_effect_that_never_got_a_thread_ends_with_its_job_too(
    site: Callable[..., Site], partner: Partner, gate: threading.Event, pool: Callable[[], None]
) -> None:
    shop = site(
        "record_update:\n"
        "  - background: {time_limit: 2s, attempts: 1}\n    do: [call: hang]\n"
        "  - background: {time_limit: 1s, ordered: false}\n    do: [call: {function: ask, arguments: {word: y}}]"
    )
    shop.submit(a="x")
    pool()
    assert list(Job.objects.values_list("state", "error__type")) == [("failed", "JobOutOfTime")] * 2
    assert partner.calls == []


def test_pauses_between_tries_count_and_the_last_one_ends_with_the_limit(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures = 1
    shop = site(LIMITED)
    submitted = shop.submit(a="x")
    work()
    job = Job.objects.get()
    assert (job.state, job.error["message"]) == ("retrying", "the partner is busy")
    assert job.retry_at is not None
    assert job.retry_at <= clock.now() + timedelta(hours=1), "no later than the limit, where the backoff is 12 hours"
    started(timedelta(hours=1))
    due()
    work()
    job.refresh_from_db()
    assert (job.state, job.error["type"], partner.calls) == ("failed", "JobOutOfTime", ["x"])
    assert steps_of(job)[1:] == [("call", "failed"), ("call", "failed")]
    record = shop.read(submitted.record_id)
    assert record is not None
    assert record["n"] == 1, "what was done stays"


def test_a_resumed_job_has_its_whole_limit_again(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures = 1
    shop = site(LIMITED)
    submitted = shop.submit(a="x")
    work()
    started(timedelta(hours=2))
    assert operate.resume([Job.objects.get().pk], None) == 1
    work()
    record = shop.read(submitted.record_id)
    assert record is not None
    assert (Job.objects.get().state, record["c"]) == ("completed", "done")


def test_an_answer_that_came_after_the_limit_is_kept_and_what_follows_does_not_run(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(LIMITED)
    submitted = shop.submit(a="x")
    partner.before_answer = lambda: started(timedelta(hours=1))
    work()
    record = shop.read(submitted.record_id)
    assert record is not None
    assert (record["b"], record["c"]) == ("X", None)
    job = Job.objects.get()
    assert (job.state, job.error["type"]) == ("failed", "JobOutOfTime")
    assert steps_of(job)[1:] == [("call", "done"), ("update_field", "failed")]


def test_after_a_takeover_past_the_limit_the_effect_is_unknown_and_not_repeated(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    class Cut(BaseException):
        """The end of the worker."""

    def die() -> None:
        raise Cut

    shop = site(LIMITED)
    shop.submit(a="x")
    partner.before_answer = die
    with pytest.raises(Cut):
        work()
    Lease.objects.all().delete()
    started(timedelta(hours=1))
    partner.before_answer = lambda: None
    work()
    job = Job.objects.get()
    assert (job.state, job.error["type"], partner.calls) == ("failed", "JobOutOfTime", ["x"])
    assert steps_of(job)[1:] == [("call", "unknown"), ("call", "failed")]


def test_a_restarted_branch_has_its_limit_too(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    def refuse() -> None:
        partner.is_final, partner.failures = True, 1

    partner.before_answer = refuse
    site(LIMITED).submit(a="x")
    work()
    ended = Job.objects.get()
    assert operate.restart([ended.pk], None) == 1
    ended.refresh_from_db()
    assert (ended.state, ended.started_at is None) == ("cancelled", False)
    assert Job.objects.exclude(pk=ended.pk).get().payload["limit"] == 3600
