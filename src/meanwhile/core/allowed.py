"""What a setting may be: whether a value fits, and in words what would.

Not translated, as everything that is said of settings: which language to use is one of them.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from os import PathLike
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


class Allowed(ABC):
    """As text, the words that follow "it has to be"."""

    # Whether a value that does not fit may be shown; a secret may not.
    is_open: ClassVar[bool] = True

    @abstractmethod
    def fits(self, value: Any) -> bool:
        """Whether a setting may have this value, whatever its type is."""


@dataclass(frozen=True, slots=True)
class Number(Allowed):
    """Finite, between two limits that are allowed themselves."""

    least: float
    most: float

    def fits(self, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and self.least <= value <= self.most

    def __str__(self) -> str:
        return f"a number from {self.least:,} to {self.most:,}"


@dataclass(frozen=True, slots=True)
class Positive(Allowed):
    """More than nothing, and up to a limit."""

    most: float

    def fits(self, value: Any) -> bool:
        return value != 0 and Number(0, self.most).fits(value)

    def __str__(self) -> str:
        return f"a number above 0, up to {self.most:,}"


@dataclass(frozen=True, slots=True)
class Whole(Allowed):
    """A number without a fraction, between two limits that are allowed themselves."""

    least: int
    most: int

    def fits(self, value: Any) -> bool:
        return isinstance(value, int) and Number(self.least, self.most).fits(value)

    def __str__(self) -> str:
        return f"a whole number from {self.least:,} to {self.most:,}"


class Secret(Allowed):
    """A text that is never shown, or None."""

    is_open = False

    def fits(self, value: Any) -> bool:
        return value is None or isinstance(value, str)

    def __str__(self) -> str:
        return "a text, or None"


class Folder(Allowed):
    """The path of a folder, which need not be there yet, or None."""

    def fits(self, value: Any) -> bool:
        return value is None or (isinstance(value, str | PathLike) and bool(str(value)))

    def __str__(self) -> str:
        return "the path of a folder, or None"


class Zone(Allowed):
    """A time zone that this machine knows, or None."""

    def fits(self, value: Any) -> bool:
        return value is None or (isinstance(value, str) and _is_zone(value))

    def __str__(self) -> str:
        return 'the name of a time zone, such as "Europe/Vienna", or None'


class Origin(Allowed):
    """What stands before a path in an address, or nothing."""

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and (not value or _is_origin(value))

    def __str__(self) -> str:
        return 'an address such as "https://example.org", without a slash at its end, or empty'


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of names, such as "Europe"
        return False
    return True


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not text.endswith("/")
