"""Publishing changes the tables and puts the next version in force, all or nothing, and only ever widens."""

import pytest
from django.db import connection

from meanwhile.core.errors import MissingDefinition, PermanentError
from meanwhile.definitions.loading import load
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.problems import DocumentErrors
from meanwhile.definitions.program import applications, current_program, program
from meanwhile.definitions.publish import Plan, StalePlan, plan, publish
from tests.contract.conftest import PublishYaml, run_time_tables

ONE = """\
application: shop
title: Shop
tables:
  article:
    fields:
      name: {type: text, max_length: 20}
      price: {type: integer}
    events:
      record_update:
        - update_field: {field: name, value: one}
        - background:
          do:
            - update_field: {field: name, value: two}
"""


def plan_of(text: str) -> Plan:
    return plan([load(text, "test.yaml")])


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def test_a_published_document_is_a_program_with_tables(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    assert (shop.application, shop.number, shop.title) == ("shop", 1, "Shop")
    assert {"id", "name", "price", "created_at", "updated_by"} <= set(columns(shop.tables["article"].db_table))
    tree = shop.trees["article.record_update"]
    assert [node.type for node in tree.nodes] == ["update_field", "background"]
    (child,) = tree.nodes[1].do
    assert child.parent is tree.nodes[1]
    assert tree.by_id[child.id] is child


def test_what_is_published_is_in_force(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    assert current_program("shop") is shop
    assert applications() == [shop]
    assert program(shop.version_id) is shop
