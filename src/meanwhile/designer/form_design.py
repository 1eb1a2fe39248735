"""The controls of a form's own settings: words, next page, who may submit, rules. Together they are one form on screen.

``FormDesign.plain`` gives the settings as they stand in a document, ``tell`` puts the errors of an inspection at the
controls where they belong.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, create_model

from meanwhile.definitions.document import FormDef, FormFieldDef, title_of
from meanwhile.definitions.inspection import Inspection
from meanwhile.definitions.nodes import Strict
from meanwhile.definitions.problems import Loc, Located
from meanwhile.designer.settings.choosing import choosing_for
from meanwhile.designer.settings.controls import ChoiceControl, Control, TextControl, ValueControl
from meanwhile.designer.settings_form import SettingsForm, settings_form
from meanwhile.pages.controls import style

type Plain = dict[str, Any]

ANYONE, SIGNED_IN, GROUPS = "anyone", "signed_in", "groups"


def part_of(model: type[BaseModel], *names: str) -> type[BaseModel]:
    """A model of some of the settings of ``model``, so that a form of these judges nothing else."""
    wanted: dict[str, Any] = {name: (model.model_fields[name].annotation, model.model_fields[name]) for name in names}
    return create_model(f"{model.__name__}Part", __base__=Strict, **wanted)


_FORM = part_of(FormDef, "title", "description", "table", "submit", "next")
_FIELD = part_of(FormFieldDef, "label", "help", "preset", "hidden")
type Words = Mapping[str, tuple[Any, Any]]
_WORDS: Words = {
    "next": (_("Next page"), _("What people see after they submit. A wait page waits for the background work.")),
    "submit": (_("Words on the button"), _("“Submit” where left out.")),
}
_FIELD_WORDS: Words = {
    "preset": (_("Preset value"), _("What it holds when the form opens; placeholders may stand in it.")),
    "hidden": (_("Hidden: people do not see it"), _("It is saved with its preset value.")),
}


class FormDesign:
    """The controls of one form's settings, as they stand in ``found`` or as they were sent."""

    def __init__(self, inspection: Inspection, found: Plain, data: Mapping[str, Any] | None = None) -> None:
        plain, table = inspection.plain, str(found.get("table") or "")
        given: Plain = {
            name: found[name] for name in ("title", "description", "table", "submit", "next") if name in found
        }
        controls: dict[str, Control] = {
            "description": TextControl(lines=3),
            "table": ChoiceControl(table_choices(plain), present=table),
            "next": ChoiceControl(page_choices(plain), present=given.get("next"), empty=_("A page that says thanks")),
        }
        choosing = choosing_for(inspection, table=table)
        self.words = relabelled(settings_form(_FORM, given, choosing, data, controls=controls), _WORDS)
        self.who = WhoForm(found.get("who"), data)
        self.rules = RulesForm(found.get("validate"), data)

    def __iter__(self) -> Iterator[forms.BoundField]:
        for form in (self.words, self.who, self.rules):
            yield from form

    @property
    def errors(self) -> dict[str, Any]:
        """What is wrong, by control."""
        return {**self.words.errors, **self.who.errors, **self.rules.errors}

    @property
    def non_field_errors(self) -> Any:
        """What is wrong with the words together."""
        return self.words.non_field_errors()

    def plain(self) -> Plain:
        """The settings as they stand in a document."""
        made = dict(self.words.plain())
        who, rules = self.who.plain(), self.rules.plain()
        return made | ({} if who is None else {"who": who}) | ({"validate": rules} if rules else {})

    def tell(self, problems: Iterable[Located], at: Loc) -> None:
        """Show those errors below ``at`` that belong to one of the controls."""
        for problem in problems:
            if problem.severity != "error" or problem.loc[: len(at)] != at:
                continue
            match problem.loc[len(at) :]:
                case ("validate", int(row), *rest):
                    self.rules.tell(row, str(rest[0]) if rest else "rule", problem.message)
                case ("who", *_rest):
                    self.who.tell(problem.message)
                case (str(name), *_rest) if name in self.words.fields:
                    self.words.tell([problem], at)


class WhoForm(forms.Form):
    """Who may submit."""

    use_required_attribute = False

    who = forms.ChoiceField(label=_("Who may submit"), widget=forms.RadioSelect)
    groups = forms.MultipleChoiceField(label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, given: Any, data: Mapping[str, Any] | None = None) -> None:
        self.given = given
        names = _groups_in(given)
        kind = GROUPS if isinstance(given, dict) else SIGNED_IN if given == SIGNED_IN else ANYONE
        super().__init__(data, initial={"who": kind, "groups": names})
        choosing: Any = self.fields["who"]
        choosing.choices = [
            (ANYONE, _("Anyone")),
            (SIGNED_IN, _("People who have signed in")),
            (GROUPS, _("Members of groups")),
        ]
        listed: Any = self.fields["groups"]
        listed.choices = _group_choices(names)
        listed.help_text = _("For “Members of groups”: members of any of these. Add groups under People.")
        style(self)

    def clean(self) -> None:
        if (
            self.cleaned_data.get("who") == GROUPS
            and not self.cleaned_data.get("groups")
            and "groups" not in self.errors
        ):
            self.add_error("groups", _now("Choose at least one group; otherwise nobody could submit it."))

    def tell(self, message: str) -> None:
        """Show what is wrong with it."""
        self.errors.setdefault("who", self.error_class(field_id=self["who"].id_for_label)).append(message)

    def plain(self) -> Any:
        """Who, as it stands in a document; None for nothing, which means anyone."""
        if not self.is_bound:
            return self.given
        kind = self["who"].value() or ANYONE
        names = list(self["groups"].value() or ())
        if (kind, names if kind == GROUPS else self.initial["groups"]) == (self.initial["who"], self.initial["groups"]):
            return self.given
        return {"groups": names} if kind == GROUPS else None if kind == ANYONE else kind


