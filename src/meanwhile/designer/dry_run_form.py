"""The controls of a dry run: what the person enters, and what functions are assumed to answer."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from meanwhile.definitions.program import Program
from meanwhile.designer.dry_run_choice import Choice
from meanwhile.engine.dry.entering import asked
from meanwhile.engine.dry.reading import Reading
from meanwhile.engine.dry_run import Fails
from meanwhile.pages.entry import styled
from meanwhile.plugins.functions import functions
from meanwhile.tables.form import form_field
from meanwhile.tables.table import Field, Table

# Of the names of controls, so that a field may be called like one of ours.
VALUES, ANSWERS = "value", "answer"
_FAILS = "fails-"


def values_form(
    program: Program, reading: Reading, choice: Choice, initial: Mapping[str, Any], data: Any = None
) -> forms.Form:
    """The form's own controls, or those of all fields of the table; with ``initial`` values."""
    stored = {key: source for key in program.tables if (source := reading.source(key))}
    form = forms.Form(data, initial=dict(initial), prefix=VALUES, label_suffix="")
    items = {item.field: item for item in choice.form.fields} if choice.form else {}
    for key in asked(choice.table, choice.form):
        control = form_field(_readable(choice.table.fields[key], stored), stored)
        item = items.get(key)
        control.label = (item.label if item else "") or control.label
        control.help_text = (item.help if item else "") or control.help_text
        control.widget.attrs["autocomplete"] = "off"
        form.fields[key] = control
    return styled(form)


def _readable(field: Field, stored: Mapping[str, Table]) -> Field:
    """``field`` so that what it links to can be listed: a draft may show it by a field that is not stored yet."""
    target = field.target
    table = stored.get(target.table or "") if target else None
    if target is None or table is None or target.display is None or target.display in table.fields:
        return field
    return replace(field, settings=field.settings.model_copy(update={"display": None}))


def called(program: Program) -> list[str]:
    """The names of the functions that the trees call, in order."""
    nodes = (node for tree in program.trees.values() for node in tree.by_id.values())
    names = (getattr(node.settings, "function", None) for node in nodes)
    return sorted({name for name in names if isinstance(name, str)})


def answers_form(program: Program, data: Any = None) -> forms.Form | None:
    """A control for the answer of each function, and one to let it fail; None where no function is called."""
    names = called(program)
    form = forms.Form(data, prefix=ANSWERS, label_suffix="")
    for name in names:
        answer = forms.CharField(
            label=_("{name} answers").format(name=name), required=False, help_text=_about(name), max_length=10_000
        )
        answer.widget.attrs["autocomplete"] = "off"
        form.fields[name] = answer
        form.fields[f"{_FAILS}{name}"] = forms.BooleanField(label=_("{name} fails").format(name=name), required=False)
    return styled(form) if names else None


def _about(name: str) -> str:
    known = functions.get(name)
    if known is None:
        return _("There is no such function on this site.")
    if known.effect:
        return _("It is not called. Empty: a value that fits its field is assumed.")
    return _("It has no effect, so it runs for real where you leave this empty, and can only read.")


def answers_of(form: forms.Form) -> dict[str, Any]:
    """What a valid form of answers says."""
    return dict(_answers(form.cleaned_data))


def _answers(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if name.startswith(_FAILS):
            if value:
                yield name.removeprefix(_FAILS), Fails()
        elif value:
            yield name, value
