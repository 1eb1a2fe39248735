"""What an application starts as works as soon as it is published: its form saves, its background work is done."""

from decimal import Decimal
from typing import Any

import pytest

from meanwhile.definitions.editing import tree
from meanwhile.definitions.editing.starting import FirstField, new_application
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.program import Program
from meanwhile.definitions.writer import dump_plain
from meanwhile.designer.starters import starter
from meanwhile.engine import intake
from meanwhile.engine.performer import EnginePerformer
from meanwhile.queue.worker import Worker
from meanwhile.tables import records
from tests.contract.conftest import PublishYaml


def submit(program: Program, table: str, **values: Any) -> Any:
    return intake.submit(program, table, values).record_id


def read(program: Program, table: str, record_id: Any) -> dict[str, Any]:
    return records.read(program.tables[table], [record_id])[record_id]


def work() -> None:
    Worker(EnginePerformer(), threads=0).drain()


@pytest.mark.parametrize(
    ("destination", "seats", "reference", "fare"),
    [("Nairobi", 2, "BK-{id}", Decimal("1280.00")), ("Lisbon", 5, "GROUP-{id}", Decimal("600.00"))],
)
def test_the_booking_example_books(
    publish_yaml: PublishYaml, destination: str, seats: int, reference: str, fare: Decimal
) -> None:
    program = publish_yaml(dump_plain(with_ids(starter("booking"), None)))
    id_ = submit(program, "booking", passenger="Ada", email="ada@example.org", destination=destination, seats=seats)
    at_once = read(program, "booking", id_)
    assert at_once["status"] == "Received"
    assert at_once["reference"] == reference.format(id=id_)
    assert (at_once["fare"], at_once["confirmed"]) == (None, False)
    work()
    later = read(program, "booking", id_)
    assert (later["status"], later["fare"], later["confirmed"]) == ("Ticketed", fare, True)


def test_a_new_application_does_its_background_work(publish_yaml: PublishYaml) -> None:
    plain = new_application("guests", "Guests", "Guest", [FirstField("Name", "text"), FirstField("E-mail", "email")])
    sets_flag = {"update_field": {"field": "done", "value": True}, "id": "set"}
    background = {"background": None, "id": "later", "do": [sets_flag]}
    plain = tree.insert(plain, "guest.record_update", tree.Spot(), background)
    program = publish_yaml(dump_plain(plain))
    id_ = submit(program, "guest", name="Ada", email="ada@example.org")
    assert read(program, "guest", id_)["done"] is False
    work()
    assert read(program, "guest", id_)["done"] is True
