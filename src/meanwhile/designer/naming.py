"""Forms with which something new gets its name: a label for people, and a key that is made from it or typed."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from meanwhile.definitions.editing.tables import key_from, why_not
from meanwhile.pages.controls import style
from meanwhile.plugins import registry


class NameForm(forms.Form):
    """A label and a key; after cleaning, ``key`` is one that is good and free."""

    use_required_attribute = False
    is_field = False

    label = forms.CharField(label=_("Label"), max_length=200, help_text=_("What people call it; you can change it."))
    key = forms.CharField(
        label=_("Key"),
        max_length=40,
        required=False,
        help_text=_("The word for it in expressions; made from the label where left out. It stays the same for ever."),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, taken: Collection[str], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.taken = taken
        for name in ("label", "key"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.prepare()
        style(self)

    def prepare(self) -> None:
        """What a form of a special kind sets up before anything is judged."""

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not key:
            return key_from(self.cleaned_data.get("label", ""), self.taken, is_field=self.is_field)
        if reason := why_not(key, is_field=self.is_field):
            raise forms.ValidationError(reason)
        if key in self.taken:
            raise forms.ValidationError(_now("This key is taken already; choose another one."))
        return key


class NewFieldForm(NameForm):
    """A new field: its name and its type."""

    is_field = True
    field_order = ("label", "type", "key")

    type = forms.ChoiceField(label=_("Type"), choices=lambda: type_choices())


class EventForm(NameForm):
    """A custom event: its name, and what whoever triggers it passes along."""

    parameters = forms.CharField(
        label=_("Parameters"),
        required=False,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=_("One key per line: what is passed along; the tree reads it as event.key."),
    )

    def clean_parameters(self) -> list[str]:
        keys = [line.strip() for line in self.cleaned_data["parameters"].splitlines() if line.strip()]
        for key in keys:
            if reason := why_not(key):
                raise forms.ValidationError(reason)
            if keys.count(key) > 1:
                raise forms.ValidationError(_now('"%s" stands there twice.') % key)
        return keys


# The types that are used most come first.
_FIRST = ("text", "long_text", "integer", "decimal", "boolean", "choice", "date", "datetime", "email", "url", "link")


def type_choices() -> list[tuple[str, str]]:
    """The installed field types with their labels, usual ones first."""
    order = {word: index for index, word in enumerate(_FIRST)}
    types = sorted(registry.field_types.values(), key=lambda each: (order.get(each.type, len(order)), each.type))
    return [(each.type, str(each.label)) for each in types]


def quoted(label: str) -> str:
    """A label within a sentence."""
    return f"“{label}”"
