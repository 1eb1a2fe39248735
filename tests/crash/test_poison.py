"""Jobs that kill their workers, effects that hang, clocks that are wrong, work that outlives leases (faults.md: poison
job, hung effect, clock skew, and the failures of others that are named at its end)."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test import override_settings

from meanwhile import function
from meanwhile.core.errors import ActionFailed
from meanwhile.definitions.program import Program
from meanwhile.engine import intake, operate
from meanwhile.engine.inspect import words
from meanwhile.plugins import function_files
from meanwhile.queue.models import Job, Lease
from tests.crash import tally
from tests.crash.harness import DOCUMENT, SHORT, Child, Ledger, check, everything_is_done, finishing, until, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_functions_left")]

FIRST = "            - update_field: {field: later"
TASTE = "            - call: {function: taste, arguments: {word: '{{ record.word }}'}}"
# Of workers that have to live: on a busy machine a process may stand still for longer than the others' leases.
LEASE = 1.5
POISON = DOCUMENT.replace(FIRST, f"{TASTE}\n{FIRST}")


def look(condition: Callable[[], bool]) -> Callable[[], bool]:
    """``condition``, with no connection kept that a fork would inherit."""

    def looked() -> bool:
        try:
            return condition()
        finally:
            connections.close_all()

    return looked


def state_of(submission_id: int | None) -> str:
    return Job.objects.values_list("state", flat=True).get(submission_id=submission_id)


def _bottle(tmp_path: Path) -> Path:
    """While it is there, the word "poison" ends the process that tastes it."""
    bottle = tmp_path / "poison"
    bottle.touch()

    @function(effect=False)
    def taste(word: str) -> str:
        if word == "poison" and bottle.exists():
            os._exit(9)
        return word

    return bottle


def _deaths_of(poison: int | None, first: Child) -> int:
    """How many workers, of which one is there, die until the job is failed."""
    deaths, victim = 0, first
    while True:
        until(look(lambda victim=victim: victim.has_ended or state_of(poison) == "failed"), what="a death, or the end")
        deaths += victim.has_ended
        assert deaths <= 5, "it kills for ever"
        victim.end()
        if state_of(poison) == "failed":
            tally.count("worker ended by a poison job", deaths)
            return deaths
        victim = worker()


def test_a_job_that_kills_its_worker_fails_after_three_deaths_alone_and_the_others_are_innocent(
    publish_yaml: Callable[[str], Program], ledger: Ledger, tmp_path: Path
) -> None:
    bottle = _bottle(tmp_path)
    program = publish_yaml(POISON)
    for number in range(3):
        intake.submit(program, "item", {"word": f"before {number}"})
    poison = intake.submit(program, "item", {"word": "poison"}).submission_id
    for number in range(3):
        intake.submit(program, "item", {"word": f"after {number}"})
    assert _deaths_of(poison, worker()) == 4, "once with its batch, and three times alone"
    with finishing():
        until(look(lambda: Job.objects.filter(state="completed").count() == 6), what="the end of the innocent")
    job = Job.objects.get(submission_id=poison)
    node = next(step for step in Job.objects.filter(state="completed")[0].steps if step["type"] == "call")["node"]
    assert (job.error["node"], job.deaths) == (node, 3)
    assert f"({node})" in words.error_message(job.version_id, job.error)
    assert set(Job.objects.exclude(pk=job.pk).values_list("deaths", "state")) == {(0, "completed")}
    bottle.unlink()
    assert operate.resume([job.pk], None) == 1
    with finishing():
        until(everything_is_done, what="the end of the cured one")
    check(program, ledger)


def test_a_job_that_kills_the_worker_that_it_woke_up_costs_one_more_at_most(
    publish_yaml: Callable[[str], Program], ledger: Ledger, tmp_path: Path
) -> None:
    """Claimed and turned in one transaction, it leaves no trace the first time (decision 17)."""
    bottle = _bottle(tmp_path)
    program = publish_yaml(POISON)
    intake.submit(program, "item", {"word": "first"})
    resting = worker()
    until(look(everything_is_done), what="the first job, after which it rests")
    poison = intake.submit(program, "item", {"word": "poison"}).submission_id
    assert _deaths_of(poison, resting) in (4, 5)
    job = Job.objects.get(submission_id=poison)
    assert job.deaths == 3
    bottle.unlink()
    assert operate.resume([job.pk], None) == 1
    with finishing():
        until(everything_is_done, what="the end of the cured one")
    check(program, ledger)


def test_a_hung_effect_ends_at_its_deadline_counts_as_a_try_and_the_worker_goes_on(
    crash: Program, ledger: Ledger, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.touch()

    @function(name="ledger")
    def write(line: int) -> str:
        is_first = not ledger.lines()
        answer = ledger.write(str(line))
        if is_first:
            until(lambda: not gate.exists(), 60, "the end of the test")
        return answer

    with override_settings(MEANWHILE=SHORT):  # the pause before the next try is decided when the job is written
        hung = intake.submit(crash, "item", {"word": "hangs"})
    busy = worker(effect_seconds=0.5)
    until(lambda: bool(ledger.lines()), what="the hung effect")
    for _ in range(3):
        intake.submit(crash, "item", {"word": "goes on"})
    until(everything_is_done, what="the second try, and the others")
    busy.end()
    gate.unlink()
    job = Job.objects.get(submission_id=hung.submission_id)
    assert [step["outcome"] for step in job.steps] == ["done", "unknown", "done", "done"]
    assert "did not come back within 0.5 seconds" in job.steps[1]["error"]["message"]
    check(crash, ledger)
    tally.count("effects ended")


# Long enough for a process to start on a busy machine.
HANGING = """
application: hanging
tables:
  item:
    fields: {word: {type: text}}
    events:
      record_update:
        - if: "record.word == 'hangs'"
          do:
            - background: {time_limit: 12s}
              do: [call: {function: hang_for_good, arguments: {note: "%s"}}]
          otherwise:
            - background:
              do: [update_field: {field: word, value: done}]
