"""A form whose connection to the database was cut while nobody used it: the person notices nothing."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import connection
from django.test import Client

from meanwhile.definitions.program import Program

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a server is what can cut a connection"),
]

DOCUMENT = """
application: shop
tables: {item: {fields: {name: {type: text}}}}
forms: {plain: {table: item, fields: [name]}}
"""


def cut() -> None:
    """Have the server end this thread's connection."""
    parameters = connection.get_connection_params()
    kept = {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context")}
    with psycopg.connect(**kept) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


def test_a_form_opens_and_is_saved_over_a_connection_that_was_cut(
    client: Client, publish_yaml: Callable[[str], Program]
) -> None:
    table = publish_yaml(DOCUMENT).tables["item"]
    cut()
    assert client.get("/forms/shop/plain/").status_code == 200
    cut()
    assert client.post("/forms/shop/plain/", {"name": "Lamp"}).status_code == 303
    assert list(table.model._base_manager.values_list("name", flat=True)) == ["Lamp"]
