"""The form of a field: its type, and the settings of that type, the default in a control of the type's own kind."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from pydantic import BaseModel

from meanwhile.core import clock
from meanwhile.core.errors import InvalidValue
from meanwhile.definitions.document import title_of
from meanwhile.definitions.nodes import read_settings
from meanwhile.designer.settings import controls
from meanwhile.designer.settings.choosing import Choosing
from meanwhile.designer.settings.controls import Control
from meanwhile.designer.settings_form import SettingsForm, settings_form
from meanwhile.pages.controls import style
from meanwhile.plugins import registry
from meanwhile.plugins.contracts import FieldSettings, FieldType

type Plain = dict[str, Any]

# Which settings people see first; what a type adds of its own stands behind them.
ORDER = ("label", "help", "required", "unique")
LAST = ("default",)


def field_form(definition: Plain, choosing: Choosing, data: Mapping[str, Any] | None = None) -> SettingsForm:
    """The form of a field's settings, as they stand in the document or as they were sent."""
    field_type = registry.field_type(str(definition.get("type")))
    given = settings_of(definition)
    made = settings_form(
        field_type.Settings,
        given,
        choosing,
        data,
        leave_out=_without(field_type, given),
        controls=_default_control(field_type, given, data),
    )
    names = [name for name in made.fields if name not in (*ORDER, *LAST)]
    own = sorted(names, key=lambda name: not made.fields[name].required)
    made.order_fields([*ORDER, *own, *LAST])
    return style(made)


def settings_of(definition: Plain) -> Plain:
    """A field's settings without its type."""
    return {key: value for key, value in definition.items() if key != "type"}


def preview(key: str, definition: Plain) -> forms.Form | None:
    """The field as a form shows it to people; None where its settings are wrong still."""
    field_type = registry.field_type(str(definition.get("type")))
    settings, findings = read_settings(field_type.Settings, settings_of(definition), ())
    if settings is None or findings:
        return None
    control = field_type.control(settings)
    control.label, control.help_text = title_of(settings.label or "", key), settings.help
    control.required = settings.required
    shown = forms.Form(prefix="preview", initial={key: _shown_default(field_type, settings)})
    shown.use_required_attribute = False
    shown.fields[key] = control
    return style(shown)


def _shown_default(field_type: FieldType, settings: FieldSettings) -> Any:
    try:
        return field_type.initial(settings, clock.now())
    except InvalidValue:
        return None


def fitting(type_: str, settings: Plain) -> Plain:
    """The field as one of another type: what fits there stays."""
    field_type = registry.field_type(type_)
    model = field_type.Settings
    known = {info.alias or name for name, info in model.model_fields.items()}
    kept = {key: value for key, value in settings.items() if key in known and _fits(model, key, value)}
    if "default" in kept and not _default_fits(field_type, kept):
        del kept["default"]
    return {"type": type_, **kept}


def _fits(model: type[BaseModel], key: str, value: Any) -> bool:
    _settings, findings = read_settings(model, {key: value}, ())
    return not any(finding.loc[:1] == (key,) for finding in findings) and (key != "unique" or _can_be_unique(model))


def _default_fits(field_type: FieldType, kept: Plain) -> bool:
    settings, _findings = read_settings(field_type.Settings, kept, ())
    try:
        return settings is None or field_type.clean(kept["default"], settings) is not None
    except InvalidValue:
        return False


def _without(field_type: FieldType, given: Plain) -> set[str]:
    """Settings that such a field cannot have, unless somebody gave it one."""
    left_out = set() if _can_be_unique(field_type.Settings) else {"unique"}
    left_out |= {"default"} if field_type.type in ("link", "user") else set()
    return left_out - set(given)


def _can_be_unique(model: type[BaseModel]) -> bool:
    _settings, findings = read_settings(model, {"unique": True}, ())
    missing = any(info.is_required() for info in model.model_fields.values())
    return missing or not findings


def _default_control(field_type: FieldType, given: Plain, data: Mapping[str, Any] | None) -> dict[str, Control]:
    make = _DEFAULTS.get(field_type.type)
    if field_type.type == "choice":
        return {"default": _of_choices(given, data)}
    return {"default": make()} if make else {}


_DEFAULTS: dict[str, Callable[[], Control]] = {
    "text": controls.TextControl,
    "email": controls.TextControl,
    "url": controls.TextControl,
    "long_text": lambda: controls.TextControl("text", lines=4),
    "integer": lambda: controls.NumberControl(int),
    "decimal": lambda: controls.NumberControl(Decimal),
    "date": lambda: controls.TextControl(words=["today"]),
    "datetime": lambda: controls.TextControl(words=["now"]),
    "json": lambda: controls.ValueControl("json", long=True),
}


def _of_choices(given: Plain, data: Mapping[str, Any] | None) -> Control:
    """The words of the list as they are being set: what was sent counts."""
    listed = controls.WordsControl().read(data["choices"]) if data and "choices" in data else given.get("choices")
    words = listed if isinstance(listed, dict) else {word: word for word in listed or [] if isinstance(word, str)}
    choices = [(str(word), str(label)) for word, label in words.items()]
    return controls.ChoiceControl(choices, present=given.get("default"), empty="—")
