"""One of a list of values."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator, model_validator

from meanwhile.contrib.fields.limits import UniqueSettings, read_text
from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.contracts import FieldType
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register

MAX_LENGTH = 100


class ChoiceSettings(UniqueSettings):
    choices: list[str] | dict[str, str] = Field(
        description="The values in order, or a mapping of values to the labels that people read."
    )

    @field_validator("choices", mode="before")
    @classmethod
    def _words(cls, given: Any) -> Any:
        """Numbers of the document are text here."""
        if isinstance(given, Mapping):
            return {_word(value): _word(label) for value, label in given.items()}
        return [_word(value) for value in given] if isinstance(given, (list, tuple)) else given

    @model_validator(mode="after")
    def _usable(self) -> "ChoiceSettings":
        values = list(self.choices)
        if not values:
            raise ValueError(_now("A choice needs at least one value in choices."))
        for value in values:
            _check_word(value)
        if len(set(values)) < len(values):
            raise ValueError(_now("choices names a value twice."))
        return self

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels for people by value, in order."""
        return self.choices if isinstance(self.choices, dict) else dict(zip(self.choices, self.choices, strict=True))


def _word(value: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value
    try:
        return read_text(value, MAX_LENGTH)
    except InvalidValue:
        return value


def _check_word(value: str) -> None:
    try:
        kept = read_text(value, MAX_LENGTH)
    except InvalidValue as error:
        raise ValueError(error.message) from error
    if kept is None or kept != kept.strip():
        raise ValueError(_now("A value of choices is empty or has blanks at its ends."))


@register
class Choice(FieldType):
    type = "choice"
    label = _("Choice")
    description = _("One value of a list.")
    Settings = ChoiceSettings
    widens_to: ClassVar = frozenset({"text", "long_text"})

    def column(self, settings: ChoiceSettings) -> "models.Field[Any, Any]":
        return models.TextField(null=True)

    def control(self, settings: ChoiceSettings) -> forms.Field:
        widget = forms.Select(choices=[("", _("Choose…")), *settings.labels.items()])
        return Control(partial(self.clean, settings=settings), widget)

    def clean(self, value: Any, settings: ChoiceSettings) -> str | None:
        word = read_text(value.strip() if isinstance(value, str) else value, MAX_LENGTH)
        if word is not None and word not in settings.labels:
            listed = ", ".join(list(settings.labels)[:20])
            raise InvalidValue(_now('"{value}" is not one of: {listed}.').format(value=word, listed=listed))
        return word

    def narrowing(self, before: ChoiceSettings, after: ChoiceSettings) -> str | None:
        gone = [value for value in before.labels if value not in after.labels]
        return _now("It can no longer be: {values}.").format(values=", ".join(gone)) if gone else None

    def display(self, value: Any, settings: ChoiceSettings, zone: Any) -> str:
        return "" if value is None else settings.labels.get(value, str(value))
