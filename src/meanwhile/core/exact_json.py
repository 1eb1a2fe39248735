"""JSON that brings back what went in: decimals, dates and times survive as they are.

A value that JSON lacks is written as a mapping with one key that starts with ``$``, such as
``{"$decimal": "1.10"}``; so is text that not every database keeps, with NUL or with halves of characters. A mapping of
the caller whose only key starts with ``$`` is wrapped as ``{"$": …}``.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def to_plain(value: Any) -> Any:
    """``value`` made of nothing but what JSON has. Raises TypeError for a value that has no exact form."""
    if isinstance(value, str):
        return {"$text": [ord(each) for each in value]} if _UNSTORABLE.search(value) else str(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$seconds": str(Decimal(value // timedelta(microseconds=1)) / 1_000_000)}
    if isinstance(value, UUID):
        return {"$uuid": str(value)}
    if isinstance(value, float):
        return {"$decimal": str(value)}
    if isinstance(value, Mapping):
        plain = {_UNSTORABLE.sub("?", str(key)): to_plain(item) for key, item in value.items()}
        return {"$": plain} if len(plain) == 1 and next(iter(plain)).startswith("$") else plain
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no exact form in JSON")


_READERS: dict[str, Callable[[Any], Any]] = {
    "$decimal": Decimal,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$seconds": lambda text: timedelta(microseconds=int(Decimal(text) * 1_000_000)),
    "$uuid": UUID,
    "$text": lambda characters: "".join(map(chr, characters)),
}


def from_plain(value: Any) -> Any:
    """The inverse of ``to_plain``."""
    if isinstance(value, list):
        return [from_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (tag, inner), *_ = value.items()
        if tag == "$":
            return {key: from_plain(item) for key, item in inner.items()}
        if tag in _READERS:
            return _READERS[tag](inner)
    return {key: from_plain(item) for key, item in value.items()}


def dumps(value: Any) -> str:
    """``value`` as exact JSON text."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """What ``dumps`` was given."""
    return from_plain(json.loads(text))


class ExactEncoder(json.JSONEncoder):
    """For ``models.JSONField(encoder=…)``."""

    def encode(self, o: Any) -> str:
        # Not Python's own, which calls iterencode() too: made plain twice, a decimal would come back as a mapping.
        return "".join(self.iterencode(o, _one_shot=True))

    def iterencode(self, o: Any, _one_shot: bool = False) -> Any:
        return super().iterencode(to_plain(o), _one_shot)


class ExactDecoder(json.JSONDecoder):
    """For ``models.JSONField(decoder=…)``."""

    def decode(self, s: str, *args: Any) -> Any:
        return from_plain(super().decode(s))