"""


def test_a_function_of_its_own_process_is_ended_with_its_job_and_the_worker_goes_on(
    publish_yaml: Callable[[str], Program], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(function_files.VARIABLE, str(Path(__file__).with_name("hanging_functions.py")))
    function_files.load_from_environment()
    note = tmp_path / "pid"
    program = publish_yaml(HANGING % note)
    hangs = intake.submit(program, "item", {"word": "hangs"})
    busy = worker()
    until(lambda: note.exists() and bool(note.read_text()), 60, "the process of the function")
    other = intake.submit(program, "item", {"word": "x"})
    until(look(lambda: state_of(other.submission_id) == "completed"), what="the other job")
    until(look(lambda: state_of(hangs.submission_id) == "failed"), 60, "the end of the hung one")
    job = Job.objects.get(submission_id=hangs.submission_id)
    assert "time limit of 12s" in job.error["message"]
    until(lambda: not _is_alive(int(note.read_text())), what="the end of its process")
    busy.end()
    tally.count("effects ended")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


LIMITED = DOCUMENT.replace("- background:", "- background: {time_limit: 1h}")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's processes share one machine and one clock")
def test_leases_and_limits_go_by_the_databases_clock(
    publish_yaml: Callable[[str], Program], ledger: Ledger, slow: Path
) -> None:
    """Workers whose clocks are hours off take nothing from the living, in good time from the dead, and end no job
    before its time."""
    program = publish_yaml(LIMITED)
    intake.submit(program, "item", {"word": "x"})
    late = worker(clock_hours=-5, lease_seconds=LEASE)
    until(lambda: bool(ledger.lines()), what="the effect")
    early = worker(clock_hours=5, lease_seconds=LEASE)
    _outlive_leases()
    assert len(ledger.lines()) == 1, "nothing was taken from the living"
    late.kill()
    until(lambda: len(ledger.lines()) == 2, what="the takeover by the clock that is ahead")
    early.kill()
    slow.unlink()
    behind = worker(clock_hours=-5, lease_seconds=LEASE)
    until(everything_is_done, what="the takeover by the clock that is behind")
    behind.end()
    check(program, ledger)


def _outlive_leases() -> None:
    """Wait until every living worker has renewed its lease so often that the first one would be long over."""
    first = max(Lease.objects.values_list("expires_at", flat=True))
    span = timedelta(seconds=2 * LEASE)
    until(look(lambda: min(Lease.objects.values_list("expires_at", flat=True)) > first + span), what="the renewals")


def test_an_effect_that_outlives_leases_is_performed_once_while_its_worker_lives(
    crash: Program, ledger: Ledger, slow: Path
) -> None:
    """hexpm ran live jobs two or three times, since its rescue looked at the time alone."""
    intake.submit(crash, "item", {"word": "x"})
    workers = [worker(lease_seconds=LEASE), worker(lease_seconds=LEASE)]
    until(lambda: bool(ledger.lines()), what="the effect")
    _outlive_leases()
    slow.unlink()
    until(everything_is_done)
    for each in workers:
        each.end()
    assert len(ledger.lines()) == 1
    check(crash, ledger)


def test_a_rescuer_that_stalls_keeps_nobody_from_rescuing(crash: Program, ledger: Ledger) -> None:
    """procrastinate lost jobs when the process that looks for stalled ones stalled itself."""
    for _ in range(3):
        intake.submit(crash, "item", {"word": "x"})
    dead = worker("effect.after_perform")
    until(lambda: dead.has_ended, what="the death of the holder")
    stalled = worker(sweep_seconds=60)
    until(look(lambda: Lease.objects.filter(name__endswith=f":{stalled.pid}").exists()), what="the rescuer")
    stalled.pause()
    with finishing():
        until(everything_is_done, what="the rescue by another")
    stalled.go_on()
    stalled.end()
    check(crash, ledger)


DELAYED = """
application: delayed
tables:
  item:
    fields: {word: {type: text}, later: {type: integer}}
    events:
      record_update:
        - background: {attempts: 1}
          do:
            - delay: {for: 2s}
              do:
                - call: {function: ledger, arguments: {line: "{{ record.id }}"}}
                - update_field: {field: later, value: "{{ 1 if record.later == None else record.later + 1 }}"}
            - call: {function: refuse}
"""


def test_a_delay_longer_than_any_lease_fires_once_and_not_again_after_a_resume(
    publish_yaml: Callable[[str], Program], ledger: Ledger, tmp_path: Path
) -> None:
    """kombu sent out again what was due later than its visibility timeout; kestra's delays fired again on a resume."""
    refusal = tmp_path / "refusal"
    refusal.touch()

    @function
    def refuse() -> None:
        if refusal.exists():
            raise ActionFailed("not yet")

    program = publish_yaml(DELAYED)
    intake.submit(program, "item", {"word": "x"})
    workers = [worker(), worker()]
    until(look(lambda: Job.objects.filter(state="failed").exists()), what="the failure behind the delay")
    refusal.unlink()
    assert operate.resume(list(Job.objects.filter(state="failed").values_list("pk", flat=True)), None) == 1
    until(everything_is_done, what="the delay")
    for each in workers:
        each.end()
    assert len(ledger.lines()) == 1
    assert Counter(Job.objects.values_list("state", flat=True)) == {"completed": 2}
    (later,) = program.tables["item"].model._base_manager.values_list("later", flat=True)
    assert later == 1
    tally.count("rounds checked")
