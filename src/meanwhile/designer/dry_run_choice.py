"""What a designer wants to try: read from the address of the page, so that it can be kept and sent to somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.definitions.document import FormDef, title_of
from meanwhile.definitions.program import Program
from meanwhile.engine.dry.reading import Reading
from meanwhile.engine.dry_run import Trial
from meanwhile.pages.controls import style
from meanwhile.tables.table import Table

# Records that are offered; any other one is found by its number.
NEWEST = 50
NEW, CHANGED = "new", "changed"
ME, VISITOR = "me", "visitor"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is saved, of which record, by whom. ``form`` None: a table's record is saved without a form."""

    table: Table
    form_key: str
    form: FormDef | None
    is_new: bool
    record_id: str | None
    by: str

    @property
    def start(self) -> str:
        """What is saved, as the address has it."""
        return f"form:{self.form_key}" if self.form else f"table:{self.table.key}"

    def trial(self, user_id: Any, values: Mapping[str, Any], answers: Mapping[str, Any]) -> Trial:
        """The trial of this with what was entered."""
        return Trial(
            table=self.table.key,
            form=self.form_key,
            values=values,
            record_id=self.record_id,
            is_new=self.is_new,
            user_id=user_id if self.by == ME else None,
            answers=answers,
        )


class ChoiceForm(forms.Form):
    """The controls for it."""

    start = forms.ChoiceField(label=gettext_lazy("What is saved"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Which record"),
        choices=[(NEW, gettext_lazy("A new record")), (CHANGED, gettext_lazy("A changed record"))],
        widget=forms.RadioSelect,
    )
    record = forms.ChoiceField(label=gettext_lazy("Begin with"), required=False)
    number = forms.CharField(label=gettext_lazy("Or the record with the number"), required=False, max_length=40)
    by = forms.ChoiceField(label=gettext_lazy("Sent by"))


def starts(program: Program) -> list[tuple[str, str]]:
    """What can be saved: every form, and every table without one."""
    by_form = [
        (f"form:{key}", _("Form: {title}").format(title=title_of(form.title, key)))
        for key, form in program.forms.items()
        if form.table in program.tables
    ]
    label = _("A record of {table}, without a form")
    return by_form + [(f"table:{key}", label.format(table=table.label)) for key, table in program.tables.items()]


def choose(program: Program, given: Mapping[str, Any]) -> Choice | None:
    """What ``given``, the parts of the address, asks for; the first that there is where it asks for nothing that is
    there. None where the application has no table."""
    known = [value for value, _label in starts(program)]
    if not known:
        return None
    wanted = given.get("start", "")
    kind, _colon, key = (wanted if wanted in known else known[0]).partition(":")
    form = program.forms[key] if kind == "form" else None
    table = program.tables[form.table if form else key]
    record_id = str(given.get("number") or given.get("record") or "").strip().removeprefix("#") or None
    is_new = given.get("kind") != CHANGED
    return Choice(table, key if form else "", form, is_new, record_id, VISITOR if given.get("by") == VISITOR else ME)


def choice_form(program: Program, reading: Reading, choice: Choice, user: Any) -> forms.Form:
    """The controls, set to ``choice``."""
    newest = reading.newest(choice.table.key, NEWEST, choice.record_id or "")
    records = [(str(id_), f"#{id_}" if words == f"#{id_}" else f"#{id_} {words}") for id_, words in newest]
    kind = NEW if choice.is_new else CHANGED
    initial = {"start": choice.start, "kind": kind, "record": choice.record_id or "", "by": choice.by}
    form = ChoiceForm(initial=initial, label_suffix="", auto_id="choose_%s")
    controls: Any = form.fields
    controls["start"].choices = starts(program)
    controls["record"].choices = [("", _("Plausible values")), *records]
    name = user.get_full_name() or user.get_username()
    controls["by"].choices = [(ME, _("You ({name})").format(name=name)), (VISITOR, _("A visitor, not signed in"))]
    return style(form)
