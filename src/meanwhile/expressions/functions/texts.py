"""Functions on texts, lists and json."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import re2
from django.utils.translation import gettext as _

from meanwhile.expressions import limits, values
from meanwhile.expressions.errors import EvaluationError
from meanwhile.expressions.functions.listing import listed, text_of, unfit, whole_of
from meanwhile.expressions.rendering import readable
from meanwhile.expressions.scope import active_scope, active_zone
from meanwhile.expressions.values import equal, sized


@listed("text", "len")
def length(value: Any) -> Any:
    """How many characters a text has, or items a list; 0 for an empty value."""
    if value is None:
        return 0
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value)
    raise unfit("len", value)


@listed("text")
def lower(text: Any) -> Any:
    """The text in small letters."""
    return None if text is None else sized(text_of(text, "lower").lower())


@listed("text")
def upper(text: Any) -> Any:
    """The text in capital letters."""
    return None if text is None else sized(text_of(text, "upper").upper())


@listed("text")
def trim(text: Any) -> Any:
    """The text without blanks at either end."""
    return None if text is None else text_of(text, "trim").strip()


@listed("text")
def contains(text: Any, part: Any) -> bool:
    """Whether the part stands in the text, or the item in the list; no when either is empty."""
    return part is not None and values.contained(part, text)


@listed("text")
def starts_with(text: Any, start: Any) -> bool:
    """Whether the text begins with ``start``; no when either is empty."""
    return _both(text, start) and text_of(text, "starts_with").startswith(text_of(start, "starts_with"))


@listed("text")
def ends_with(text: Any, end: Any) -> bool:
    """Whether the text ends with ``end``; no when either is empty."""
    return _both(text, end) and text_of(text, "ends_with").endswith(text_of(end, "ends_with"))


@listed("text")
def matches(text: Any, pattern: Any) -> bool:
    """Whether the regular expression (RE2's syntax) fits anywhere in the text; ``^`` and ``$`` bind it to the ends.
    No when the text is empty. Write the pattern as r"…" where it has a backslash."""
    if text is None or pattern is None:
        return False
    return _pattern(text_of(pattern, "matches")).search(text_of(text, "matches")) is not None


@listed("text")
def replace(text: Any, old: Any, new: Any) -> Any:
    """The text with ``new`` wherever ``old`` stands."""
    if text is None or not old:
        return text
    text, old, new = text_of(text, "replace"), text_of(old, "replace"), "" if new is None else text_of(new, "replace")
    if len(text) + text.count(old) * (len(new) - len(old)) > limits.TEXT_LENGTH:
        raise EvaluationError(_("The text gets longer than %d characters.") % limits.TEXT_LENGTH)
    return text.replace(old, new)


@listed("text")
def left(text: Any, count: Any) -> Any:
    """The first ``count`` characters of the text."""
    return None if text is None else text_of(text, "left")[: max(0, whole_of(count, "left"))]


@listed("text")
def right(text: Any, count: Any) -> Any:
    """The last ``count`` characters of the text."""
    if text is None:
        return None
    return text_of(text, "right")[-whole_of(count, "right") :] if whole_of(count, "right") > 0 else ""


@listed("text", "text")
def as_text(value: Any) -> str:
    """Any value as a placeholder shows it; nothing for an empty one."""
    shown: str = sized(readable(value, active_zone()))
    return shown


@listed("text")
def is_empty(value: Any) -> bool:
    """Whether there is no value, no character, or no item."""
    return equal(value, None) or (isinstance(value, (list, tuple, Mapping)) and not value)


@listed("text")
def item(value: Any, key: Any) -> Any:
    """What stands under ``key`` in a json value, or at that place (from 0) in a list; empty where nothing does."""
    if isinstance(value, Mapping):
        found = value.get(key) if isinstance(key, str) else None
    elif isinstance(value, (list, tuple)):
        place = whole_of(key, "item")
        found = value[place] if -len(value) <= place < len(value) else None
    elif value is None:
        found = None
    else:
        raise unfit("item", value)
    return values.plain(found)


@listed("text")
def link(page: Any) -> Any:
    """The address of a page of this record, for the person who gets it: ``link("itinerary")``."""
    make = active_scope().get("link")
    if make is None:
        raise EvaluationError(_("There is no address of a page here."))
    return make(text_of(page, "link"))


def check_pattern(pattern: str) -> None:
    """EvaluationError where ``pattern`` is not one for ``matches``."""
    _pattern(pattern)


@lru_cache(maxsize=64)  # each may keep as much memory as PATTERN_BYTES allows
def _pattern(pattern: str) -> Any:
    """The compiled pattern; EvaluationError where it is none. RE2 takes time in proportion to the text, always."""
    if len(pattern) > limits.PATTERN_LENGTH:
        raise EvaluationError(_("A pattern has at most %d characters.") % limits.PATTERN_LENGTH)
    options = re2.Options()
    options.max_mem = limits.PATTERN_BYTES
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise EvaluationError(_("The pattern is not a regular expression of RE2: %s.") % reason) from None


def _both(left: Any, right: Any) -> bool:
    return left is not None and right is not None
