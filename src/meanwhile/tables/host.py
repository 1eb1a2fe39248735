"""Fields of a host project's own model, as fields of a table: what its columns can hold, in our field types."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.db import connection, models


class _Sibling(Protocol):
    @property
    def model(self) -> str: ...


def described_fields(
    model: type[models.Model], siblings: Mapping[str, _Sibling]
) -> Iterator[tuple[Any, str, dict[str, Any]]]:
    """The concrete fields of ``model``, but for its primary key, each with our type and settings. A field for which
    there is no type is left out."""
    for column in model._meta.concrete_fields:
        if column.primary_key:
            continue
        if described := _described(column, siblings):
            word, specific = described
            yield column, word, _common(column, word, specific)


def _common(column: Any, word: str, specific: dict[str, Any]) -> dict[str, Any]:
    verbose = str(column.verbose_name)
    is_filled_by_itself = column.has_default() or column.auto_created or getattr(column, "auto_now", False)
    is_needed = not (column.null or column.blank or is_filled_by_itself or word == "boolean")
    common = {"label": verbose[:1].upper() + verbose[1:], "help": str(column.help_text), "required": is_needed}
    # A flag's default is false; of a host's, it is what the host says, also nothing.
    return common | ({"default": None} if word == "boolean" else {}) | specific


def _described(column: Any, siblings: Mapping[str, _Sibling]) -> tuple[str, dict[str, Any]] | None:
    if column.is_relation:
        return _link(column, siblings)
    if column.choices and isinstance(column, (models.CharField, models.TextField)):
        labels = {str(value): str(label) for value, label in column.flatchoices if value}
        return ("choice", {"choices": labels}) if labels else None
    word = next((word for kind, word in _WORDS if isinstance(column, kind)), None)
    return None if word is None else _limited(word, column)


# The first that fits; subclasses before their bases.
_WORDS: tuple[tuple[type[Any], str], ...] = (
    (models.EmailField, "email"),
    (models.URLField, "url"),
    (models.CharField, "text"),
    (models.TextField, "long_text"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.JSONField, "json"),
)
# The longest that our types of one line and of several lines take, and the digits that our numbers have.
_LINE, _TEXT, _DIGITS = 2000, 1_000_000, 15


def _limited(word: str, column: Any) -> tuple[str, dict[str, Any]] | None:
    if word in ("text", "url"):
        length = column.max_length or _LINE
        return (word, {"max_length": length}) if length <= _LINE else ("long_text", {"max_length": min(length, _TEXT)})
    if word in ("long_text", "json"):
        return word, {"max_length": _TEXT}
    if word == "integer":
        low, high = connection.ops.integer_field_range(column.get_internal_type())
        return word, {"min": low, "max": high}
    return _decimal(column) if word == "decimal" else (word, {})


def _decimal(column: Any) -> tuple[str, dict[str, Any]] | None:
    """None for one of more digits than both databases keep exactly."""
    if column.max_digits is None or column.decimal_places is None or column.max_digits > _DIGITS:
        return None
    return "decimal", {"places": column.decimal_places, "digits": column.max_digits}


def _link(column: Any, siblings: Mapping[str, _Sibling]) -> tuple[str, dict[str, Any]] | None:
    target = column.related_model
    if column.target_field is not target._meta.pk:
        return None
    if target is get_user_model():
        return "user", {}
    wanted = target._meta.label_lower
    return next(
        (("link", {"table": key}) for key, sibling in siblings.items() if sibling.model.lower() == wanted), None
    )
