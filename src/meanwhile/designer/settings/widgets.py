"""Controls that Django has not: text with suggestions, a value that can be emptied, rows of names and values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

type Choices = Sequence[tuple[str, str]]
type Row = tuple[str, str]

# Rows to fill in that are there without JavaScript; saving brings new ones.
EMPTY_ROWS = 2
# More rows are no settings that a person has typed.
MOST_ROWS = 200


class SuggestingInput(forms.TextInput):
    """One line of text, with words that a browser offers."""

    template_name = "meanwhile/designer/settings/suggesting.html"

    def __init__(self, words: Iterable[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.words = tuple(words)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["words"] = self.words
        context["list_id"] = f"{context['widget']['attrs'].get('id', name)}_words"
        if self.words:
            context["widget"]["attrs"]["list"] = context["list_id"]
        return context


class EmptyableInput(forms.MultiWidget):
    """A value, and a box that says that there is to be none. Its raw value is ``(text, is_empty)``."""

    template_name = "meanwhile/designer/settings/emptyable.html"

    def __init__(self, text: forms.Widget) -> None:
        super().__init__({"": text, "empty": forms.CheckboxInput({"class": "form-check-input"})})

    def decompress(self, value: Any) -> list[Any]:
        return list(value) if value else ["", False]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0"

    use_fieldset = False


class RowsInput(forms.Widget):
    """Names with values, one row each. Its raw value is a list of ``(name, text)``; rows without either are left out.

    ``names``: what can be chosen; where nothing can, names are typed.
    """

    template_name = "meanwhile/designer/settings/rows.html"

    def __init__(self, names: Choices) -> None:
        super().__init__()
        self.names = names

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        rows = []
        for index in range(MOST_ROWS):
            if f"{name}-{index}-name" not in data:
                break
            key, text = data[f"{name}-{index}-name"].strip(), data.get(f"{name}-{index}-value", "")
            if key or text.strip():
                rows.append((key, text))
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-0-name" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        id_ = context["widget"]["attrs"].get("id", name)
        rows = [*(value or []), *[("", "")] * EMPTY_ROWS]
        context["rows"] = [
            {
                "number": index + 1,
                "name": f"{name}-{index}-name",
                "value": f"{name}-{index}-value",
                "id": f"{id_}-{index}",
                "key": key,
                "text": text,
                "names": self._names(key),
            }
            for index, (key, text) in enumerate(rows)
        ]
        context["has_names"] = bool(self.names)
        return context

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-name"

    def _names(self, key: str) -> Choices:
        return self.names if not key or key in dict(self.names) else [*self.names, (key, key)]
