"""What records can be looked for by: a search over the texts, and a filter for each field that has a fitting type.

Made with django-filter from the fields of a table. Names of the address: ``q``, and ``field_<key>`` with ``__from`` and
``__to`` for ranges; no key has two underscores in a row.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from meanwhile.core.errors import InvalidValue
from meanwhile.core.zone import site_zone
from meanwhile.designer.records_place import Place
from meanwhile.pages.controls import style
from meanwhile.tables.form import choices
from meanwhile.tables.table import Field, Table

SEARCH = "q"
_TEXTS = ("text", "long_text", "email", "url")


def name_of(key: str) -> str:
    """A field's name in addresses and columns, which is that of nothing else."""
    return f"field_{key}"


class RecordFilter(filters.FilterSet):  # type: ignore[misc]
    """Base of the filters of a table."""

    @property
    def search(self) -> forms.BoundField:
        """The box for a search over the texts."""
        found: forms.BoundField = self.form[SEARCH]
        return found

    @property
    def controls(self) -> list[forms.BoundField]:
        """All others."""
        return [field for field in self.form if field.name != SEARCH]

    def asked(self) -> list[tuple[str, str]]:
        """Label and value of each filter that asks for something, for people."""
        return [
            (str(field.label), _shown(field, str(self.data.get(name))))
            for name, field in self.form.fields.items()
            if name != SEARCH and str(self.data.get(name) or "").strip()
        ]

    @property
    def is_asking(self) -> bool:
        """Whether it keeps anything out."""
        return bool(self.asked() or str(self.data.get(SEARCH) or "").strip())


def _shown(field: forms.Field, value: str) -> str:
    known = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    return known.get(value, value)


def record_filter(place: Place, data: Mapping[str, Any]) -> RecordFilter:
    """The filter of a table, filled in from an address. ``qs``: the records that it asks for, newest first."""
    made: dict[str, Any] = {SEARCH: _search(place.table)}
    for field in place.table.fields.values():
        made.update(_filters(place, field))
    kind = type("TableFilter", (RecordFilter,), made)
    found: RecordFilter = kind(data, queryset=place.table.model._base_manager.order_by("-pk"))
    style(found.form)
    for control in found.form.fields.values():
        control.widget.attrs["class"] = control.widget.attrs.get("class", "").replace("form-control", SMALL_INPUT)
        control.widget.attrs["class"] = control.widget.attrs["class"].replace("form-select", SMALL_SELECT)
        control.widget.attrs["autocomplete"] = "off"
    return found


SMALL_INPUT, SMALL_SELECT = "form-control form-control-sm", "form-select form-select-sm"


def _search(table: Table) -> filters.Filter:
    return filters.CharFilter(label=_("Search"), method=partial(_find, table), widget=forms.TextInput(), max_length=200)


def _find(table: Table, records: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    """Records one of whose texts holds ``value``, and the one whose number it is."""
    query = Q(pk__in=[])
    for field in table.fields.values():
        if field.type in _TEXTS or field.type == "choice":
            query |= Q(**{f"{field.key}__icontains": value})
    with suppress(InvalidValue):
        query |= Q(pk=table.read_id(value.strip().removeprefix("#")))
    return records.filter(query)


def _filters(place: Place, field: Field) -> Iterator[tuple[str, filters.Filter]]:
    name = name_of(field.key)
    if field.target is not None:
        yield name, _choice(field, partial(choices, field, dict(place.program.tables)))
    elif field.type == "choice":
        yield name, _choice(field, list(field.settings.labels.items()))
    elif field.type == "boolean":
        yield name, _flag(field)
    elif field.type in ("integer", "decimal"):
        yield from _range(field, filters.NumberFilter, forms.NumberInput({"step": "any"}))
    elif field.type in ("date", "datetime"):
        kind = filters.DateFilter if field.type == "date" else _DayFilter
        yield from _range(field, kind, forms.DateInput({"type": "date"}))


def _choice(field: Field, offered: Any) -> filters.Filter:
    return filters.ChoiceFilter(field_name=field.key, label=field.label, choices=offered, empty_label=_("Any"))


def _flag(field: Field) -> filters.Filter:
    offered = [("", _("Any")), ("true", _("Yes")), ("false", _("No"))]
    return filters.TypedChoiceFilter(
        field_name=field.key, label=field.label, choices=offered, coerce=lambda word: word == "true"
    )


def _range(field: Field, kind: Any, widget: forms.Widget) -> Iterator[tuple[str, filters.Filter]]:
    ends = (("from", "gte", _("{label} from")), ("to", "lte", _("{label} to")))
    for end, lookup, words in ends:
        label = str(words).format(label=field.label)
        yield f"{name_of(field.key)}__{end}", kind(field.key, lookup, label=label, widget=widget)


class _DayFilter(filters.DateFilter):  # type: ignore[misc]
    """Moments from the beginning, or to the end, of a day in the site's zone."""

    def filter(self, records: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        if value is None:
            return records
        try:
            day = value if self.lookup_expr == "gte" else value + timedelta(days=1)
        except OverflowError:
            return records
        begin = datetime.combine(day, time(), site_zone())
        lookup = "gte" if self.lookup_expr == "gte" else "lt"
        return records.filter(**{f"{self.field_name}__{lookup}": begin})
