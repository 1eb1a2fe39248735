"""Plausible values for fields, for whoever tries something out: what a person might enter, and always one that fits.

A field says what it takes only by taking it, so candidates are tried in turn: those of its type, then those that fit
anywhere. A field type of somebody else needs to do nothing for it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from meanwhile.core.errors import MeanwhileError
from meanwhile.plugins.contracts import FieldView

# By words in the key of a field; the first that occurs.
_WORDS = {
    "first": "Ada",
    "last": "Lovelace",
    "surname": "Lovelace",
    "company": "Analytical Engines Ltd",
    "name": "Ada Lovelace",
    "passenger": "Ada Lovelace",
    "customer": "Ada Lovelace",
    "person": "Ada Lovelace",
    "phone": "+44 20 7946 0000",
    "city": "London",
    "country": "United Kingdom",
    "street": "12 St James's Square",
    "postcode": "SW1Y 4JH",
}
_NUMBERS = (1, 2, 3, 5, 10, 100, 0, 20, 50, 1_000, 10_000, 1_000_000, -1, -10, -100)


def sample_of(field: FieldView, now: datetime) -> Any:
    """A value that ``field`` keeps; None where none of ours fits, or for a link, whose records we do not know.

    ``now``: dates and times are near it.
    """
    for candidate in _candidates(field, now):
        try:
            value = field.clean(candidate)
        except (MeanwhileError, TypeError, ValueError):
            continue
        if value is not None:
            return value
    return None


def _candidates(field: FieldView, now: datetime) -> Iterator[Any]:
    if field.type in ("link", "user"):
        return
    settings = getattr(field, "settings", None)
    yield getattr(settings, "default", None)
    yield from getattr(settings, "choices", None) or ()
    yield from _of_type(field, now)
    yield from (field.label, "Sample", "x", *_NUMBERS, now, now.date(), False, {})


def _of_type(field: FieldView, now: datetime) -> Iterator[Any]:
    match field.type:
        case "text":
            yield from (word for part, word in _WORDS.items() if part in field.key)
        case "long_text":
            yield f"{field.label}: a few words, as a person might write them."
        case "email":
            yield "ada@example.org"
        case "url":
            yield "https://example.org/"
        case "decimal":
            yield from (Decimal("120.50"), Decimal("12.5"), *_NUMBERS)
        case "integer":
            yield from (*_NUMBERS, *range(100), getattr(getattr(field, "settings", None), "min", None))
        case "date":
            yield (now + timedelta(days=7)).date()
        case "datetime":
            yield (now + timedelta(days=7)).replace(second=0, microsecond=0)
        case "json":
            yield {"sample": True}
