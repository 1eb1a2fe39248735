"""PostgreSQL cuts the connections: nothing is lost, nothing done twice (faults: connections terminated)."""

import os
import socket
from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from meanwhile.queue import claim, store, turn
from meanwhile.queue.jobs import Advance, Answer, Ready
from meanwhile.queue.models import Job
from meanwhile.queue.trouble import is_trouble
from tests.contract.queue.running import running, wait_until
from tests.contract.queue.test_worker import Gate
from tests.contract.queue.toy import Toy, new_job, put, state_of, steps_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a server is what can cut a connection"),
]

CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> %s AND datname = current_database()"


def cut_the_others() -> int:
    """Terminate every other connection to this database; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(CUT, [connection.connection.info.backend_pid])
        return int(cursor.fetchone()[0])


def test_an_answer_that_comes_after_the_cut_is_settled_once() -> None:
    id_ = put("note", "effect", "note")
    gate = Gate(id_)
    with running(Toy(effect=gate)):
        wait_until(lambda: gate.entered)
        assert cut_the_others() >= 1
        gate.is_open.set()
        wait_until(lambda: state_of(id_) == "completed")
    assert (steps_of(id_), gate.entered) == (["note0", "done", "note2"], [id_])


def test_hints_are_heard_again_after_the_cut(configure: Callable[..., None]) -> None:
    with running(Toy()) as worker:
        wait_until(lambda: worker.is_listening)
        cut_the_others()
        first = put()
        wait_until(lambda: state_of(first) == "completed")
        configure(poll_seconds=3600.0, sweep_seconds=3600.0)
        wait_until(lambda: worker.is_listening)
        second = put()
        wait_until(lambda: state_of(second) == "completed")


def test_cuts_under_load_lose_nothing_and_repeat_no_step(configure: Callable[..., None]) -> None:
    configure(poll_seconds=0.05, sweep_seconds=0.2, lease_seconds=2.0)
    jobs = store.enqueue([new_job("note", "effect", "note", line=f"a:{place % 40}") for place in range(400)])
    done = Job.objects.filter(state="completed")
    with running(Toy()), running(Toy()):
        for cut in range(10):
            wait_until(lambda least=cut * 20: done.count() > least, 60)
            cut_the_others()
        wait_until(lambda: done.count() == len(jobs), 60)
    assert all(steps == ["note0", "done", "note2"] for steps in done.values_list("steps", flat=True))


def cut_off_this_one() -> None:
    """What comes from the server is not even its reason."""
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as own:
        own.shutdown(socket.SHUT_RDWR)


def test_a_cut_in_the_middle_of_a_turn_is_no_fault_of_its_job(lease_id: int) -> None:
    # At the end of the transaction Django had connected anew, so the error was not seen to be one of the connection: a
    # try was counted, and of an effect that was done it was said that what came of it could not be saved.
    class Cut(Toy):
        def advance(self, ready: Sequence[Ready], *, careful: bool) -> list[Advance]:
            cut_off_this_one()
            return super().advance(ready, careful=careful)

    id_ = put("effect")
    (job,) = claim.claim(lease_id, None, 1)
    ((job, effect),) = turn.turn(Toy(), [Ready(job)]).effects
    turned = turn.turn(Cut(), [Ready(job, Answer(effect.perform()))])
    assert is_trouble(turned.trouble)
    assert (state_of(id_), Job.objects.get().attempt, len(turned.left)) == ("running", 0, 1)
