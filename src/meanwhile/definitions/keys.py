"""The keys that a document gives to its tables, fields, forms, pages and events."""

import keyword
import re
from typing import Annotated

from django.db import models
from django.utils.translation import gettext as _
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
_KEY = re.compile(PATTERN.replace("$", r"\Z"))

# Columns that every table has; expressions read them, documents never write them.
SYSTEM_FIELDS = ("id", "created_at", "updated_at", "created_by", "updated_by")
# What expressions may read of a person; never anything else of the user model.
USER_NAMES = ("id", "email", "name", "username", "is_signed_in")
RECORD_UPDATE = "record_update"
# "pk" means the id to Django; a field "check" would hide the method of every record's model.
_RESERVED = frozenset({*SYSTEM_FIELDS, "pk", "objects", *(name for name in dir(models.Model) if name.islower())})


def _key(value: str) -> str:
    if not _KEY.match(value):
        raise _error(_('"{key}" cannot be a key: up to 40 lower-case letters, digits and _, a letter first.'), value)
    if "__" in value or value.endswith("_"):
        raise _error(_('"{key}" cannot be a key: no two _ in a row, and none at the end.'), value)
    if keyword.iskeyword(value):
        raise _error(_('"{key}" cannot be a key: it is a word of the expression language.'), value)
    return value


def _field_key(value: str) -> str:
    if value in SYSTEM_FIELDS:
        raise _error(_('Every table has "{key}" already; choose another key.'), value)
    if value in _RESERVED:
        raise _error(_('"{key}" is a reserved word; choose another key.'), value)
    return _key(value)


def _error(message: str, key: str) -> PydanticCustomError:
    return PydanticCustomError("key", "{message}", {"message": message.format(key=key[:80])})


_SCHEMA = WithJsonSchema({"type": "string", "pattern": PATTERN})
# A key of a table, form, page, custom event or parameter.
Key = Annotated[str, AfterValidator(_key), _SCHEMA]
# A key of a field: not one of the system's, not one that Django keeps for itself.
FieldKey = Annotated[str, AfterValidator(_field_key), _SCHEMA]
