"""Reads YAML as documents use it: YAML 1.2's core scalars, exact numbers, and a place for every value.

It knows nothing of tables or nodes. Whatever the bytes, the answer is a value or errors with their places.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml
from django.utils.translation import gettext as _

from meanwhile.definitions.problems import Finding, Loc, Place

# An application of a thousand nodes has a tenth of this.
MAX_CHARACTERS = 2_000_000
# Twenty nested nodes are sixty levels; nobody reads more.
MAX_DEPTH = 100
# Longer than any number that a table keeps; int() of very long digits takes very long.
MAX_DIGITS = 60

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_A_NUMBER = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
# PostgreSQL keeps no NUL, and half a surrogate pair is no text.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
# What YAML itself does not allow to stand in a file.
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A placeholder right after "key:" or "-" reads as a mapping in YAML.
_BARE_PLACEHOLDER = re.compile(r"(?:^|[:\-,\[{]\s)\s*\{\{")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Reading:
    """What a file says: ``value`` made of dict, list, str, int, Decimal, bool and None."""

    value: Any
    root: Place
    findings: list[Finding] = field(default_factory=list)
    # Reading stopped before the end; what ``value`` lacks is no error of its own.
    is_broken: bool = False


def read(text: str | bytes) -> Reading:
    """Read a document. Never raises: what is wrong stands in ``findings``."""
    reading = Reading(None, Place(1, 1))
    decoded = _decode(text, reading)
    if decoded is not None:
        _Composer(decoded, reading).compose()
    return reading


def scalar(text: str) -> Any:
    """What an unquoted ``text`` means. ValueError, with a sentence, for a number that nothing can keep."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NOT_A_NUMBER.match(text):
        raise ValueError(_('"{text}" is not a number that a document can hold.').format(text=text))
    if _NUMBER.match(text):
        return _number(text)
    return text


def _number(text: str) -> int | Decimal:
    number = Decimal(text) if len(text) <= MAX_DIGITS else None
    if number is None or abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError(_("This number is too long; put it in quotes if it is text."))
    return int(text) if _INTEGER.match(text) else number


def _decode(content: str | bytes, reading: Reading) -> str | None:
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        _refuse(reading, line, column, _("This byte is not UTF-8 text; save the file as UTF-8."))
        return None
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        limit = _("The document is too large; {limit} characters are allowed.").format(limit=MAX_CHARACTERS)
        _refuse(reading, 1, 1, limit)
        return None
    if unfit := _UNREADABLE.search(text):
        line = text.count("\n", 0, unfit.start()) + 1
        column = unfit.start() - text.rfind("\n", 0, unfit.start())
        _refuse(reading, line, column, _unfit_message())
        return None
    return text


def _unfit_message() -> str:
    return _("This character cannot be kept; remove it.")


def _refuse(reading: Reading, line: int, column: int, message: str) -> None:
    reading.root.line, reading.root.column = line, column
    reading.findings.append(Finding((), message))


