"""What one check found: how bad it is, what it means, and what to do."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """A problem makes the doctor end with 1. A warning is worth a look. What could not be looked at was skipped."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """``meaning``: what is so, as a sentence. ``advice``: what to do about it, empty where nothing is to be done."""

    check: str
    level: Level
    meaning: str
    advice: str = ""

    def to_plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


type Check = Callable[[], Iterable[Finding]]


def ok(check: str, meaning: str) -> Finding:
    return Finding(check, Level.OK, meaning)


def warning(check: str, meaning: str, advice: str) -> Finding:
    return Finding(check, Level.WARNING, meaning, advice)


def problem(check: str, meaning: str, advice: str) -> Finding:
    return Finding(check, Level.PROBLEM, meaning, advice)


def skipped(check: str, meaning: str) -> Finding:
    return Finding(check, Level.SKIPPED, meaning)
