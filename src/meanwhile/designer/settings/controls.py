"""The controls of settings: each knows how its setting stands in a document, and how a person types it.

None of them refuses anything: what cannot be read stays as it was typed, and the plugin's own model says what is wrong
with it. So a node that is not set up yet can be saved as far as it is.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meanwhile.core.spans import Offset, format_span
from meanwhile.designer.settings.values import MISSING, read_value, show_value
from meanwhile.designer.settings.widgets import EmptyableInput, RowsInput, SuggestingInput

type Choices = Sequence[tuple[str, Any]]


class Control(forms.Field):
    """A setting's control. ``read`` makes of what was sent what stands in a document, MISSING for nothing; ``show`` is
    the way back. ``how``: how it is typed, for people."""

    how: Any = ""

    def __init__(self, widget: forms.Widget) -> None:
        super().__init__(required=False, widget=widget)

    def clean(self, value: Any) -> Any:
        return value

    def read(self, raw: Any) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> Any:
        return "" if value is MISSING or value is None else value


class TextControl(Control):
    """Text as it is; of one line, or of several."""

    def __init__(self, expression: str = "", *, lines: int = 1, words: Iterable[str] = ()) -> None:
        attrs: dict[str, Any] = {"data-expression": expression} if expression else {}
        if expression:
            attrs["spellcheck"] = "true" if expression == "text" else "false"
        self.is_line = lines == 1
        listed = tuple(words)
        super().__init__(SuggestingInput(listed, attrs) if self.is_line else forms.Textarea({**attrs, "rows": lines}))

    def read(self, raw: Any) -> Any:
        text = lines_of(raw)
        text = text.strip() if self.is_line else text
        return text if text.strip() else MISSING

    def show(self, value: Any) -> Any:
        return lines_of(format_span(value) if hasattr(value, "total_seconds") else _source(value))


class NumberControl(Control):
    """A whole number, or one with decimal places."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        super().__init__(forms.NumberInput({"step": "1" if kind is int else "any"}))

    def read(self, raw: Any) -> Any:
        text = (raw or "").strip()
        if not text:
            return MISSING
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        is_whole = number.is_finite() and number.adjusted() < 100 and number == number.to_integral_value()
        return int(number) if is_whole and (self.kind is int or "." not in text) else number

    def show(self, value: Any) -> Any:
        if value is MISSING or value is None:
            return ""
        return format(value, "f") if isinstance(value, Decimal) else str(value)


class CheckControl(Control):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__(forms.CheckboxInput())

    def read(self, raw: Any) -> Any:
        return bool(raw)

    def show(self, value: Any) -> Any:
        return value is True


class ChoiceControl(Control):
    """One of a list. What stands there already and is not in the list stays an option."""

    def __init__(self, choices: Choices, *, present: Any = MISSING, empty: Any = "") -> None:
        listed = [("", empty or _("Choose…")), *choices]
        shown = self.show(present)
        if shown and shown not in dict(listed):
            listed.append((shown, _("%(key)s (does not exist)") % {"key": shown}))
        super().__init__(forms.Select(choices=listed))

    def read(self, raw: Any) -> Any:
        return raw or MISSING

    def show(self, value: Any) -> Any:
        return "" if value is MISSING or value is None else str(value)


class TruthControl(ChoiceControl):
    """Yes, no, or neither."""

    def __init__(self) -> None:
        super().__init__([("true", _("Yes")), ("false", _("No"))], empty=_("Nothing"))

    def read(self, raw: Any) -> Any:
        return {"true": True, "false": False}.get(raw)

    def show(self, value: Any) -> Any:
        return {True: "true", False: "false"}.get(value, "")


class LinesControl(Control):
    """A list, one item per line. ``or_text``: a single line is that text alone, where no list stood there."""

    def __init__(self, expression: str = "", *, or_text: bool = False, is_list: bool = False) -> None:
        attrs: dict[str, Any] = {"rows": 1 if or_text and not is_list else 4}
        super().__init__(forms.Textarea(attrs | ({"data-expression": expression} if expression else {})))
        self.or_text = or_text
        self.is_list = is_list

    def read(self, raw: Any) -> Any:
        lines = [line for line in lines_of(raw).split("\n") if line.strip()]
        if not lines:
            return MISSING
        return lines[0] if self.or_text and not self.is_list and len(lines) == 1 else lines

    def show(self, value: Any) -> Any:
        return "\n".join(map(_source, value)) if isinstance(value, (list, tuple)) else lines_of(_source(value))


class WordsControl(Control):
    """A list of words, one per line; ``value = label`` gives a word another label, and makes all of it a mapping."""

    how = _("One per line; “value = label” keeps the value and shows the label.")
    SIGN = " = "

    def __init__(self) -> None:
        super().__init__(forms.Textarea({"rows": 6}))

    def read(self, raw: Any) -> Any:
        lines = [line.strip() for line in lines_of(raw).split("\n") if line.strip()]
        if not any(self.SIGN in line for line in lines):
            return lines or MISSING
        pairs = [[part.strip() for part in line.split(self.SIGN, 1)] for line in lines]
        return {pair[0]: pair[-1] for pair in pairs}

    def show(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{word}{self.SIGN}{label}" for word, label in value.items())
        return "\n".join(map(_source, value)) if isinstance(value, (list, tuple)) else _source(value)


class ValueControl(Control):
    """Any value: see ``values``. ``type_``: of the field that it goes into; ``can_empty``: null has its own box."""

    def __init__(
        self, type_: str = "", words: Iterable[str] = (), *, can_empty: bool = False, long: bool = False
    ) -> None:
        attrs = {"data-expression": "value", "spellcheck": "false"}
        text: forms.Widget = forms.Textarea({**attrs, "rows": 3}) if long else SuggestingInput(words, attrs)
        self.type_ = type_
        self.can_empty = can_empty
        super().__init__(EmptyableInput(text) if can_empty else text)

    def read(self, raw: Any) -> Any:
        if not self.can_empty:
            return read_value(lines_of(raw), self.type_)
        text, is_empty = raw or ("", False)
        return None if is_empty else read_value(lines_of(text), self.type_)

    def show(self, value: Any) -> Any:
        if not self.can_empty:
            return show_value(value, self.type_)
        return ["", True] if value is None else [show_value(value, self.type_), False]


class RowsControl(Control):
    """A mapping of names to values. ``type_of``: the type of the field of that name."""

    def __init__(self, names: Choices, type_of: Callable[[str], str]) -> None:
        super().__init__(RowsInput(names))
        self.type_of = type_of

    def read(self, raw: Any) -> Any:
        values = {name: read_value(text, self.type_of(name)) for name, text in raw or []}
        return {name: value for name, value in values.items() if value is not MISSING} or MISSING

    def show(self, value: Any) -> Any:
        rows = value.items() if isinstance(value, dict) else []
        return [(str(name), show_value(item, self.type_of(str(name)))) for name, item in rows]


def lines_of(text: Any) -> str:
    """``text`` with the line breaks that documents have; browsers send others."""
    return str(text or "").replace("\r\n", "\n").replace("\r", "\n")


def _source(value: Any) -> str:
    if value is MISSING or value is None:
        return ""
    if isinstance(value, Offset):
        return value.text
    return value if isinstance(value, str) else str(getattr(value, "source", value))
