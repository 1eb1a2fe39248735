"""Lines that a function logs carry the job that runs it."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from meanwhile.core.logging import JsonFormatter
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Partner, Site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the logger ``shop`` has written so far."""
    out, logger = io.StringIO(), logging.getLogger("shop")
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    logger.removeHandler(handler)


@pytest.fixture
def logging_partner(partner: Partner) -> Partner:
    partner.before_answer = lambda: logging.getLogger("shop").warning("asked")
    return partner


@pytest.mark.parametrize("function", ["ask", "shout"])
def test_a_line_of_a_function_in_the_background_names_its_job(
    site: Callable[..., Site],
    logging_partner: Partner,
    work: Callable[[], None],
    lines: Callable[[], list[dict[str, Any]]],
    function: str,
) -> None:
    call = f"call: {{function: {function}, arguments: {{word: '{{{{ record.a }}}}'}}, into: b}}"
    submitted = site(f"record_update:\n  - background:\n    do:\n      - {call}").submit(a="x")
    work()
    job, (line,) = Job.objects.get(), lines()
    assert (line["submission"], line["run"]) == (submitted.submission_id, job.run_id)
    assert (line["job"], line["queue"], line["message"]) == (job.pk, "default", "asked")


def test_a_line_of_an_effect_that_the_request_performs_names_its_submission(
    site: Callable[..., Site], logging_partner: Partner, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    call = "call: {function: ask, arguments: {word: '{{ record.a }}'}, into: b}"
    submitted = site(f"record_update:\n  - {call}").submit(a="x")
    (line,) = lines()
    assert (line["submission"], line["job"]) == (submitted.submission_id, Job.objects.get().pk)


def test_a_failed_action_is_told_with_its_sort(
    site: Callable[..., Site], partner: Partner, work: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    partner.failures, partner.is_final = 1, True
    call = "{id: n-ask, call: {function: ask, into: b}}"
    submitted = site(f"record_update:\n  - background:\n    do:\n      - {call}").submit(a="x")
    work()
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (line.node, line.action, line.submission) == ("n-ask", "call", submitted.submission_id)
    assert "failed at n-ask (call), try 1 of 5: PermanentError: no such partner." in line.getMessage()
