"""``meanwhile jobs``: the same filter and the same deeds as the monitor's, in a terminal."""

import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from meanwhile.cli import main
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from tests.contract.making_jobs import make_job, make_run, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_cached_versions")]


def jobs(*words: str) -> tuple[int, str]:
    """Exit code and output of ``meanwhile jobs`` with these words."""
    out = io.StringIO()
    code = main.perform(["jobs", *words], Console(file=out, width=200, soft_wrap=True))
    return code, out.getvalue()


def data(*words: str) -> Any:
    code, out = jobs(*words, "--json")
    assert code == 0, out
    return json.loads(out)


def states() -> list[str]:
    return list(Job.objects.order_by("pk").values_list("state", flat=True))


def test_a_list_names_each_job_with_its_state_record_and_error() -> None:
    job = make_job(make_run(make_version(), "17"), State.FAILED)
    code, out = jobs("list")
    assert code == 0
    for part in (str(job.pk), "Failed", "Price it", "Shop Item 17", "5/5", "The partner is busy."):
        assert part in out


def test_a_program_reads_one_line_for_each_job_however_narrow_the_window() -> None:
    # A list in a pipe was broken to 80 columns, over three to seven lines a job; its queue stood nowhere.
    run = make_run(make_version())
    error = {"message": "The partner\nis  busy; " + "very " * 40 + "busy.", "type": "X"}
    ids = [make_job(run, State.FAILED, queue="mail", error=error).pk, make_job(None, queue="late letters").pk]
    out = io.StringIO()
    assert main.perform(["jobs", "list"], Console(file=out, width=80, soft_wrap=True)) == 0
    heading, *lines = [re.split(r"  +", line) for line in out.getvalue().splitlines()]
    assert heading == ["Job", "State", "Queue", "Due (UTC)", "Tries", "What", "Record", "Error"]
    assert [line[:3] for line in lines] == [
        [str(ids[1]), "Waiting", "late letters"],
        [str(ids[0]), "Failed", "mail"],
    ]
    assert lines[1][-1].endswith("very busy.")
    assert lines[0][-1] == "-"


def test_a_narrow_terminal_shows_one_line_for_each_job_too() -> None:
    job = make_job(make_run(make_version(), "17"), State.FAILED, queue="mail")
    out = io.StringIO()
    console = Console(file=out, width=80, soft_wrap=True, force_terminal=True, color_system=None)
    assert main.perform(["jobs", "list"], console) == 0
    _heading, line = out.getvalue().splitlines()
    assert len(line) <= 80
    assert line.split()[:3] == [str(job.pk), "Failed", "mail"]
    assert f"{job.due_at:%Y-%m-%d %H:%M:%S}" in line


