"""What people do to queues and jobs is in the log: who did it, to what, and what changed."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse
from rich.console import Console

from meanwhile.cli import main
from meanwhile.queue.states import State
from tests.contract.making_jobs import make_job, make_run, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]


@pytest.fixture(autouse=True)
def _every_line_is_caught(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "meanwhile")


def command(*words: str) -> None:
    assert main.perform(words, Console(file=io.StringIO())) == 0


def test_queues_changed_by_command_are_told_with_what_changed(caplog: pytest.LogCaptureFixture) -> None:
    command("queues", "pause", "mail")
    command("queues", "resume", "mail")
    command("queues", "set", "mail", "--concurrency", "2", "--rate", "60/minute")
    assert caplog.messages == [
        "The queue mail was changed by the command line: paused False to True.",
        "The queue mail was changed by the command line: paused True to False.",
        "The queue mail was changed by the command line: concurrency None to 2, per_minute None to 60.",
    ]
    assert {record.queue for record in caplog.records} == {"mail"}


def test_what_changes_nothing_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    command("queues", "resume", "mail")
    assert caplog.messages == []


def test_queues_changed_in_the_monitor_are_told_with_the_person(
    staff: Client, caplog: pytest.LogCaptureFixture
) -> None:
    staff.post(f"{reverse('monitor-queue-hold')}?name=mail", {"do": "pause"})
    staff.post(f"{reverse('monitor-queue-hold')}?name=mail", {"do": "resume"})
    staff.post(f"{reverse('monitor-queue')}?name=mail", {"concurrency": "", "per_minute": "", "priority": "3"})
    assert [record.by for record in caplog.records] == ["ann"] * 3
    assert caplog.messages[-1] == "The queue mail was changed by ann: priority 0 to 3."


@pytest.mark.parametrize(
    ("action", "done"),
    [("resume", "resumed"), ("skip", "skipped an action of"), ("restart", "restarted"), ("cancel", "cancelled")],
)
def test_one_job_acted_on_in_the_monitor_is_what_the_line_is_about(
    staff: Client, caplog: pytest.LogCaptureFixture, action: str, done: str
) -> None:
    job = make_job(make_run(make_version()), State.FAILED)
    staff.post(f"{reverse('monitor-act', args=[action])}?job={job.pk}")
    (line,) = caplog.records
    assert (line.levelname, line.getMessage()) == ("INFO", f"ann {done} 1 jobs: {job.pk}.")
    assert (line.by, line.job, line.run, line.submission) == ("ann", job.pk, job.run_id, job.submission_id)


def test_many_jobs_acted_on_by_command_are_one_line_that_names_those_that_changed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    version = make_version()
    first, second = (make_job(make_run(version, str(record)), State.FAILED) for record in (1, 2))
    make_job(make_run(version, "3"), State.COMPLETED)
    command("jobs", "cancel", "--application", "shop", "--yes")
    assert caplog.messages == [f"the command line cancelled 2 jobs: {first.pk}, {second.pk}."]
