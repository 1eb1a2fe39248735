"""Values of a document in one line of text, and back: what a person types becomes a number, a truth value, a list or
text, as the field that it goes into wants it; in double quotes it is text, whatever it looks like."""

import json
import re
from decimal import Decimal
from typing import Any, Final


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


# Nothing was given, which is not the same as null.
MISSING: Final = _Missing()

NULL = "null"
_WORDS = {"true": True, "false": False}
_YES_OR_NO = {**_WORDS, "yes": True, "no": False}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,40})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,40})\.[0-9]{1,40}")
# What is kept as it is typed; "5" of such a field is text.
_TEXTS = frozenset({"text", "long_text", "email", "url", "choice", "date", "datetime"})
_NUMBERS = frozenset({"integer", "decimal", "link", "user"})


def read_value(text: str, type_: str = "") -> Any:
    """``text`` as a value for a field of that type ("": unknown); MISSING where nothing is typed."""
    line = text.strip()
    if not line:
        return MISSING
    if line == NULL:
        return None
    if line.startswith('"') and isinstance(quoted := _json(line), str):
        return quoted
    if type_ in _TEXTS:
        return text
    if line[0] in "[{" and isinstance(structure := _json(line), (list, dict)):
        return structure
    return _read_scalar(text, line, type_)


def _read_scalar(text: str, line: str, type_: str) -> Any:
    words = _YES_OR_NO if type_ == "boolean" else {} if type_ in _NUMBERS else _WORDS
    if (word := line.lower() if type_ == "boolean" else line) in words:
        return words[word]
    if type_ != "boolean" and _INTEGER.fullmatch(line):
        return int(line)
    if type_ != "boolean" and _DECIMAL.fullmatch(line):
        return Decimal(line)
    return text


def show_value(value: Any, type_: str = "") -> str:
    """``value`` as a person would type it, so that ``read_value`` gives the same again."""
    if value is MISSING:
        return ""
    if isinstance(value, str):
        return value if read_value(value, type_) == value and value.strip() else _written(value)
    return _written(value)


def _written(value: Any) -> str:
    """As JSON, numbers exactly."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(str(key))}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING


def _refuse(word: str) -> None:
    raise ValueError(word)
