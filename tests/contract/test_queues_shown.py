"""The queues as people see and change them: in the monitor, in a terminal, and by doctor and figures."""

import html
import io
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from rich.console import Console

from meanwhile.cli import main
from meanwhile.engine.inspect import waiting
from meanwhile.queue import rules
from meanwhile.queue.by_queue import queues
from meanwhile.queue.models import QueueRules
from meanwhile.queue.rules import NO_RULES, Rules
from meanwhile.queue.states import State
from tests.contract.making_jobs import make_job, make_lease

pytestmark = pytest.mark.django_db
NAME = 'mail & "more"/ü'


def address(view: str, name: str = NAME) -> str:
    return reverse(view, query={"name": name})


def command(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    code = main.perform(["queues", *words], Console(file=out, width=300))
    return code, out.getvalue()


# --- the monitor --------------------------------------------------------------------------------------------------


def test_the_page_tells_of_each_queue_what_waits_and_its_rules(staff: Client) -> None:
    make_lease("a")
    make_job(None, minutes_ago=10, queue="a")
    make_job(None, State.RUNNING, queue="a", lease=make_lease("a"))
    rules.change("a", concurrency=7, per_minute=90, priority=-3)
    rules.pause("b")
    make_job(None, queue="c")
    text = staff.get(reverse("monitor-queues")).content.decode()
    cells = text.partition(">a</a>")[2].partition("</tr>")[0]
    assert [word in cells for word in ("Open", ">1<", ">10 min<", ">7<", ">90<", ">-3<")] == [True] * 6
    assert "Paused" in text.partition(">b</a>")[2].partition("</tr>")[0]
    assert "No worker" in text.partition(">c</a>")[2].partition("</tr>")[0]


def test_an_empty_site_says_when_queues_show_up(staff: Client) -> None:
    assert "No queue yet" in staff.get(reverse("monitor-queues")).content.decode()


def test_a_queue_is_paused_and_resumed_by_its_name_whatever_that_is(staff: Client) -> None:
    make_job(None, queue=NAME)
    page = staff.get(reverse("monitor-queues")).content.decode()
    target = html.unescape(re.findall(r'action="(/monitor/queues/hold/[^"]*)"', page)[0])
    said = staff.post(target, {"do": "pause"}, follow=True).content.decode()
    assert "is paused. What runs goes on" in said
    assert rules.rules_of(NAME).paused
    assert "somebody was faster" in staff.post(address("monitor-queue-hold"), follow=True).content.decode()
    staff.post(address("monitor-queue-hold"), {"do": "resume"})
    assert rules.rules_of(NAME) == NO_RULES


def test_the_rules_of_a_queue_are_set_and_taken_back(staff: Client) -> None:
    rules.pause(NAME)
    staff.post(address("monitor-queue"), {"concurrency": "4", "per_minute": "", "priority": "2"})
    assert rules.rules_of(NAME) == Rules(paused=True, concurrency=4, priority=2)
    assert 'value="4"' in staff.get(address("monitor-queue")).content.decode()
    staff.post(address("monitor-queue"), {"concurrency": "", "per_minute": "", "priority": "0"})
    assert rules.rules_of(NAME) == Rules(paused=True)


@pytest.mark.parametrize(
    "wrong", [{"concurrency": "0"}, {"per_minute": "many"}, {"priority": "1001"}, {"priority": ""}]
)
def test_wrong_rules_are_refused_beside_their_field(staff: Client, wrong: dict[str, str]) -> None:
    given = {"concurrency": "", "per_minute": "", "priority": "0"} | wrong
    response = staff.post(address("monitor-queue"), given)
    assert response.status_code == 400
    assert "is-invalid" in response.content.decode()
    assert rules.all_rules() == {}


@pytest.mark.parametrize("name", ["", "x" * 61, "a\x00b", "a\nb", " a", "a,b"])
def test_what_is_no_name_of_a_queue_is_not_found(staff: Client, name: str) -> None:
    assert staff.get(address("monitor-queue", name)).status_code == 404
    assert staff.post(address("monitor-queue-hold", name)).status_code == 404


def test_the_rules_of_a_queue_are_forgotten_unless_its_jobs_would_start(staff: Client) -> None:
    rules.pause(NAME)
    job = make_job(None, State.SCHEDULED, queue=NAME)
    page = staff.get(address("monitor-queue")).content.decode()
    target = html.unescape(re.findall(r'action="(/monitor/queues/forget/[^"]*)"', page)[0])
    assert "Resume it first" in staff.post(target, follow=True).content.decode()
    assert rules.rules_of(NAME).paused
    job.delete()
    assert "has no rules any more" in staff.post(target, follow=True).content.decode()
    assert rules.all_rules() == {}
    assert "somebody was faster" in staff.post(target, follow=True).content.decode()
    assert "queues/forget" not in staff.get(address("monitor-queue")).content.decode()


def test_only_staff_look_and_change(client: Client) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(reverse("monitor-queues")).status_code == 403
    assert client.post(address("monitor-queue"), {"priority": "1"}).status_code == 403
    assert client.post(address("monitor-queue-hold")).status_code == 403
    assert client.post(address("monitor-queue-forget")).status_code == 403
    assert client.get(address("monitor-queue-hold")).status_code == 405
    assert rules.all_rules() == {}


# --- a waiting job ------------------------------------------------------------------------------------------------


def test_a_job_says_that_its_queue_holds_it_back() -> None:
    make_lease()
    job = make_job(None, queue="a")
    rules.change("a", concurrency=1, per_minute=None, priority=0)
    make_job(None, State.RUNNING, queue="a")
    assert "at a time" in waiting.reason(job).sentence
    rules.pause("a")
    reason = waiting.reason(job)
    assert 'The queue "a" is paused' in reason.sentence
    assert reason.needs_person


# --- the terminal -------------------------------------------------------------------------------------------------


def test_queues_are_listed_in_words_and_as_json() -> None:
    make_lease("a")
    make_job(None, minutes_ago=1, queue="a")
    rules.change("a", concurrency=2, per_minute=60, priority=1)
    rules.pause("b")
    _code, out = command("list")
    assert "2 at a time, 60 a minute, priority 1" in out
    assert "paused" in out
    _code, out = command("list", "--json")
    found: list[dict[str, Any]] = json.loads(out)["queues"]
    assert [(one["name"], one["paused"], one["concurrency"]) for one in found] == [("a", False, 2), ("b", True, None)]
    assert found[0]["jobs"] == {"available": 1}


def test_a_program_reads_one_line_for_each_queue() -> None:
    rules.change("m" * 60, concurrency=2, per_minute=60, priority=1)
    rules.pause("b")
    out = io.StringIO()
    assert main.perform(["queues", "list"], Console(file=out, width=40)) == 0
    heading, *lines = [re.split(r"  +", line) for line in out.getvalue().splitlines()]
    assert heading == ["Queue", "Waiting", "Oldest waits", "Running", "Workers", "Rules"]
    assert lines == [
        ["b", "0", "-", "0", "0", "paused"],
        ["m" * 60, "0", "-", "0", "0", "2 at a time, 60 a minute, priority 1"],
    ]


def test_queues_are_paused_resumed_and_set() -> None:
    assert command("pause", "a")[0] == 0
    assert "no job stands in that queue" in command("set", "a", "--rate", "60/minute", "--concurrency", "3")[1]
    assert rules.rules_of("a") == Rules(paused=True, concurrency=3, per_minute=60)
    command("set", "a", "--rate", "none", "--priority", "-5")
    assert rules.rules_of("a") == Rules(paused=True, concurrency=3, priority=-5)
    assert "goes on" in command("resume", "a")[1]
    assert "was not paused" in command("resume", "a")[1]


def test_a_slip_of_a_name_is_forgotten_and_leaves_the_list() -> None:
    # There was no way: a mistyped queue that was paused or limited stayed in the list, the monitor and the figures.
    rules.change("mial", concurrency=2, per_minute=60, priority=1)
    code, out = command("forget", "mial")
    assert (code, out) == (0, '"mial" has no rules any more.\n')
    assert queues().queues == []
    assert command("forget", "mial")[1] == '"mial" has no rules.\n'


def test_a_name_that_no_queue_can_have_is_forgotten_too() -> None:
    QueueRules.objects.create(name='a"b\\c\n', paused=True)
    assert command("forget", 'a"b\\c\n')[0] == 0
    assert rules.all_rules() == {}


@pytest.mark.parametrize("state", [State.AVAILABLE, State.SCHEDULED, State.RETRYING])
def test_a_paused_queue_in_which_jobs_wait_is_forgotten_only_on_demand(
    state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    make_job(None, state, queue="mail")
    rules.pause("mail")
    assert command("forget", "mail")[0] == 1
    assert "jobs wait in it; without its rules they start. To let them start: --resume" in capsys.readouterr().err
    assert rules.rules_of("mail").paused
    code, out = command("forget", "mail", "--resume")
    assert code == 0
    assert "It stays in the list while jobs stand in it" in out
    assert rules.all_rules() == {}


def test_a_queue_that_is_not_paused_is_forgotten_although_jobs_wait() -> None:
    make_job(None, queue="mail")
    rules.change("mail", concurrency=2, per_minute=None, priority=0)
    assert command("forget", "mail")[0] == 0
    assert rules.all_rules() == {}


@pytest.mark.parametrize("act", [["pause"], ["set", "--priority", "1"]])
@pytest.mark.parametrize("name", ["", 'a"b\\c\n', "a\x7fb", " mail", "mail,default", "x" * 61])
def test_rules_are_for_what_can_be_the_name_of_a_queue(
    act: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(act[0], name, *act[1:])[0] == 1
    assert "NAME: The name of a queue has 1 to 60 characters" in capsys.readouterr().err
    assert rules.all_rules() == {}


@pytest.mark.parametrize("words", [["set", "a"], ["set", "a", "--concurrency", "0"], ["pause", "x" * 61]])
def test_what_cannot_be_is_refused_in_a_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*words)[0] == 1
    assert capsys.readouterr().err
    assert rules.all_rules() == {}


@pytest.mark.parametrize("words", [["--rate", "often"], ["--concurrency", "x"], ["--priority", "high"]])
def test_what_cannot_be_read_is_used_wrongly(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command("set", "a", *words)
    assert ended.value.code == 2
