"""The form of one record: a control for every field of its table, and what tells that somebody else was faster."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from meanwhile.core import exact_json
from meanwhile.core.errors import MeanwhileError
from meanwhile.core.zone import site_zone
from meanwhile.designer.records_place import Place, link_labels
from meanwhile.tables.form import form_field
from meanwhile.tables.table import Field, Table


@dataclass(frozen=True, slots=True)
class Difference:
    """A field as somebody else left it, for people. ``mine``: as it was sent now; None where that left it alone."""

    label: str
    theirs: str
    mine: str | None


def record_form(place: Place, values: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> forms.Form:
    """The form with ``values`` as they stand, or with what was sent."""
    form = forms.Form(data, initial=dict(values), label_suffix="")
    for key, field in place.table.fields.items():
        form.fields[key] = form_field(field, dict(place.program.tables))
    return form


def explain(form: forms.Form, error: MeanwhileError) -> None:
    """Put an error of the engine where it can be mended: at the field that it names."""
    field = error.data.get("field")
    form.add_error(field if field in form.fields else None, error.message)


def mark_of(table: Table, values: Mapping[str, Any]) -> str:
    """Of a record as it is: a few letters for each field, other ones when its value is another."""
    return ".".join(_letters(values.get(key)) for key in table.fields)


def _letters(value: Any) -> str:
    return hashlib.sha256(exact_json.dumps(value).encode()).hexdigest()[:10]


def changed(old: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, as far as it is not so already."""
    return {key: value for key, value in sent.items() if old.get(key) != value}


def touched(table: Table, seen: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent and is not what the sender had ``seen``, by the mark of it; all of it where the mark is none."""
    before = _parts(table, seen)
    return {key: value for key, value in sent.items() if before.get(key) != _letters(value)}


def differences(place: Place, seen: str, theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> list[Difference]:
    """What somebody else changed since the record had the mark ``seen``. ``mine``: what was sent as well."""
    before, now = _parts(place.table, seen), _parts(place.table, mark_of(place.table, theirs))
    return [
        Difference(
            field.label,
            _shown(place, field, theirs.get(key)),
            _shown(place, field, mine[key]) if key in mine else None,
        )
        for key, field in place.table.fields.items()
        if before.get(key) != now[key]
    ]


def _parts(table: Table, mark: str) -> dict[str, str]:
    letters = mark.split(".")
    return dict(zip(table.fields, letters, strict=True)) if len(letters) == len(table.fields) else {}


def _shown(place: Place, field: Field, value: Any) -> str:
    if value is None:
        return ""
    labels = link_labels(place, field, {value}) if field.target else {}
    return labels.get(str(value)) or field.display(value, site_zone())
