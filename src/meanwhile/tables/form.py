"""The form field of a table's field, for whoever builds a form of chosen fields."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from meanwhile.tables.table import Field, Table

# A list of choices longer than this helps nobody, and costs.
CHOICES = 1000


def form_field(field: Field, tables: Mapping[str, Table]) -> forms.Field:
    """A fresh control with label, help and whether a value is required; links offer what they can point to.

    ``tables``: all tables of the version, by key.
    """
    control = field.field_type.control(field.settings)
    control.label = field.label
    control.help_text = field.help
    control.required = field.required
    control.widget.is_required = field.required
    if field.target is not None and isinstance(control.widget, forms.Select):
        control.widget.choices = [("", "---------"), *_choices(field, tables)]
    return control


def _choices(field: Field, tables: Mapping[str, Table]) -> list[tuple[Any, str]]:
    target = field.target
    if target is None:
        return []
    if target.table is None:
        users = get_user_model()._base_manager.filter(is_active=True).order_by("pk")[:CHOICES]
        return [(user.pk, user.get_full_name() or user.get_username()) for user in users]
    table = tables.get(target.table)
    if table is None:
        return []
    name = target.display or table.describing_field
    rows = table.model._base_manager.order_by("-pk").values_list("pk", *([name] if name else []))[:CHOICES]
    return [(row[0], str(row[1]) if name and row[1] is not None else f"#{row[0]}") for row in rows]
