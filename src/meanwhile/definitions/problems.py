"""What is wrong with a document, and where: findings by their path, placed in the file that they came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from django.utils.translation import gettext as _

from meanwhile.core.errors import PermanentError

Severity = Literal["error", "warning"]
# Where something stands in a document: keys of mappings and positions in lists, from the outside in.
Loc = tuple[str | int, ...]


@dataclass(slots=True)
class Place:
    """Where a value stands in a file, with the places of what is in it. Lines and columns count from 1."""

    line: int
    column: int
    key_line: int | None = None
    key_column: int | None = None
    # The text of the value starts here and stands as it is on one line, so that a place inside can be counted.
    text_column: int | None = None
    children: dict[str | int, "Place"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mend:
    """A way to put something right without thinking: ``name`` is one of ``editing.mending``, done at ``loc``.

    ``label`` says what happens, as a command: "Move it into a Background". ``value``: what the mend needs to know.
    """

    label: str
    name: str
    loc: Loc
    value: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at ``loc``. ``at_key``: the key there is meant, not its value."""

    loc: Loc
    message: str
    suggestion: str | None = None
    severity: Severity = "error"
    at_key: bool = False
    # The finding stands behind the start of its value by this much, where the value is on one line.
    offset: int = 0
    # Where it stands, for what the tree of places does not hold (a second key, broken YAML).
    place: Place | None = None
    mends: tuple[Mend, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """A finding with its place: ``booking.yaml:14:9: Unknown … (tables > booking > …). Did you mean "…"?``.

    ``line`` and ``column`` count from 1, and are None for a document that came from no file. ``loc`` is the same place
    as ``path``, for programs. ``mends``: what can be done about it with one click, the best first.
    """

    file: str
    line: int | None
    column: int | None
    path: str
    message: str
    suggestion: str | None = None
    severity: Severity = "error"
    loc: Loc = ()
    mends: tuple[Mend, ...] = ()

    @property
    def place(self) -> str:
        """``booking.yaml:14:9``; only the name where no line is known."""
        return self.file if self.line is None else f"{self.file}:{self.line}:{self.column}"

    @property
    def sentence(self) -> str:
        """The message with its path and suggestion, without the place."""
        message = self.message
        if self.path:
            message = f"{message.removesuffix('.')} ({self.path})."
        if self.suggestion:
            message += " " + _('Did you mean "{word}"?').format(word=self.suggestion)
        return message

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class DocumentErrors(PermanentError):
    """A document cannot be used. ``problems``: every error that was found, in the order of the file."""

    def __init__(self, problems: Iterable[Located]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)), problems=self.problems)


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a document came from; ``root`` None: from the database."""

    file: str
    raw: Any
    root: Place | None = None

    def locate(self, findings: Iterable[Finding]) -> list[Located]:
        """``findings`` with their places, in the order of the file."""
        return sorted(map(self._locate, findings), key=lambda problem: (problem.line or 0, problem.column or 0))

    def _locate(self, finding: Finding) -> Located:
        line, column = self._line_and_column(finding)
        return Located(
            self.file,
            line,
            column,
            path_of(self.raw, finding.loc),
            finding.message,
            finding.suggestion,
            finding.severity,
            finding.loc,
            (*finding.mends, *self._by_word(finding)),
        )

    def _by_word(self, finding: Finding) -> Iterator[Mend]:
        """To take the suggested word, where the wrong one stands alone at its place."""
        if finding.suggestion is not None and isinstance(_value_at(self.raw, finding.loc), str):
            label = _('Use "{word}"').format(word=finding.suggestion)
            yield Mend(label, "use_word", finding.loc, finding.suggestion)

    def _line_and_column(self, finding: Finding) -> tuple[int | None, int | None]:
        if finding.place is not None:
            return finding.place.line, finding.place.column
        if self.root is None:
            return None, None
        place, is_exact = _descend(self.root, finding.loc)
        if finding.at_key and is_exact and place.key_line is not None:
            return place.key_line, place.key_column
        if finding.offset and is_exact and place.text_column is not None:
            return place.line, place.text_column + finding.offset
        return place.line, place.column


def _descend(place: Place, loc: Loc) -> tuple[Place, bool]:
    """The place that ``loc`` leads to. Parts that the file does not spell out (a shorthand, a list that stands for a
    mapping with ``do``) are passed over."""
    is_exact = True
    for part in loc:
        inner = place.children.get(part)
        is_exact = inner is not None or not place.children
        place = inner or place
    return place, is_exact


def path_of(raw: Any, loc: Loc) -> str:
    """``loc`` for people: ``tables > booking > events > record_update``. A node stands as its type."""
    return " > ".join(_words(raw, loc))


def _words(raw: Any, loc: Loc) -> Iterator[str]:
    said: str | None = None
    for position, part in enumerate(loc):
        is_last = position == len(loc) - 1
        inner = _step(raw, part)
        if isinstance(part, str):
            if part != said and (inner is not None or isinstance(raw, dict)):
                yield part
            said = None
        elif not is_last and (word := _type_of(inner)):
            yield word
            said = word
        raw = raw if inner is None else inner


def _value_at(raw: Any, loc: Loc) -> Any:
    """What stands at ``loc``, also where an event or settings are spelled in their short form; None for nothing."""
    for index, part in enumerate(loc):
        if isinstance(raw, str) and index == len(loc) - 1:
            return raw
        raw = raw if isinstance(raw, list) and part == "do" else _step(raw, part)
    return raw


def _step(raw: Any, part: str | int) -> Any:
    if isinstance(raw, dict):
        return raw.get(part)
    if isinstance(raw, list) and isinstance(part, int) and 0 <= part < len(raw):
        return raw[part]
    return None


def _type_of(raw: Any) -> str | None:
    """The node type of a mapping in a list; the first key that is not one of those beside it."""
    if not isinstance(raw, dict):
        return None
    return next((key for key in raw if key not in BESIDE_TYPE and not isinstance(key, int)), None)


# What stands beside the type of a node.
BESIDE_TYPE = ("id", "name", "disabled", "note", "do", "otherwise")


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The one of ``known`` that ``word`` was probably meant to be."""
    near = get_close_matches(str(word)[:80], list(known), 1)
    return near[0] if near else None
