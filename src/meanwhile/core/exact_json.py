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

# The stubs of the standard library do not know the encoder in C.
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from typing import Any
from uuid import UUID

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

_AS_THEY_ARE = frozenset({type(None), bool, int})


def to_plain(value: Any) -> Any:
    """``value`` made of nothing but what JSON has. Raises TypeError for a value that has no exact form."""
    # Journals are written by the thousand: what nearly everything in them is, is known by its exact type.
    kind = type(value)
    if kind is str:
        return value if _is_storable(value) else {"$text": [ord(each) for each in value]}
    if kind in _AS_THEY_ARE:
        return value
    if kind is dict:
        return _plain_mapping(value)
    if kind is list:
        return [to_plain(item) for item in value]
    return _plain_other(value)


def _is_storable(text: str) -> bool:
    # Neither NUL nor half a character is printable; the other characters that are not are rare.
    return text.isprintable() or not _UNSTORABLE.search(text)


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    plain = {_plain_key(key): to_plain(item) for key, item in value.items()}
    return {"$": plain} if len(plain) == 1 and next(iter(plain)).startswith("$") else plain


def _plain_key(key: Any) -> str:
    return key if type(key) is str and _is_storable(key) else _UNSTORABLE.sub("?", str(key))


def _plain_other(value: Any) -> Any:
    if type(value) is datetime:  # by far the most of them: every entry of a journal has one
        return {"$datetime": value.isoformat()}
    if isinstance(value, str):
        return to_plain(str.__str__(value))  # of a subclass, whose own may be itself
    if isinstance(value, (bool, int)):
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
        return _plain_mapping(value)
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
    """``value`` as exact JSON text. Raises TypeError for a value that has no exact form."""
    # Journals are written by the thousand, and nearly all of them are what the encoder in C takes as it is.
    return _encoded(value) or json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def _encoded(value: Any) -> str | None:
    """``value`` by the encoder in C; None where its text could be read as something else, or cannot be kept."""
    tagged: list[None] = []

    def tag(other: Any) -> Any:
        plain = _plain_other(other)
        if isinstance(plain, dict) and not isinstance(other, Mapping):
            tagged.append(None)
        return plain

    encode = c_make_encoder(None, tag, encode_basestring, None, ":", ",", False, False, False)
    try:
        text: str = "".join(encode(value, 0))
    except (TypeError, ValueError, RecursionError):
        return None
    # Every tag has to be one of ours; a mapping of the caller that looks like one is wrapped, the slow way.
    is_clear = text.count('"$') == len(tagged) and "\\u0000" not in text
    return text if is_clear and (text.isascii() or not _UNSTORABLE.search(text)) else None


# Made once: the way by json.loads makes one for every text.
_DECODER = json.JSONDecoder(parse_float=Decimal)


def loads(text: str | bytes) -> Any:
    """What ``dumps`` was given."""
    if isinstance(text, bytes):
        text = text.decode()
    plain = _DECODER.decode(text)
    return from_plain(plain) if '"$' in text else plain


class ExactEncoder(json.JSONEncoder):
    """For ``models.JSONField(encoder=…)``."""

    def encode(self, o: Any) -> str:
        # Not Python's own, which calls iterencode() too: made plain twice, a decimal would come back as a mapping.
        return "".join(self.iterencode(o, _one_shot=True))

    def iterencode(self, o: Any, _one_shot: bool = False) -> Any:
        return super().iterencode(to_plain(o), _one_shot)


class ExactDecoder(json.JSONDecoder):
    """For ``models.JSONField(decoder=…)``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"parse_float": Decimal})

    def decode(self, s: str, *args: Any) -> Any:
        return from_plain(super().decode(s))
