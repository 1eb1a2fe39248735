"""Makes Django's form controls ours: classes of the stylesheet, sensible keyboards, and the first error in focus."""

from typing import Any

from django import forms

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.CheckboxInput, "form-check-input"),
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


def style[F: forms.BaseForm](form: F) -> F:
    """Give every control of ``form`` its look; the first one with an error gets the focus."""
    for field in form.fields.values():
        _style_widget(field.widget)
    if form.is_bound:
        _focus_first_error(form)
    return form


def _style_widget(widget: Any) -> None:
    for part in widget.widgets if isinstance(widget, forms.MultiWidget) else [widget]:
        name = next(css for kind, css in _CLASSES if isinstance(part, kind))
        if name and name not in part.attrs.get("class", ""):
            part.attrs["class"] = f"{part.attrs.get('class', '')} {name}".strip()


def _focus_first_error(form: forms.BaseForm) -> None:
    for widget in (field.widget for field in form.fields.values()):
        widget.attrs.pop("autofocus", None)
    for name in (name for name in form.fields if name in form.errors):
        widget = form.fields[name].widget
        widget.attrs["class"] = f"{widget.attrs.get('class', '')} is-invalid".strip()
    first = next((name for name in form.fields if name in form.errors), None)
    if first is not None:
        form.fields[first].widget.attrs["autofocus"] = True
