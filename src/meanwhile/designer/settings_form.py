"""Forms made from pydantic settings: of nodes, and of fields. One control per setting, as its annotation wants it.

``plain()`` gives the settings as they stand in a document: only what was given or differs from the default, and exactly
what stood there before where nothing was changed. It works for settings that are wrong, too; ``is_valid()`` says
whether they are, with each error at its control.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from pydantic import BaseModel

from meanwhile.definitions.nodes import read_settings
from meanwhile.definitions.problems import Loc, Located
from meanwhile.designer.settings.annotations import Setting, control_of
from meanwhile.designer.settings.choosing import Choosing, choosing_for
from meanwhile.designer.settings.controls import Control, RowsControl, lines_of
from meanwhile.designer.settings.values import MISSING
from meanwhile.plugins.contracts import Node

type Plain = dict[str, Any]


class SettingsForm(forms.Form):
    """The form of one settings model; made by ``settings_form``. Its fields are named by the document's keys."""

    use_required_attribute = False

    def __init__(self, model: type[BaseModel], given: Plain, controls: Mapping[str, Control], **options: Any) -> None:
        self.model = model
        self.given = given
        self._controls = controls
        super().__init__(**options, initial={key: _initial(model, key, given, controls[key]) for key in controls})
        self.fields.update(controls)

    def plain(self) -> Plain:
        """The settings as a document has them; of a form that was not sent, those that it was made of."""
        if not self.is_bound:
            return dict(self.given)
        others = {key: value for key, value in self.given.items() if key not in self._controls}
        read = {key: self._plain(key) for key in self._controls}
        made = {key: read[key] for key in self.given if key in read}
        return {key: value for key, value in {**others, **made, **read}.items() if value is not MISSING}

    def _plain(self, key: str) -> Any:
        control, raw = self._controls[key], self._raw(key)
        if _same(raw, self.initial[key]):
            return self.given.get(key, MISSING)
        value = control.read(raw)
        return MISSING if value is not MISSING and _is_default(self.model, key, value) else value

    def _raw(self, key: str) -> Any:
        return self.fields[key].widget.value_from_datadict(self.data, self.files, self.add_prefix(key))

    def clean(self) -> None:
        """Hold what was sent against the model."""
        plain = self.plain()
        _settings, findings = read_settings(self.model, plain, ())
        for finding in findings:
            self._tell(finding.loc, finding.message)

    def tell(self, problems: Iterable[Located], at: Loc) -> None:
        """Show those problems of an inspection that lie below ``at``, the place of these settings."""
        assert self.errors is not None  # made by now, also of a form that was not sent
        for problem in problems:
            if problem.loc[: len(at)] == at and problem.severity == "error":
                self._tell(problem.loc[len(at) :], problem.message)

    def _tell(self, loc: Loc, message: str) -> None:
        missing = {_('"{key}" is missing.').format(key=key): key for key in self._controls}
        if not loc and message in missing:
            loc, message = (missing[message],), _("This is needed.")
        key = str(loc[0]) if loc else ""
        name = key if key in self.fields else NON_FIELD_ERRORS
        is_row = len(loc) > 1 and isinstance(self._controls.get(key), RowsControl)
        sentence = f"{loc[1]}: {message}" if is_row else message
        known = self.errors.setdefault(name, self.error_class(renderer=self.renderer, field_id=self._id_of(name)))
        if sentence not in known:
            known.append(sentence)

    def _id_of(self, name: str) -> str | None:
        return self[name].id_for_label if name in self.fields else None


def settings_form(
    model: type[BaseModel],
    given: Mapping[str, Any],
    choosing: Choosing,
    data: Mapping[str, Any] | None = None,
    prefix: str = "",
    *,
    leave_out: Iterable[str] = (),
    controls: Mapping[str, Control] | None = None,
) -> SettingsForm:
    """The form of ``model``. ``given``: the settings as they stand in the document, spelled out. ``data``: what was
    sent. ``controls``: other ones than the annotations would get, by key; ``leave_out``: keys without any."""
    sent = {} if data is None else _siblings(model, data, prefix)
    made: dict[str, Control] = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key not in leave_out:
            setting = Setting(key, info, choosing, {**given, **sent, **({key: given[key]} if key in given else {})})
            made[key] = _described((controls or {}).get(key) or control_of(setting), setting)
    return SettingsForm(model, dict(given), made, data=data, prefix=prefix or None)


def spelled_out(plugin: Node, value: Any) -> Plain:
    """The settings that stand under a node's type, as a mapping: nothing or a bare value may stand there."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return dict(value)
    return {plugin.shorthand: value} if plugin.shorthand else {}


def shortened(plugin: Node, settings: Mapping[str, Any]) -> Any:
    """The form in which a document has ``settings``: a bare value where only the main one is set, None for nothing."""
    if not settings:
        return None
    if plugin.shorthand and set(settings) == {plugin.shorthand}:
        value = settings[plugin.shorthand]
        return dict(settings) if value is None or isinstance(value, dict) else value
    return dict(settings)


def _siblings(model: type[BaseModel], data: Mapping[str, Any], prefix: str) -> Plain:
    """What was sent of single settings, as text: what others of the same form depend on."""
    keys = [info.alias or name for name, info in model.model_fields.items()]
    names = {key: f"{prefix}-{key}" if prefix else key for key in keys}
    return {key: value for key, name in names.items() if isinstance(value := data.get(name), str)}


# Settings of every field; their classes leave the words to the reference.
_COMMON = {
    "label": "What people call it; made from the key where left out.",
    "help": "Stands below the control.",
    "required": "A value must be there. Forms ask for it, and no tree can empty it.",
    "unique": "No two records have the same value.",
    "default": "The value of a new record where nothing else is given.",
}


def label_of_setting(key: str) -> str:
    """What the control of a setting is called."""
    return key.replace("_", " ").capitalize()


def _described(control: Control, setting: Setting) -> Control:
    control.label = label_of_setting(setting.key)
    described = setting.info.description or _COMMON.get(setting.key, "")
    sentences = [_(described).replace("`", "") if described else "", str(control.how)]
    control.help_text = " ".join(filter(None, sentences))
    control.required = control.widget.is_required = setting.info.is_required()
    return control


def _initial(model: type[BaseModel], key: str, given: Plain, control: Control) -> Any:
    return control.show(given[key] if key in given else _default(model, key))


def _same(raw: Any, shown: Any) -> bool:
    if isinstance(raw, str) or isinstance(shown, str):
        return lines_of(raw) == lines_of(shown)
    if isinstance(raw, (list, tuple)) and isinstance(shown, (list, tuple)):
        return len(raw) == len(shown) and all(map(_same, raw, shown))
    return bool(raw == shown or (not raw and not shown))


def _info(model: type[BaseModel], key: str) -> Any:
    return next(info for name, info in model.model_fields.items() if (info.alias or name) == key)


def _default(model: type[BaseModel], key: str) -> Any:
    info = _info(model, key)
    return MISSING if info.is_required() else info.get_default(call_default_factory=True)


def _is_default(model: type[BaseModel], key: str, value: Any) -> bool:
    """Whether ``value`` says no more than what holds anyway. 0 and false are not the same."""
    default = _default(model, key)
    return default is not MISSING and type(value) is type(default) and bool(value == default)


__all__ = ["Choosing", "SettingsForm", "choosing_for", "label_of_setting", "settings_form", "shortened", "spelled_out"]
