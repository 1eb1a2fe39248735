"""Forms with which a new form or page gets its title, its key, and the table that it is about."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meanwhile.definitions.editing import forms as form_editing
from meanwhile.definitions.editing import pages as page_editing
from meanwhile.designer.form_design import table_choices
from meanwhile.designer.naming import NameForm
from meanwhile.designer.page_design import KINDS

type Plain = dict[str, Any]


class _PartForm(NameForm):
    """A title, a key and a table."""

    table = forms.ChoiceField(label=_("Table"))

    def __init__(self, plain: Plain, taken: Plain, data: Any, **options: Any) -> None:
        self._plain = plain
        super().__init__(taken, data, **options)

    def prepare(self) -> None:
        """Say title instead of label, and offer the tables of the draft."""
        self.fields["label"].label = _("Title")
        self.fields["label"].help_text = _("The heading that people read; you can change it.")
        self.fields["key"].help_text = _("Its word in addresses; made from the title where left out.")
        listed: Any = self.fields["table"]
        listed.choices = table_choices(self._plain)


class NewFormForm(_PartForm):
    """A new form."""

    field_order = ("label", "table", "all_fields", "key")

    all_fields = forms.BooleanField(label=_("Start with all fields of the table"), required=False, initial=True)

    def __init__(self, plain: Plain, data: Any = None, **options: Any) -> None:
        super().__init__(plain, form_editing.forms(plain), data, **options)


class NewPageForm(_PartForm):
    """A new page."""

    field_order = ("label", "kind", "table", "key")

    kind = forms.ChoiceField(
        label=_("Kind of page"),
        choices=KINDS,
        help_text=_("A wait page goes on by itself when the background work is done."),
    )

    def __init__(self, plain: Plain, data: Any = None, **options: Any) -> None:
        super().__init__(plain, page_editing.pages(plain), data, **options)
