"""Design 5, rules 8 and 13 under real races: two requests at the same moment, each in a thread of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from meanwhile.engine import intake
from meanwhile.engine.models import Submission
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Site

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or raised, all begun at the same moment."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


BACKGROUND = "record_update:\n  - background:\n    do: [{update_field: {field: b, value: B}}]"


def test_the_same_sent_twice_at_once_is_one_submission(site: Callable[..., Site]) -> None:
    shop = site(BACKGROUND)
    for round_ in range(ROUNDS):
        values, key = {"a": "x", "code": f"code {round_}"}, f"key {round_}"
        answers = at_once(*[lambda v=values, k=key: intake.submit(shop.program, "item", v, key=k)] * 3)
        assert sorted(answer.is_repeated for answer in answers) == [False, True, True]
        assert len({(answer.submission_id, answer.record_id) for answer in answers}) == 1
    assert (shop.count(), Submission.objects.count(), Job.objects.count()) == (ROUNDS, ROUNDS, ROUNDS)


def test_of_two_with_one_key_and_other_values_the_second_learns_of_the_first(site: Callable[..., Site]) -> None:
    shop = site(BACKGROUND)
    for round_ in range(ROUNDS):
        answers = at_once(
            *(lambda a=a, k=f"key {round_}": intake.submit(shop.program, "item", {"a": a}, key=k) for a in "xy")
        )
        (done,) = [answer for answer in answers if isinstance(answer, intake.Submitted)]
        (refused,) = [answer for answer in answers if isinstance(answer, intake.SubmissionKeyReused)]
        assert refused.first.pk == done.submission_id
    assert (shop.count(), Job.objects.count()) == (ROUNDS, ROUNDS)


def test_the_same_sent_twice_at_once_is_one_even_where_the_first_leaves_nothing_to_do(
    site: Callable[..., Site],
) -> None:
    # The second one was told that the record does not exist any more, although it was its own press of Submit.
    shop = site("record_update:\n  - if: record.a == 'end'\n    do: [{delete_record: }]")
    for round_ in range(ROUNDS):
        made = shop.submit(a="x")
        answers = at_once(
            *[
                lambda id_=made.record_id, k=f"key {round_}": intake.submit(
                    shop.program, "item", {"a": "end"}, record_id=id_, key=k
                )
            ]
            * 2
        )
        assert sorted(answer.is_repeated for answer in answers) == [False, True]
    assert shop.count() == 0


def test_old_is_the_record_as_it_was_when_it_was_locked(site: Callable[..., Site]) -> None:
    shop = site(
        "record_update:\n  - if_new_record:\n    otherwise: [{update_field: {field: n, value: '{{ old.n + 1 }}'}}]"
    )
    made = shop.submit(n=0)
    for _ in range(ROUNDS):
        answers = at_once(*[lambda: shop.change(made.record_id, a="x")] * 3)
        assert all(isinstance(answer, intake.Submitted) for answer in answers), answers
    assert shop.read(made.record_id)["n"] == 3 * ROUNDS