def _groups_in(given: Any) -> list[str]:
    listed = given.get("groups") if isinstance(given, dict) else None
    return [str(name) for name in listed] if isinstance(listed, list) else []


def _group_choices(present: list[str]) -> list[tuple[str, str]]:
    known = list(Group.objects.order_by("name").values_list("name", flat=True))
    missing = [(name, _now("{key} (does not exist)").format(key=name)) for name in present if name not in known]
    return [*((name, name) for name in known), *missing]


class RulesForm(forms.Form):
    """What must hold for the input: each rule with its message, and rows for more of them."""

    use_required_attribute = False
    _MORE = 2

    def __init__(self, given: Any, data: Mapping[str, Any] | None = None) -> None:
        self.given = given
        rules = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
        self._count = (len(rules) if data is None else _sent_rows(data)) + self._MORE
        initial = {f"{part}_{n}": rule.get(part) for n, rule in enumerate(rules) for part in ("rule", "message")}
        super().__init__(data, initial=initial)
        self._before = rules
        for number in range(self._count):
            self._add_row(number)
        style(self)

    def _add_row(self, number: int) -> None:
        rule, message = TextControl("expression"), TextControl()
        rule.label = _now("Rule {number}").format(number=number + 1)
        message.label = _now("Message {number}").format(number=number + 1)
        self.fields |= {f"rule_{number}": rule, f"message_{number}": message}

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"rule_{number}"], self[f"message_{number}"]) for number in range(self._count)]

    def plain(self) -> list[Plain]:
        """The rules as they stand in a document; rows in which nothing is typed are left out."""
        if not self.is_bound:
            return self._before
        return [made for _row, made in self._typed()]

    def _typed(self) -> list[tuple[int, Plain]]:
        read = [(n, [str(bound.value() or "").strip() for bound in row]) for n, row in enumerate(self.rows)]
        return [(n, {"rule": rule, "message": message}) for n, (rule, message) in read if rule or message]

    def tell(self, number: int, part: str, message: str) -> None:
        """Show what is wrong with a rule, counted among those that stand in the document, at its control."""
        rows = [row for row, _made in self._typed()] if self.is_bound else list(range(self._count))
        name = f"{'message' if part == 'message' else 'rule'}_{rows[number] if number < len(rows) else 0}"
        known = self.errors.setdefault(name, self.error_class(field_id=self[name].id_for_label))
        known.append(message)


def _sent_rows(data: Mapping[str, Any]) -> int:
    """How many rows were sent that have something in them; no more than anybody types."""
    filled = [n for n in range(100) if data.get(f"rule_{n}") or data.get(f"message_{n}")]
    return max(filled, default=-1) + 1


# --- one field of a form ---------------------------------------------------------------------------------------------


class PresetControl(ValueControl):
    """A preset; an empty one is none."""

    def show(self, value: Any) -> Any:
        return "" if value is None else super().show(value)


def field_design(
    inspection: Inspection, table: str, field: Plain, data: Mapping[str, Any] | None = None
) -> SettingsForm:
    """The controls of what a form changes of a field."""
    choosing = choosing_for(inspection, table=table)
    known = choosing.field(field["field"])
    preset = PresetControl(known.type if known else "", _words_of(known))
    given = {name: value for name, value in field.items() if name != "field"}
    return relabelled(settings_form(_FIELD, given, choosing, data, controls={"preset": preset}), _FIELD_WORDS)


def _words_of(field: Any) -> tuple[str, ...]:
    if field is None:
        return ()
    return ("true", "false") if field.type == "boolean" else field.words


# --- what forms and pages share --------------------------------------------------------------------------------------


def relabelled(form: SettingsForm, words: Words) -> SettingsForm:
    """``form`` with a label and a help of its own for some of its controls, and its look."""
    for name, (label, help_) in words.items():
        if name in form.fields:
            form.fields[name].label, form.fields[name].help_text = label, help_
    return style(form)


def table_choices(plain: Plain) -> list[tuple[str, str]]:
    """The tables of a draft with their labels."""
    return [(key, _title(each, "label", key)) for key, each in _section(plain, "tables")]


def page_choices(plain: Plain, *, without: str = "") -> list[tuple[str, str]]:
    """The pages of a draft with their titles."""
    return [(key, _title(each, "title", key)) for key, each in _section(plain, "pages") if key != without]


def _section(plain: Plain, name: str) -> list[tuple[str, Plain]]:
    found = plain.get(name)
    return (
        [(key, each if isinstance(each, dict) else {}) for key, each in found.items()]
        if isinstance(found, dict)
        else []
    )


def _title(found: Plain, name: str, key: str) -> str:
    return title_of(str(found.get(name) or ""), key)
