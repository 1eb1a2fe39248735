"""A published application with a draft beside it, for the tests of publishing and of versions."""

from typing import Any

from django.test import Client
from django.urls import reverse

from meanwhile.definitions import drafts

ONE = """
application: shop
title: Shop
tables:
  item:
    fields:
      a: {type: text, label: First}
      b: {type: text}
    events:
      record_update:
        - background:
          do:
            - update_field: {field: a, value: one}
forms:
  enter: {table: item, fields: [a]}
"""


def address(name: str, *args: Any) -> str:
    return reverse(name, args=["shop", *args])


def send(client: Client, name: str, *args: Any, **data: Any) -> Any:
    """Post to a page of the application as it stands now."""
    now = drafts.working("shop")
    given = {"revision": now.revision, "base": now.published.pk if now.published else "", **data}
    return client.post(address(name, *args), given)


def edit(before: str, after: str) -> None:
    """Change a word of the draft."""

    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: replaced(item) for key, item in value.items() if key != before or after}
        if isinstance(value, list):
            return [replaced(item) for item in value]
        return after if value == before else value

    drafts.change("shop", drafts.working("shop").revision, f"{before} to {after}", replaced)
