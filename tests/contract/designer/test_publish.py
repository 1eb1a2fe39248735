"""Publishing in the designer: the plan, what stands in its way, what becomes of jobs, and live in every process."""

import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client

from meanwhile.definitions import drafts
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import current_program
from meanwhile.engine import intake
from meanwhile.queue.models import Job
from tests.contract.conftest import PublishYaml
from tests.contract.designer.publishing import ONE, address, edit, send

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_plan_says_what_differs_and_publishing_puts_it_in_force(desk: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    edit("one", "two")
    page = desk.get(address("designer-publish")).content.decode()
    assert "Publish version 2" in page
    assert "Nothing: all records stay as they are." in page
    answer = send(desk, "designer-publish", note="Better")
    assert answer.status_code == 303
    assert "Version 2 is live" in desk.get(answer["Location"]).content.decode()
    version = Version.objects.get(number=2)
    assert (version.note, version.published_by and version.published_by.username) == ("Better", "dora")
    assert current_program("shop").number == 2
    working = drafts.working("shop")
    assert not working.is_changed
    assert not working.is_behind


def test_what_would_be_lost_has_to_be_agreed_to(desk: Client, publish_yaml: PublishYaml) -> None:
    program = publish_yaml(ONE)
    intake.submit(program, "item", {"b": "kept"})
    edit("b", "")
    page = desk.get(address("designer-publish")).content.decode()
    assert "I agree to this loss" in page
    answer = send(desk, "designer-publish")
    assert answer.status_code == 409
    assert "agree first" in answer.content.decode()
    assert current_program("shop").number == 1
    assert send(desk, "designer-publish", agree="on").status_code == 303
    assert current_program("shop").number == 2


def test_a_draft_that_was_changed_since_or_published_by_another_is_told(
    desk: Client, publish_yaml: PublishYaml
) -> None:
    publish_yaml(ONE)
    edit("one", "two")
    seen = drafts.working("shop")
    edit("two", "three")
    answer = send(desk, "designer-publish", revision=seen.revision)
    assert answer.status_code == 409
    assert "was changed after this plan was shown" in answer.content.decode()
    publish_yaml(ONE.replace("Shop", "Store"))
    answer = send(desk, "designer-publish", base=seen.published.pk if seen.published else "")
    assert "Somebody else published in the meantime" in answer.content.decode()
    assert current_program("shop").number == 2


def test_errors_keep_it_from_being_published_and_lead_to_their_places(desk: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    edit("a", "nothing_like_it")
    page = desk.get(address("designer-publish")).content.decode()
    assert "To be mended first" in page
    assert "Publish version" not in page
    assert send(desk, "designer-publish").status_code == 409
    assert current_program("shop").number == 1


@pytest.mark.parametrize("choice", ["stay", "move"])
def test_jobs_in_flight_stay_or_move_as_chosen(desk: Client, publish_yaml: PublishYaml, choice: str) -> None:
    old = publish_yaml(ONE)
    intake.submit(old, "item", {"a": "x"})
    edit("one", "two")
    page = desk.get(address("designer-publish")).content.decode()
    assert "Version 1: 1 job (Waiting)" in page
    assert "1 job can move." in page
    send(desk, "designer-publish", jobs=choice)
    moved = Job.objects.get().version_id == current_program("shop").version_id
    assert moved == (choice == "move")


def test_another_process_serves_the_new_version_at_once(desk: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    name = str(connection.settings_dict["NAME"])
    script = (
        "import sys, django; from django.conf import settings;"
        "settings.DATABASES['default']['NAME'] = sys.argv[1]; django.setup();"
        "from meanwhile.definitions.program import current_program as now\n"
        "for line in sys.stdin: print(now('shop').number, flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        print(file=other.stdin, flush=True)
        assert other.stdout.readline() == "1\n"
        edit("one", "two")
        assert send(desk, "designer-publish").status_code == 303
        print(file=other.stdin, flush=True)
        assert other.stdout.readline() == "2\n"
        other.stdin.close()


def test_who_may_not_design_publishes_nothing(client: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    assert client.get(address("designer-publish")).status_code == 302
    assert client.post(address("designer-publish")).status_code == 302
