"""What the tests of the record browser share: a published application, and a designer in a client."""

from typing import Any

from django.test import Client

from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.tables import records

SHOP = """
application: shop
tables:
  customer:
    fields:
      name: {type: text, required: true}
  order:
    label: Order
    fields:
      amount: {type: integer, min: -9, max: 99}
      title: {type: text, required: true, max_length: 40}
      code: {type: text, unique: true}
      price: {type: decimal, places: 2}
      status: {type: choice, choices: {new: Brand new, paid: Paid up}, default: new}
      is_gift: {type: boolean}
      wanted: {type: date}
      sent: {type: datetime}
      note: {type: long_text, max_length: 300000}
      extra: {type: json}
      customer: {type: link, table: customer, on_delete: protect}
      saves: {type: integer}
      later: {type: integer}
    events:
      record_update:
        - update_field: {field: saves, value: "{{ 1 if record.saves == None else record.saves + 1 }}"}
        - background:
          do:
            - update_field: {field: later, value: "{{ 1 if record.later == None else record.later + 1 }}"}
"""
HOME = "/designer/shop/tables/order/records/"


def order(program: Program, **values: Any) -> Any:
    """The id of a new order."""
    return intake.submit(program, "order", {"title": "A thing", **values}).record_id


def customer(program: Program, name: str) -> Any:
    return intake.submit(program, "customer", {"name": name}).record_id


def orders(program: Program) -> list[dict[str, Any]]:
    """All orders, oldest first."""
    table = program.tables["order"]
    ids = list(table.model._base_manager.order_by("pk").values_list("pk", flat=True))
    return list(records.read(table, ids).values())


def shown(client: Client, query: str = "") -> list[str]:
    """The titles on the page of the list, in order."""
    response = client.get(f"{HOME}{query}")
    assert response.status_code == 200
    return [row.title for row in response.context["found"].rows]
