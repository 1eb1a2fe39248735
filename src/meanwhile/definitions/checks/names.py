"""What several checks ask: whether a name exists, whether an expression finds what it names."""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from pydantic import BaseModel

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.keys import USER_NAMES
from meanwhile.definitions.problems import Finding, Loc, nearest
from meanwhile.expressions import Expression, Template, expressions_in

type Formula = Expression | Template

# What may be named where.
ANYWHERE = ("record", "old", "event", "user", "now", "link")
ON_PAGES = ("record", "user", "now", "link")
IN_RULES = ("record", "old", "event", "user", "now")
IN_PRESETS = ("user", "now")


def missing(loc: Loc, message: str, word: str, known: Iterable[str]) -> Finding:
    """``word`` is none of ``known``; ``message`` says so with ``{word}``."""
    return Finding(loc, message.format(word=word[:80]), nearest(word, known))


def links_elsewhere(formula: Formula) -> bool:
    """Whether it links to something that is not the key of a page, written out."""
    parts = [formula] if isinstance(formula, Expression) else formula.expressions
    return any(_LINK.search(part.source) and not part.pages for part in parts)


# ``link`` as a name of its own: not a part of another word, and not a field.
_LINK = re.compile(r"(?<![\w.])link\s*\(")


class Naming:
    """What the names of an expression lead to, for the records of one table."""

    def __init__(
        self, checked: Checked, table: str, roots: tuple[str, ...] = ANYWHERE, event: tuple[str, ...] = ()
    ) -> None:
        self._draft = checked
        self._table = table
        self._roots = roots
        self._event = ("is_new", *event)

    def check(self, settings: BaseModel, at: Loc) -> Iterator[Finding]:
        """What is wrong with the names in the expressions of ``settings``."""
        for path, formula in expressions_in(settings):
            loc = (*at, *path)
            for names in sorted(formula.paths):
                yield from self._check_path(names, loc)
            for page in sorted(formula.pages):
                yield from self._check_link(page, loc)
            if links_elsewhere(formula):
                yield Finding(loc, _('"link" takes the key of a page in quotes, such as link("itinerary").'))

    def _check_path(self, path: tuple[str, ...], loc: Loc) -> Iterator[Finding]:
        root, *rest = path
        if root not in self._roots:
            message = _('"{word}" is not known here; known are: {known}.')
            yield missing(loc, message.replace("{known}", ", ".join(self._roots)), root, self._roots)
        elif root in ("record", "old"):
            yield from self._check_fields(path, loc)
        elif root == "event":
            yield from self._check_one(rest, self._event, _('The event has no "{word}".'), loc)
        elif root == "user":
            yield from self._check_one(rest, USER_NAMES, _('A user has no "{word}" here.'), loc)
        elif rest:
            yield Finding(
                loc, _('"{root}" has nothing below it; "{path}" does not exist.').format(root=root, path=".".join(path))
            )

    def _check_one(self, rest: list[str], known: tuple[str, ...], message: str, loc: Loc) -> Iterator[Finding]:
        for word in rest[:1]:
            if word not in known:
                yield missing(loc, message, word, known)

    def _check_fields(self, path: tuple[str, ...], loc: Loc) -> Iterator[Finding]:
        table = self._table
        for position, word in enumerate(path[1:], 1):
            if table not in self._draft.tables:
                return  # that is an error of its own
            known = self._draft.readable(table)
            if word not in known:
                yield missing(loc, _('Table "{table}" has no field "{{word}}".').format(table=table), word, known)
                return
            target = self._draft.link_target(table, word)
            if target is None:
                if position < len(path) - 1:
                    message = _('"{path}" is no link to a record; nothing can be named below it.')
                    yield Finding(loc, message.format(path=".".join(path[: position + 1])))
                return
            table = target

    def _check_link(self, word: str, loc: Loc) -> Iterator[Finding]:
        """A link leads to a page of the record, or to a form that changes it."""
        document = self._draft.document
        target = document.pages.get(word) or document.forms.get(word)
        if target is None:
            known = (*document.pages, *document.forms)
            yield missing(loc, _('There is no page or form "{word}" to link to.'), word, known)
        elif target.table != self._table:
            yield Finding(loc, _('"{word}" is of another table; a link leads to this record.').format(word=word))
