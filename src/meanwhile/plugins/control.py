"""The form field of a field type: what a person enters is read by the type's own ``clean``.

So a form and a tree refuse the same values with the same words; the widget only helps to enter good ones.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from meanwhile.core.errors import InvalidValue


class Control(forms.Field):
    """A form field whose values are cleaned by ``read`` (raises InvalidValue) and entered through ``widget``.

    ``show`` turns a kept value into what the widget holds. ``must_be_true``: required means ticked.
    """

    # The type's own clean has made None of everything that is empty.
    empty_values = [None]
    default_error_messages = {"required": _("This is needed.")}

    def __init__(
        self,
        read: Callable[[Any], Any],
        widget: forms.Widget,
        *,
        show: Callable[[Any], Any] | None = None,
        must_be_true: bool = False,
    ) -> None:
        self._read = read
        self._show = show
        self._must_be_true = must_be_true
        super().__init__(required=False, widget=widget)

    def to_python(self, value: Any) -> Any:
        try:
            return self._read(value)
        except InvalidValue as error:
            raise ValidationError(error.message, code="invalid") from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if self.required and self._must_be_true and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def prepare_value(self, value: Any) -> Any:
        # What a person typed and has to correct comes back as it was; only kept values are rewritten.
        return value if self._show is None or value is None or isinstance(value, str) else self._show(value)
