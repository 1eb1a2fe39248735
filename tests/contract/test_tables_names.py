"""No table or index takes the name of another one, however keys are put together and however long they are."""

from collections.abc import Callable

import pytest

from meanwhile.core import clock
from meanwhile.definitions.program import Program
from meanwhile.tables import records
from tests.contract.conftest import run_time_tables

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = "application: {application}\ntables:\n  {table}:\n    fields: {{code: {{type: text, unique: true}}}}\n"


def test_two_applications_never_share_a_table(publish_yaml: Callable[[str], Program]) -> None:
    # "shop" with a table "order_item" and "shop_order" with a table "item" wanted one table; the second was refused.
    for application, table in (("shop", "order_item"), ("shop_order", "item")):
        program = publish_yaml(NOTHING.format(application=application, table=table))
        assert program.tables[table].model._base_manager.count() == 0
        values = records.new_values(program.tables[table])
        records.insert(program.tables[table], values, user_id=None, now=clock.now())
    assert len(run_time_tables()) == 2


def test_indexes_of_two_tables_never_share_a_name(publish_yaml: Callable[[str], Program]) -> None:
    unique = "{type: text, unique: true}"
    program = publish_yaml(
        "application: shop\ntables:\n"
        f"  order: {{fields: {{item_code: {unique}}}}}\n"
        f"  order_item: {{fields: {{code: {unique}}}}}\n"
    )
    assert set(program.tables) == {"order", "order_item"}


def test_the_longest_keys_make_tables_of_their_own(publish_yaml: Callable[[str], Program]) -> None:
    # PostgreSQL cuts both names off at the same place, so such keys were refused.
    application, table = "a" * 40, "t" * 39
    program = publish_yaml(
        f"application: {application}\ntables:\n"
        f"  {table}a: {{fields: {{{'f' * 40}: {{type: text, unique: true}}}}}}\n"
        f"  {table}b: {{fields: {{{'f' * 40}: {{type: text, unique: true}}}}}}\n"
    )
    names = {each.db_table for each in program.tables.values()}
    assert names == set(run_time_tables())
    assert all(len(name) <= 63 for name in names)