def test_what_goes_on_after_the_rows_is_no_row(capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(make_version())
    for _ in range(3):
        make_job(run)
    _code, out = jobs("list", "--limit", "2")
    assert len(out.splitlines()) == 3
    assert "More: --after" in capsys.readouterr().err


def test_the_options_are_the_fields_of_the_monitors_filter() -> None:
    version = make_version()
    make_job(make_run(version, "1"), State.COMPLETED)
    failed = make_job(make_run(version, "2"), State.FAILED)
    found = data("list", "--state", "failed", "--application", "shop", "--table", "item", "--record", "2")
    assert [each["id"] for each in found["jobs"]] == [failed.pk]
    assert data("list", "--since", "1h", "--error", "busy")["jobs"][0]["error"]["message"] == "The partner is busy."


def test_a_long_list_goes_on_from_its_cursor() -> None:
    run = make_run(make_version())
    ids = [make_job(run, State.COMPLETED).pk for _ in range(5)]
    first = data("list", "--limit", "3")
    second = data("list", "--limit", "3", "--after", first["after"])
    assert [each["id"] for each in first["jobs"] + second["jobs"]] == ids[::-1]
    assert second["after"] is None


def test_one_job_is_told_in_full() -> None:
    step = {
        "node": "n-price",
        "type": "update_field",
        "outcome": "failed",
        "at": make_run(make_version()).created_at.isoformat(),
        "changes": {"name": ["old", "new"]},
        "error": {"message": "busy", "type": "X"},
    }
    job = make_job(make_run(make_version()), State.FAILED, steps=[step])
    code, out = jobs("show", str(job.pk))
    assert code == 0
    for part in (
        "Price it (Failed)",
        "until a person resumes",
        "Error: The partner is busy.",
        "shop.py:3 ask",
        "old -> new",
    ):
        assert part in out
    told = data("show", str(job.pk))
    assert (told["state"], told["steps"][0]["node"]) == ("failed", "n-price")


def test_moments_are_written_alike_and_their_zone_is_named_once(settings: Any) -> None:
    # A sentence said "since Nov. 28, 2026, 11:14 a.m.." above a journal that said 2026-11-28 11:14:18.
    settings.MEANWHILE = {**settings.MEANWHILE, "zone": "Asia/Tokyo"}
    due = datetime(2126, 5, 4, 20, 30, 15, tzinfo=UTC)
    job = make_job(make_run(make_version()), State.SCHEDULED, due_at=due)
    told = jobs("show", str(job.pk))[1]
    assert "It is not due before 2126-05-05 05:30:15.\n" in told
    assert "due 2126-05-05 05:30:15," in told
    assert told.count("Asia/Tokyo") == 1
    assert "Due (Asia/Tokyo)" in jobs("list")[1]


def test_one_job_names_the_node_at_which_workers_died_and_what_they_left_unknown() -> None:
    step = {"node": "n-back", "type": "call", "outcome": "prepared", "at": "2026-05-04T10:11:12+00:00"}
    error = {"message": "3 workers in a row died.", "type": "WorkerDied", "node": "n-back", "trace": ""}
    job = make_job(make_run(make_version()), State.FAILED, steps=[step], error=error)
    _code, out = jobs("show", str(job.pk))
    assert 'The last one died at "Price it" (n-back).' in out
    assert "Unknown      Price it" in out
    assert "Interrupted" in out
    assert "Under way" not in out


def test_jobs_are_resumed_by_their_numbers() -> None:
    run = make_run(make_version())
    first, second = make_job(run, State.FAILED), make_job(run, State.FAILED)
    code, out = jobs("resume", str(first.pk))
    assert (code, states()) == (0, [State.AVAILABLE, State.FAILED])
    assert "Resume: 1 job." in out
    assert jobs("skip", str(second.pk))[0] == 0
    assert states() == [State.AVAILABLE, State.AVAILABLE]


def test_the_journal_in_the_terminal_says_who_did_it() -> None:
    # The terminal left out the notes of the journal: "Resumed", and not by whom.
    job = make_job(make_run(make_version()), State.FAILED)
    jobs("resume", str(job.pk))
    jobs("cancel", str(job.pk))
    told = jobs("show", str(job.pk))[1].partition("Resumed")[2].split()
    assert told[:4] == ["By", "the", "command", "line."]
    assert told[-5:] == ["Cancelled", "By", "the", "command", "line."]


def test_all_that_match_need_a_yes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(make_version())
    for _ in range(3):
        make_job(run, State.FAILED)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert jobs("cancel", "--state", "failed")[0] == 1
    assert "say --yes" in capsys.readouterr().err
    assert states() == [State.FAILED] * 3
    assert data("cancel", "--state", "failed", "--yes") == {"action": "cancel", "changed": 3}
    assert states() == [State.CANCELLED] * 3


def test_nothing_to_do_is_an_exit_code_of_one_and_says_for_which_states_it_is() -> None:
    make_job(make_run(make_version()), State.COMPLETED)
    code, out = jobs("resume", "--state", "completed", "--yes")
    assert (code, out.splitlines()[-1]) == (1, "Resume: 0 jobs.")
    assert "None of the jobs that match is in a state for which this can be done: Retrying, Failed." in out


def test_a_job_that_is_left_as_it_is_is_told_with_its_state_and_what_can_be_done() -> None:
    # "Skip this action: 0 jobs." left the operator to guess why.
    run = make_run(make_version())
    waiting, done = make_job(run, State.SCHEDULED), make_job(run, State.COMPLETED)
    failed = make_job(run, State.FAILED)
    code, out = jobs("skip", str(done.pk), str(waiting.pk), str(failed.pk))
    assert code == 0
    assert out.splitlines() == [
        f'Job {waiting.pk} is in the state "Scheduled", for which this cannot be done. '
        f"It can be: meanwhile jobs cancel {waiting.pk}.",
        f'Job {done.pk} is in the state "Completed", which is final.',
        "Skip this action: 1 job.",
    ]


def test_a_job_whose_action_is_lost_is_told_too() -> None:
    run = make_run(make_version())
    job = make_job(run, State.FAILED, version_id=None)
    code, out = jobs("skip", str(job.pk))
    assert code == 1
    assert f"Job {job.pk} was left as it is: " in out


def test_programs_get_nothing_but_json_where_nothing_is_done() -> None:
    job = make_job(make_run(make_version()), State.COMPLETED)
    code, out = jobs("skip", str(job.pk), "--json")
    assert (code, json.loads(out)) == (1, {"action": "skip", "changed": 0})
    code, out = jobs("skip", "--state", "failed", "--json")
    assert (code, json.loads(out)) == (1, {"action": "skip", "changed": 0})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["resume"], "Say which jobs"),
        (["resume", "1", "--state", "failed"], "Say which jobs"),
        (["resume", "12345"], "There is no job 12345."),
        (["show", "12345"], "There is no job 12345."),
        (["list", "--record", "7"], "--table"),
        (["list", "--since", "soon"], "--since"),
        (["list", "--limit", "0"], "--limit"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jobs(*words)[0] == 1
    assert message in capsys.readouterr().err


def test_a_word_that_is_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        jobs("destroy")
    assert ended.value.code == 2
