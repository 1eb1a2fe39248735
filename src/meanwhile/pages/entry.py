"""A data entry form as a person fills it in: made from the form's definition in the program that is in force.

An ``Entry`` is one opening of one form by one person. It makes the Django form, judges what was entered, and says
which values are to be saved. It writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core import signing

from meanwhile.core import clock
from meanwhile.core.errors import MeanwhileError
from meanwhile.core.ids import submission_key
from meanwhile.definitions.document import FormDef, FormFieldDef, title_of
from meanwhile.definitions.program import Program
from meanwhile.engine.record import RecordState
from meanwhile.engine.scope import ScopeBuilder
from meanwhile.engine.tokens import linker
from meanwhile.expressions import value_of
from meanwhile.pages.controls import style
from meanwhile.tables import records
from meanwhile.tables.form import form_field
from meanwhile.tables.table import Table

# The name of the hidden field. No field of a table starts with an underscore.
KEY = "_key"
_SALT = "meanwhile.pages.entry"
# A form may stay open over a long weekend; after that its key counts as none.
_KEY_AGE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a form: the submission key and the moment. Signed, so that nobody can make one up."""

    key: str
    opened_at: datetime

    @classmethod
    def fresh(cls) -> "Opening":
        return cls(submission_key(), clock.now().replace(microsecond=0))

    @classmethod
    def read(cls, text: str) -> "Opening":
        """What ``sealed`` made; a fresh one where it is missing, too old or not ours."""
        try:
            key, seconds = signing.loads(text, salt=_SALT, max_age=_KEY_AGE)
        except signing.BadSignature:
            return cls.fresh()
        return cls(key, datetime.fromtimestamp(seconds, UTC))

    @property
    def sealed(self) -> str:
        return signing.dumps([self.key, int(self.opened_at.timestamp())], salt=_SALT)


class Entry:
    """One opening of a form. ``record_id`` None: for a new record; ``old``: the record as it is, else empty."""

    def __init__(
        self,
        program: Program,
        form_key: str,
        user: Any,
        opening: Opening,
        *,
        record_id: Any = None,
        old: Mapping[str, Any] | None = None,
    ) -> None:
        self.program = program
        self.key = form_key
        self.definition: FormDef = program.form(form_key)
        self.table: Table = program.tables[self.definition.table]
        self.opening = opening
        self.record_id = record_id
        self.old: Mapping[str, Any] = old or {}
        self._user_id = user.pk if user.is_authenticated else None

    @property
    def title(self) -> str:
        return title_of(self.definition.title, self.key)

    def blank(self) -> forms.Form:
        """The form as it opens: with the record's values, or with presets and defaults."""
        return self._form(None, {item.field: self._initial(item) for item in self._visible})

    def filled(self, data: Mapping[str, Any]) -> forms.Form:
        """The form with what a person entered."""
        return self._form(data, {})

    def values(self, form: forms.Form) -> dict[str, Any]:
        """What is to be saved: what was entered, and the presets of hidden fields. ``form`` has to be valid."""
        entered = {item.field: form.cleaned_data[item.field] for item in self._visible}
        return entered | {item.field: self._preset(item) for item in self.definition.fields if item.hidden}

    def judge(self, form: forms.Form, values: dict[str, Any]) -> None:
        """Hold ``values`` against the form's own rules; what does not hold becomes an error of ``form``."""
        if not self.definition.rules:
            return
        scope = self._scope(self._record | values)
        for rule in self.definition.rules:
            try:
                holds = rule.rule.evaluate(scope)
            except MeanwhileError as error:
                form.add_error(None, error.message)
            else:
                if not holds:
                    form.add_error(None, rule.message)

    def explain(self, form: forms.Form, error: MeanwhileError) -> None:
        """Put an error of the engine where the person can mend it: at the field that it names."""
        field = error.data.get("field")
        form.add_error(field if field in form.fields else None, error.message)

    @property
    def _visible(self) -> list[FormFieldDef]:
        return [item for item in self.definition.fields if not item.hidden]

    @cached_property
    def _record(self) -> dict[str, Any]:
        return {**(self.old or records.new_values(self.table))}

    def _form(self, data: Mapping[str, Any] | None, initial: dict[str, Any]) -> forms.Form:
        form = forms.Form(data, initial=initial, label_suffix="")
        for item in self._visible:
            form.fields[item.field] = self._control(item)
        return form

    def _control(self, item: FormFieldDef) -> forms.Field:
        control: forms.Field = form_field(self.table.fields[item.field], dict(self.program.tables))
        control.label = item.label or control.label
        control.help_text = item.help or control.help_text
        return control

    def _initial(self, item: FormFieldDef) -> Any:
        is_preset = self.record_id is None and item.preset is not None
        return self._preset(item) if is_preset else self._record.get(item.field)

    def _preset(self, item: FormFieldDef) -> Any:
        value = None if item.preset is None else value_of(item.preset, self._scope(self._record))
        return self.table.fields[item.field].clean(value)

    def _scope(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        record = RecordState(self.table, self.record_id, dict(values))
        # A preset sees the moment of the opening: two presses of one button send the same values.
        builder = ScopeBuilder(self.program, self._user_id, self.opening.opened_at)
        return builder.build(
            record,
            lambda: self.record_id,
            self.old,
            {"is_new": self.record_id is None},
            linker(self.program, record, None),
        )


def styled(form: forms.Form) -> forms.Form:
    """``form`` with its look and its errors in focus; after everything that adds errors."""
    return style(form)
