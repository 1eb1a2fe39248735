"""What a browser would send of a form as it stands on the page."""

from html.parser import HTMLParser
from typing import Any

from django import forms
from django.http import QueryDict


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._select = ""
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.pairs.append((given["name"], given.get("value", "on" if given.get("type") == "checkbox" else "")))
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._area, self._text = given["name"], ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            chosen = [value for value, selected in self._options if selected] or [self._options[0][0]]
            self.pairs += [(self._select, value) for value in chosen]
            self._select = ""
        elif tag == "textarea" and self._area is not None:
            text = self._text.removeprefix("\n")
            self.pairs.append((self._area, text.replace("\n", "\r\n")))
            self._area = None


def sent(form: forms.Form, **changed: Any) -> QueryDict:
    """The form's data, with some of it changed; None takes a name out."""
    page = _Page()
    page.feed("".join(str(form[name]) for name in form.fields))
    data = QueryDict(mutable=True)
    for name, value in page.pairs:
        data.appendlist(name, value)
    for name, value in changed.items():
        data.pop(name, None)
        if value is not None:
            data[name] = value
    return data
