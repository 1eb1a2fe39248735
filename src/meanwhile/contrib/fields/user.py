"""A link to a person of the site."""

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meanwhile.contrib.fields.limits import UniqueSettings
from meanwhile.contrib.fields.link import read_id
from meanwhile.plugins.contracts import FieldType, Target
from meanwhile.plugins.control import Control
from meanwhile.plugins.registry import register


@register
class User(FieldType):
    """Its value is the id of the user; empty again when that user is deleted."""

    type = "user"
    label = _("Link to a user")
    description = _("A person who can sign in to this site.")
    Settings = UniqueSettings

    def target(self, settings: UniqueSettings) -> Target:
        return Target(None)

    def control(self, settings: UniqueSettings) -> forms.Field:
        return Control(partial(self.clean, settings=settings), forms.Select())

    def clean(self, value: Any, settings: UniqueSettings) -> Any:
        return read_id(value)

    def display(self, value: Any, settings: UniqueSettings, zone: Any) -> str:
        return "" if value is None else f"#{value}"
