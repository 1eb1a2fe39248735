"""Fields of a host project's own model, as fields of a table: what its columns can hold, in our field types."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import models

from meanwhile.plugins import registry


def host_fields(model: type[models.Model], siblings: Mapping[str, Any], make: Callable[..., Any]) -> dict[str, Any]:
    """The concrete fields of ``model`` for which there is a field type, but not its primary key."""
    found = {}
    for column in model._meta.concrete_fields:
        described = None if column.primary_key else _described(column, siblings)
        if described is None:
            continue
        word, settings = described
        field_type = registry.field_type(word)
        found[column.name] = make(
            column.name, str(column.verbose_name).capitalize(), field_type, field_type.Settings.model_validate(settings)
        )
    return found


def _described(column: Any, siblings: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    common: dict[str, Any] = {"label": str(column.verbose_name).capitalize(), "help": str(column.help_text)}
    common["required"] = not (column.null or column.blank or column.has_default())
    if column.unique and not isinstance(column, (models.TextField, models.BooleanField)):
        common["unique"] = True
    specific = _specific(column, siblings)
    return None if specific is None else (specific[0], {**common, **specific[1]})


def _specific(column: Any, siblings: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    if column.is_relation:
        return _link(column, siblings)
    if column.choices:
        return "choice", {"choices": {str(value): str(label) for value, label in column.flatchoices}}
    for kind, word in _WORDS:
        if isinstance(column, kind):
            return word, _limits(column, word)
    return None


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


def _limits(column: Any, word: str) -> dict[str, Any]:
    if word == "text" and column.max_length:
        return {"max_length": column.max_length}
    if word == "decimal" and column.decimal_places is not None:
        return {"places": column.decimal_places, "digits": min(column.max_digits or 15, 15)}
    return {}


def _link(column: Any, siblings: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    from django.contrib.auth import get_user_model

    if column.related_model is get_user_model():
        return "user", {}
    wanted = column.related_model._meta.label.lower()
    for key, sibling in siblings.items():
        if sibling.model.lower() == wanted:
            return "link", {"table": key}
    return None
