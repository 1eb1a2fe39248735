"""Design 5, rules 3, 6, 7 and 11 where things go wrong in between: records, people and answers that are not as planned."""

from collections.abc import Callable
from typing import Any

import pytest

from meanwhile.engine import intake
from meanwhile.queue.models import Job
from meanwhile.tables import records
from tests.contract.engine.conftest import Partner, Site

pytestmark = pytest.mark.django_db(transaction=True)

ASK = "call: {function: ask, arguments: {word: '{{ record.a }}'}, into: b}"


def background(*nodes: str) -> str:
    return "record_update:\n  - background:\n    do:\n" + "".join(f"      - {node}\n" for node in nodes)


def delete(shop: Site, record_id: Any) -> None:
    records.delete(shop.program.tables["item"], record_id, shop.program.tables)


@pytest.mark.parametrize(
    "nodes",
    [
        ("update_field: {field: b, value: B}",),
        ("create_record: {table: note, values: {text: made}}",),
        ("update_field: {field: b, value: '{{ user.username }}!'}",),
        (ASK, "create_record: {table: note, values: {text: made}, fires_event: true}"),
    ],
)
def test_jobs_go_on_when_their_user_is_deleted(
    nodes: tuple[str, ...],
    site: Callable[..., Site],
    partner: Partner,
    work: Callable[[], None],
    django_user_model: Any,
) -> None:
    # Who started a job travels with it; written down as who changed the record, a user who was gone broke the commit,
    # five times over, and the job failed.
    shop = site(background(*nodes))
    user = django_user_model.objects.create_user("ada")
    intake.submit(shop.program, "item", {"a": "x"}, user_id=user.pk)
    user.delete()
    work()
    assert set(Job.objects.values_list("state", "error")) == {("completed", None)}


WAIT = "pages:\n  any: {kind: wait, table: item, text: Wait}\n  waiting: {kind: wait, table: item, flag: flag, text: W}"
