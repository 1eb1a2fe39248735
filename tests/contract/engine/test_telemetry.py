"""Spans from a request to its jobs, read from the SDK's own exporter in memory."""

from collections.abc import Callable, Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from meanwhile.core import telemetry
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Partner, Site

pytestmark = pytest.mark.django_db(transaction=True)

ASK = "call: {function: ask, arguments: {word: '{{ record.a }}'}, into: b}"
BACKGROUND = f"record_update:\n  - background:\n    do:\n      - {ASK}"


class Spans:
    """The spans that ended, by name."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def all(self, name: str) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.all(name)
        return span


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spans]:
    """A provider of this test's own: the one of the process can be set only once."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_provider", lambda: provider)
    yield Spans(exporter)
    provider.shutdown()


def ids(span: ReadableSpan) -> tuple[int, int]:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


def parent_ids(span: ReadableSpan) -> tuple[int, int]:
    assert span.parent is not None
    return span.parent.trace_id, span.parent.span_id


def test_the_effect_of_a_job_stands_below_the_save_that_it_comes_from(
    spans: Spans, site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    submitted = site(BACKGROUND).submit(a="x")
    work()
    save, effect = spans.one("meanwhile.submit"), spans.one("meanwhile.effect")
    assert parent_ids(effect) == ids(save)
    job = Job.objects.get()
    told = dict(effect.attributes or {})
    assert told.pop("meanwhile.node")
    assert told == {
        "meanwhile.action": "call",
        "meanwhile.submission": submitted.submission_id,
        "meanwhile.run": job.run_id,
        "meanwhile.job": job.pk,
        "meanwhile.queue": "default",
    }
    assert dict(save.attributes or {})["meanwhile.table"] == "item"


def test_a_turn_of_several_jobs_is_linked_to_all_their_saves(
    spans: Spans, site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    shop = site(BACKGROUND)
    for word in ("x", "y"):
        shop.submit(a=word)
    work()
    saves = {ids(span) for span in spans.all("meanwhile.submit")}
    turn = next(span for span in spans.all("meanwhile.turn") if dict(span.attributes or {})["meanwhile.jobs"] == 2)
    assert {(link.context.trace_id, link.context.span_id) for link in turn.links} == saves
    assert turn.parent is None


def test_the_save_stands_below_the_span_of_its_request(spans: Spans, site: Callable[..., Site]) -> None:
    shop = site("{}")
    with telemetry.span("request"):
        shop.submit(a="x")
    assert parent_ids(spans.one("meanwhile.submit")) == ids(spans.one("request"))


def test_the_effect_of_the_synchronous_part_is_in_its_request(
    spans: Spans, site: Callable[..., Site], partner: Partner
) -> None:
    site(f"record_update:\n  - {ASK}").submit(a="x")
    assert parent_ids(spans.one("meanwhile.effect")) == ids(spans.one("meanwhile.submit"))


def test_a_job_of_an_event_that_a_job_fired_is_still_of_that_request(
    spans: Spans, site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    fired = f"record_update:\n  - background:\n    do:\n      - trigger_event: {{event: later}}\nlater:\n  - {ASK}"
    site(fired).submit(a="x")
    work()
    assert parent_ids(spans.one("meanwhile.effect")) == ids(spans.one("meanwhile.submit"))


def test_an_effect_that_fails_says_so_in_its_span(
    spans: Spans, site: Callable[..., Site], partner: Partner, work: Callable[[], None]
) -> None:
    partner.failures = 1
    site(BACKGROUND).submit(a="x")
    work()
    effect = spans.one("meanwhile.effect")
    assert effect.status.status_code == trace.StatusCode.ERROR
    assert effect.events[0].name == "exception"


def test_without_a_provider_nothing_travels_with_a_job(site: Callable[..., Site], partner: Partner) -> None:
    site(BACKGROUND).submit(a="x")
    assert "trace" not in Job.objects.get().payload