class _Stop(Exception):
    """Nothing after this place can be read."""


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come. ``key``: the one whose value comes next."""

    value: Any
    place: Place
    loc: Loc
    key: str | None = None
    key_place: Place | None = None
    is_duplicate: bool = False


class _Composer:
    """Turns YAML events into values and places, without recursion."""

    def __init__(self, text: str, reading: Reading) -> None:
        self._text = text
        self._reading = reading
        self._stack: list[_Open] = []
        self._documents = 0

    def compose(self) -> None:
        try:
            for event in self._events():
                self._take(event)
        except _Stop:
            return
        if not self._documents and not self._reading.findings:
            _refuse(self._reading, 1, 1, _('The document is empty; it starts with "application: …".'))

    def _events(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self._text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._stop(mark, self._explain(error, mark))
        except yaml.YAMLError as error:
            self._stop(None, _("This is not YAML: {problem}.").format(problem=str(error).splitlines()[0]))

    def _explain(self, error: yaml.MarkedYAMLError, mark: Any) -> str:
        for line in {mark.line, error.context_mark.line if error.context_mark else mark.line} if mark else ():
            if _BARE_PLACEHOLDER.search(self._line(line)):
                return _placeholder_message()
        problem = ", ".join(filter(None, (error.context, error.problem)))
        message = _("This is not YAML: {problem}.").format(problem=problem)
        if "mapping values are not allowed" in problem:
            message += " " + _("A colon is missing on the line before, or this text needs quotes.")
        return message

    def _line(self, number: int) -> str:
        lines = self._text.split("\n", number + 1)
        return lines[number] if number < len(lines) else ""

    def _stop(self, mark: Any, message: str) -> None:
        place = _place(mark) if mark else Place(1, 1)
        self._error(place, message)
        self._reading.is_broken = True
        raise _Stop

    def _error(self, place: Place, message: str, loc: Loc | None = None) -> None:
        """A finding at a place of its own, which the tree of places does not hold."""
        loc = self._loc() if loc is None else loc
        self._reading.findings.append(Finding(loc, message, place=place))

    def _loc(self) -> Loc:
        top = self._stack[-1] if self._stack else None
        if top is None:
            return ()
        if isinstance(top.value, list):
            return (*top.loc, len(top.value))
        return (*top.loc, top.key) if top.key is not None else top.loc

    # --- events --------------------------------------------------------------------------------------------------

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._error(_place(event.start_mark), _("Anchors and aliases (&, *) are not used here; write it out."))
            self._put(None, _place(event.start_mark))
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse_marks(event)
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._refuse_marks(event)
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(event.start_mark, _("One file holds one document; remove this second one."))

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self._error(_place(event.start_mark), _("Anchors and aliases (&, *) are not used here; write it out."))
        if event.tag is not None:
            self._error(
                _place(event.start_mark),
                _('Tags ("{tag}") are not used here; put the text in quotes.').format(
                    tag=str(event.tag).replace("tag:yaml.org,2002:", "!!")[:40]
                ),
            )

    def _scalar(self, event: Any) -> None:
        place = _place(event.start_mark)
        if _UNFIT.search(event.value):
            self._error(place, _unfit_message())
            self._put_scalar("", place, event)
        else:
            self._put_scalar(event.value, place, event)

    def _put_scalar(self, text: str, place: Place, event: Any) -> None:
        if self._wants_key():
            self._key(text, place)
            return
        value: Any = text
        if _is_plain(event) and event.tag is None:
            try:
                value = scalar(text)
            except ValueError as error:
                self._error(place, str(error))
        if event.start_mark.line == event.end_mark.line and event.style not in ("|", ">"):
            place.text_column = place.column + (not _is_plain(event))
        self._put(value, place)

    def _wants_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def _key(self, text: str, place: Place) -> None:
        top = self._stack[-1]
        top.key, top.key_place = text, place
        top.is_duplicate = text in top.value
        if top.is_duplicate:
            first = top.place.children[text]
            message = _('The key "{key}" stands twice; first at line {line}.').format(
                key=text[:80], line=first.key_line
            )
            self._error(place, message)

    def _open(self, event: Any) -> None:
        place = _place(event.start_mark)
        if self._wants_key():
            is_placeholder = self._text[event.start_mark.index - 1 : event.start_mark.index + 1] == "{{"
            self._stop(
                event.start_mark,
                _placeholder_message() if is_placeholder else _("A key is a word, not a mapping or a list."),
            )
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event.start_mark, _("The document is nested too deep."))
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        loc = self._loc()
        self._put(value, place, closes=False)
        self._stack.append(_Open(value, place, loc))

    def _close(self) -> None:
        self._stack.pop()
        if self._stack:
            self._forget_key(self._stack[-1])

    def _put(self, value: Any, place: Place, *, closes: bool = True) -> None:
        if not self._stack:
            self._reading.value, self._reading.root = value, place
            return
        top = self._stack[-1]
        if isinstance(top.value, list):
            top.place.children[len(top.value)] = place
            top.value.append(value)
            return
        if self._wants_key():  # an alias where a key belongs
            self._key("", place)
            return
        if top.key is not None and not top.is_duplicate:
            if top.key_place:
                place.key_line, place.key_column = top.key_place.line, top.key_place.column
            top.value[top.key] = value
            top.place.children[top.key] = place
        if closes:
            self._forget_key(top)

    def _forget_key(self, top: _Open) -> None:
        top.key, top.key_place, top.is_duplicate = None, None, False


def _is_plain(event: Any) -> bool:
    """Whether a scalar stands without quotes (libyaml says so with an empty style)."""
    return not event.style


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _placeholder_message() -> str:
    return _('A text with a placeholder stands in quotes: "{example}".').format(example="{{ record.email }}")
