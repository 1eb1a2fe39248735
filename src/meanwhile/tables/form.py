"""The form field of a table's field, for whoever builds a form of chosen fields."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from meanwhile.core.errors import InvalidValue
from meanwhile.tables.table import Field, Table, read_id

# A list of choices longer than this helps nobody, and costs.
CHOICES = 1000
# What browsers and password managers fill in by themselves, by the keys that people give to such fields.
_AUTOCOMPLETE = {
    "name": "name",
    "full_name": "name",
    "first_name": "given-name",
    "last_name": "family-name",
    "surname": "family-name",
    "company": "organization",
    "organization": "organization",
    "phone": "tel",
    "telephone": "tel",
    "mobile": "tel",
    "street": "street-address",
    "address": "street-address",
    "city": "address-level2",
    "postcode": "postal-code",
    "postal_code": "postal-code",
    "zip": "postal-code",
    "country": "country-name",
}


def form_field(field: Field, tables: Mapping[str, Table]) -> forms.Field:
    """A fresh control with label, help and whether a value is required; links offer what they can point to.

    ``tables``: all tables of the version, by key.
    """
    control = field.field_type.control(field.settings)
    control.label = field.label
    control.help_text = field.help
    control.required = field.required
    if field.target is not None and isinstance(control.widget, forms.Select):
        control.widget = LinkSelect(field, tables)
    elif field.type in ("text", "long_text") and (hint := _AUTOCOMPLETE.get(field.key)):
        control.widget.attrs.setdefault("autocomplete", hint)
    control.widget.is_required = field.required
    return control


class LinkSelect(forms.Select):
    """The records or people that a link can point to, looked up when it is shown: the newest ``CHOICES`` of them, and
    the one that is chosen, so that saving a form unchanged changes nothing."""

    def __init__(self, field: Field, tables: Mapping[str, Table]) -> None:
        super().__init__()
        self._field = field
        self._tables = tables

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        known = choices(self._field, self._tables)
        shown = {str(id_) for id_, _label in known}
        chosen = [id_ for id_ in value if id_ and id_ not in shown]
        self.choices = [("", _("Choose…")), *choices(self._field, self._tables, chosen), *known]
        return super().optgroups(name, value, attrs)


def choices(field: Field, tables: Mapping[str, Table], ids: list[Any] | None = None) -> list[tuple[Any, str]]:
    """What a link can point to, with labels for people; ``ids``: only those, as far as they exist."""
    if field.target is None or ids == []:
        return []
    if field.target.table is None:
        return _people(ids)
    table = tables.get(field.target.table)
    return [] if table is None else _records(table, field.target.display, ids)


def _people(ids: list[Any] | None) -> list[tuple[Any, str]]:
    users = get_user_model()._default_manager.order_by("pk")
    found = users.filter(is_active=True) if ids is None else users.filter(pk__in=_readable(users.model._meta.pk, ids))
    return [(user.pk, user.get_full_name() or user.get_username()) for user in found[:CHOICES]]


def _records(table: Table, display: str | None, ids: list[Any] | None) -> list[tuple[Any, str]]:
    name = display or table.describing_field
    query = table.model._base_manager.order_by("-pk")
    found = query if ids is None else query.filter(pk__in=_readable(table.model._meta.pk, ids))
    rows = found.values_list("pk", *([name] if name else []))[:CHOICES]
    return [(row[0], str(row[1]) if name and row[1] not in (None, "") else f"#{row[0]}") for row in rows]


def _readable(key: Any, ids: list[Any]) -> list[Any]:
    """Those of ``ids`` that can be ids at all; a person may send anything."""
    found = []
    for id_ in ids:
        try:
            found.append(read_id(key, id_))
        except InvalidValue:
            continue
    return found
