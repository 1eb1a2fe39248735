"""The form that a new application begins with: its name, its first table, and a few fields."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from meanwhile.definitions.editing.starting import FirstField, application_key, first_types, new_application
from meanwhile.definitions.editing.tables import why_not
from meanwhile.designer.naming import type_choices
from meanwhile.pages.controls import style

# Rows for fields; more are added on the table's own page.
ROWS = 5


class NewApplicationForm(forms.Form):
    """After cleaning, ``key`` is one that is good and free. ``document()`` is what the application starts as."""

    use_required_attribute = False

    title = forms.CharField(label=_("Name of the application"), max_length=200)
    key = forms.CharField(
        label=_("Key"),
        max_length=40,
        required=False,
        help_text=_("Stands in the addresses of its forms; made from the name where left out. It stays for ever."),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "data-key-from": "id_title"}),
    )
    table = forms.CharField(
        label=_("What one record is"),
        max_length=200,
        help_text=_("The name of its first table: Guest, Order, Parcel."),
    )

    def __init__(self, taken: Collection[str], data: Any = None) -> None:
        super().__init__(data)
        self.taken = taken
        self.rows = FirstFields(data, prefix="fields", initial=_usual())
        for name in ("title", "key", "table"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        style(self)
        for row in self.rows:
            style(row)

    def is_valid(self) -> bool:
        rows_are_valid = self.rows.is_valid()
        is_valid = super().is_valid()
        if is_valid and rows_are_valid and not self.first_fields():
            self.add_error(None, _now("Give the table at least one field."))
        return is_valid and rows_are_valid and not self.errors

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not key:
            return application_key(self.cleaned_data.get("title", ""), self.taken)
        if reason := why_not(key):
            raise forms.ValidationError(reason)
        if key in self.taken:
            raise forms.ValidationError(_now("This key is taken already; choose another one."))
        return key

    def first_fields(self) -> list[FirstField]:
        """The rows that say something, in order."""
        rows = [row.cleaned_data for row in self.rows]
        return [FirstField(row["label"], row["type"]) for row in rows if row.get("label")]

    def document(self) -> dict[str, Any]:
        """The document that was asked for. Only after ``is_valid``."""
        given = self.cleaned_data
        return new_application(given["key"], given["title"], given["table"], self.first_fields())


class FirstFieldForm(forms.Form):
    """A row of the form: one field. Empty where its label is."""

    use_required_attribute = False

    label = forms.CharField(label=_("Label"), max_length=200, required=False)
    type = forms.ChoiceField(label=_("Type"), choices=lambda: _bare_types(), required=False)

    def clean_type(self) -> str:
        return self.cleaned_data["type"] or "text"


FirstFields: Any = forms.formset_factory(FirstFieldForm, extra=0, max_num=20, absolute_max=20)


def _usual() -> list[dict[str, str]]:
    """What most first tables have; the rest is for more."""
    usual = [{"label": _now("Name"), "type": "text"}, {"label": _now("E-mail"), "type": "email"}]
    return [*usual, *({"label": "", "type": "text"} for _row in range(ROWS - len(usual)))]


def _bare_types() -> list[tuple[str, str]]:
    known = first_types()
    return [(word, label) for word, label in type_choices() if word in known]
