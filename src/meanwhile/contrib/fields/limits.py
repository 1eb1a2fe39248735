"""What several field types share: reading text, and the limits of unique columns."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from pydantic import model_validator

from meanwhile.core.errors import InvalidValue
from meanwhile.plugins.contracts import FieldSettings

# An entry of a unique index holds at most 2,704 bytes on PostgreSQL; a character takes up to four.
UNIQUE_LENGTH = 600


_BROKEN = re.compile("[\ud800-\udfff]")


def read_text(value: Any, limit: int) -> str | None:
    """``value`` as text of at most ``limit`` characters; None when there is none. Raises InvalidValue."""
    if value is None:
        return None
    if type(value) is str:
        return _held(value, limit)
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, (int, float, Decimal)):
        value = _digits(Decimal(str(value)) if isinstance(value, float) else Decimal(value))
    if not isinstance(value, str):
        raise InvalidValue(_("This must be text."))
    return _held(str(value), limit)


def _digits(number: Decimal) -> str:
    # Written out only where that is not huge.
    is_plain = number.is_finite() and abs(number.adjusted()) < 1000
    return format(number, "f") if is_plain else str(number)


def _held(text: str, limit: int) -> str | None:
    if not text.isprintable():  # what cannot be kept is not
        refuse_unstorable(text)
    if not text or text.isspace():
        return None
    if len(text) > limit:
        message = _("This may have at most {limit} characters; it has {length}.")
        raise InvalidValue(message.format(limit=limit, length=len(text)))
    return text


def refuse_unstorable(text: str) -> None:
    """Raise InvalidValue for characters that a database cannot keep: NUL, and halves of a surrogate pair."""
    if "\0" in text:
        raise InvalidValue(_("NUL characters are not allowed."))
    if not text.isascii() and _BROKEN.search(text):
        raise InvalidValue(_("This holds a broken character."))


class PlainSettings(FieldSettings):
    """Settings of a field whose column cannot be unique."""

    @model_validator(mode="after")
    def _never_unique(self) -> "PlainSettings":
        if self.unique:
            raise ValueError(_("A field of this type cannot be unique."))
        return self


class UniqueSettings(FieldSettings):
    """Settings of a field that may be unique: it has no default then, since two records would get the same."""

    @model_validator(mode="after")
    def _unique_has_no_default(self) -> "UniqueSettings":
        if self.unique and self.default is not None:
            raise ValueError(_("A unique field cannot have a default: two records would get the same value."))
        return self


def refuse_long_unique(settings: Any) -> None:
    """Raise ValueError when a unique text may be longer than an index holds."""
    if settings.unique and settings.max_length > UNIQUE_LENGTH:
        raise ValueError(_("A unique field may have at most {limit} characters.").format(limit=UNIQUE_LENGTH))


def shorter(before: Any, after: Any) -> str | None:
    """Why ``after`` does not hold every text of ``before``; None when it does."""
    if after.max_length >= before.max_length:
        return None
    return _("It may have at most {after} characters instead of {before}.").format(
        after=after.max_length, before=before.max_length
    )


def closer_bounds(before: Any, after: Any) -> str | None:
    """Why the bounds ``min`` and ``max`` of ``after`` do not hold every number of ``before``; None when they do."""
    if after.min is not None and (before.min is None or before.min < after.min):
        return _("It must be at least {limit} now.").format(limit=after.min)
    if after.max is not None and (before.max is None or before.max > after.max):
        return _("It may be at most {limit} now.").format(limit=after.max)
    return None


def check_bounds(value: Any, settings: Any) -> None:
    """Raise InvalidValue when ``value`` is outside ``min`` and ``max``."""
    if settings.min is not None and value < settings.min:
        raise InvalidValue(_("This must be at least {limit}.").format(limit=settings.min))
    if settings.max is not None and value > settings.max:
        raise InvalidValue(_("This may be at most {limit}.").format(limit=settings.max))


def ordered_bounds(settings: Any) -> None:
    """Raise ValueError when ``min`` is above ``max``."""
    if settings.min is not None and settings.max is not None and settings.min > settings.max:
        raise ValueError(_("min ({min}) is above max ({max}).").format(min=settings.min, max=settings.max))
