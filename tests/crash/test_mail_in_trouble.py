"""A mail server that is down, stalls, cuts after DATA or refuses some (faults.md): tried again with the same key, each
recipient's outcome in the journal, and nothing sent twice without saying so."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings

from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.queue.models import Job
from tests.crash import tally
from tests.crash.harness import SHORT, Child, everything_is_done, until, worker
from tests.crash.smtp import CUTS, REFUSED, REFUSES_SOME, STALLS, WELL, MailServer

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = f"""
application: mail
tables:
  item:
    fields: {{word: {{type: text}}, sent: {{type: boolean}}}}
    events:
      record_update:
        - background:
          do:
            - send_email: {{to: "ada@example.org, {REFUSED}", subject: "{{{{ record.word }}}}", body: Hello}}
            - update_field: {{field: sent, value: true}}
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    options = {"host": "127.0.0.1", "port": server.port, "timeout": 0.3}
    mailer = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
    with override_settings(MAILERS={"default": mailer}, MEANWHILE=SHORT):
        yield server


@pytest.fixture
def program(publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(DOCUMENT)


def sends(step: dict[str, Any]) -> bool:
    return step["type"] == "send_email"


def tries() -> list[dict[str, Any]]:
    """The steps of the one job that are tries to send."""
    steps = list(filter(sends, Job.objects.get().steps))
    connections.close_all()
    return steps


def recipients(step: dict[str, Any]) -> dict[str, str]:
    """What became of each, as the monitor reads it."""
    told = {**step["detail"], **step.get("error", {})}.get("recipients", [])
    return {each["address"]: each["outcome"] for each in told}


def send_one(program: Program, is_enough: Callable[[], bool], mend: Callable[[], None]) -> list[dict[str, Any]]:
    """Submit; wait until the trouble ``is_enough``, ``mend`` it, and give all tries when everything is done."""
    intake.submit(program, "item", {"word": "x"})
    busy: Child = worker()
    until(is_enough, what="the trouble")
    mend()
    until(everything_is_done, what="the end of all work")
    busy.end()
    tally.count("rounds checked")
    made = tries()
    assert len({step["key"] for step in made}) == 1, "every try carries the same key"
    assert made[-1]["outcome"] == "done"
    return made


def test_a_server_that_is_down_is_tried_again_until_it_is_back(program: Program, server: MailServer) -> None:
    made = send_one(program, lambda: len(tries()) > 2, server.start)
    assert {step["outcome"] for step in made[:-1]} == {"failed"}
    assert set(recipients(made[0]).values()) == {"not sent"}
    assert set(recipients(made[-1]).values()) == {"sent"}
    assert len(server.arrived()) == 1


def test_a_server_that_accepts_and_never_answers_is_given_up_and_tried_again(
    program: Program, server: MailServer
) -> None:
    server.do(STALLS)
    server.start()
    made = send_one(program, lambda: any(step["outcome"] == "failed" for step in tries()), lambda: server.do(WELL))
    assert set(recipients(made[0]).values()) == {"not sent"}
    assert len(server.arrived()) == 1


def test_a_connection_cut_after_the_body_leaves_each_recipient_unknown_and_repeats_the_key(
    program: Program, server: MailServer
) -> None:
    server.do(CUTS)
    server.start()
    made = send_one(program, lambda: any(step["outcome"] == "unknown" for step in tries()), lambda: server.do(WELL))
    assert {step["outcome"] for step in made[:-1]} == {"unknown"}
    assert recipients(made[0]) == {"ada@example.org": "unknown", REFUSED: "unknown"}
    (times,) = Counter(server.arrived()).values()
    assert times == len(made), "it arrived as often as it was tried, under one Message-ID"


def test_a_server_that_refuses_some_has_sent_to_the_others_once(program: Program, server: MailServer) -> None:
    server.do(REFUSES_SOME)
    server.start()
    (step,) = send_one(program, lambda: bool(tries()), lambda: None)
    assert recipients(step) == {"ada@example.org": "sent", REFUSED: "refused"}
    assert REFUSED in step["note"]
    assert len(server.arrived()) == 1
