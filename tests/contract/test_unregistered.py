"""A process that lacks what documents call is told by the doctor, and ends no job for good."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from meanwhile import function
from meanwhile.cli import main
from meanwhile.core import clock
from meanwhile.core.errors import OutcomeUnknown
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import Program
from meanwhile.definitions.unregistered import unregistered
from meanwhile.engine import intake
from meanwhile.engine.performer import EnginePerformer
from meanwhile.plugins import functions
from meanwhile.queue.models import Job
from meanwhile.queue.worker import Worker

pytestmark = pytest.mark.usefixtures("no_functions_left")
SHOP = """
    application: shop
    tables:
      item:
        fields:
          name: {{type: text}}
          price: {{type: integer}}
        events:
          record_update:
            - background:
              do:
                - update_field: {{field: name, value: A}}
                - {call}
"""
CALL = "call: {function: work, into: price}"


def publish_with_its_function(publish_yaml: Callable[[str], Program], call: str = CALL) -> Program:
    """A published document that calls ``work``, whose function is then gone, as in a process without its file."""
    register()
    program = publish_yaml(SHOP.format(call=call))
    forget("work")
    return program


def register() -> None:
    @function
    def work() -> int:
        return 7


def forget(name: str) -> None:
    functions._functions.pop(name, None)


def drain() -> None:
    """What a worker of this process makes of all that is due."""
    Job.objects.filter(state="retrying").update(retry_at=clock.now() - timedelta(seconds=1))
    Worker(EnginePerformer(), threads=0).drain()


def doctor() -> list[dict[str, Any]]:
    out = io.StringIO()
    main.perform(["doctor", "--json"], Console(file=out, width=500))
    return [each for each in json.loads(out.getvalue())["checks"] if each["check"] == "Functions"]


def test_a_worker_without_the_function_ends_no_job_for_good(publish_yaml: Callable[[str], Program]) -> None:
    # MEANWHILE_FUNCTIONS was forgotten for one worker, and every job that it took failed at once.
    program = publish_with_its_function(publish_yaml)
    intake.submit(program, "item", {"name": "x"})
    drain()
    job = Job.objects.get()
    assert (job.state, job.attempt, job.error["type"]) == ("retrying", 1, "NotRegistered")
    register()
    drain()
    job.refresh_from_db()
    assert (job.state, job.error) == ("completed", None)
    assert program.tables["item"].model._base_manager.get().price == 7


def test_an_effect_that_another_worker_prepared_is_tried_again_too(publish_yaml: Callable[[str], Program]) -> None:
    program = publish_with_its_function(publish_yaml)

    @function
    def work() -> int:
        raise OutcomeUnknown("The partner has gone silent.")

    intake.submit(program, "item", {"name": "x"})
    drain()
    forget("work")
    drain()
    assert (Job.objects.get().state, Job.objects.get().error["type"]) == ("retrying", "NotRegistered")
    register()
    drain()
    steps = [step for step in Job.objects.get().steps if step["type"] == "call"]
    assert [step["outcome"] for step in steps] == ["unknown", "failed", "done"]
    assert len({step["key"] for step in steps}) == 1


def test_what_the_version_lacks_still_ends_a_job_at_once(publish_yaml: Callable[[str], Program]) -> None:
    program = publish_with_its_function(publish_yaml)
    intake.submit(program, "item", {"name": "x"})
    job = Job.objects.get()
    job.payload["table"] = "gone"
    job.save()
    drain()
    job.refresh_from_db()
    assert (job.state, job.error["type"]) == ("failed", "MissingDefinition")


def test_the_doctor_names_a_function_that_is_not_registered_with_its_place(
    publish_yaml: Callable[[str], Program],
) -> None:
    publish_with_its_function(publish_yaml)
    (told,) = doctor()
    assert told["level"] == "problem"
    assert told["meaning"] == (
        'Version 1 of "shop" calls the function "work", not registered here '
        "(tables > item > events > record_update > background > do > call > function)."
    )
    assert "MEANWHILE_FUNCTIONS" in told["advice"]
    register()
    assert [each["level"] for each in doctor()] == ["ok"]


@pytest.mark.parametrize("call", ["call: work", "{call: work, name: Ask for the price}"])
def test_the_short_form_of_a_call_counts_as_well(publish_yaml: Callable[[str], Program], call: str) -> None:
    publish_with_its_function(publish_yaml, call)
    assert [each.name for each in unregistered()] == ["work"]


def test_a_node_that_is_disabled_calls_nothing(publish_yaml: Callable[[str], Program]) -> None:
    publish_with_its_function(publish_yaml, "{call: work, disabled: true}")
    assert unregistered() == []


def test_an_older_version_counts_while_unfinished_jobs_are_pinned_to_it(
    publish_yaml: Callable[[str], Program],
) -> None:
    program = publish_with_its_function(publish_yaml)
    intake.submit(program, "item", {"name": "x"})
    publish_yaml(SHOP.format(call="update_field: {field: price, value: 1}"))
    assert [(each.name, each.version) for each in unregistered()] == [("work", 1)]
    Job.objects.update(state="completed", finished_at=clock.now())
    assert unregistered() == []


def test_a_node_type_that_is_not_installed_is_named_though_its_version_cannot_be_loaded(
    publish_yaml: Callable[[str], Program],
) -> None:
    publish_with_its_function(publish_yaml, "update_field: {field: price, value: 1}")
    version = Version.objects.get()
    version.document["tables"]["item"]["events"]["record_update"][0]["do"][1] = {"id": "n-x", "fly": {"to": "moon"}}
    version.save()
    (told,) = doctor()
    assert told["meaning"] == (
        'Version 1 of "shop" has the node type "fly", not installed here '
        "(tables > item > events > record_update > background > do > fly)."
    )
