"""Text that a designer wrote, as HTML: a small subset of Markdown around placeholders.

Paragraphs (a line break stays one), ``## heading``, lists with ``- `` or ``1. ``, ``**bold**``, ``*italic*`` and
``[words](address)``; a backslash takes a sign literally. Everything else is text. The structure is made from the
designer's text before any value is put in, so that no value of a record can become markup.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from meanwhile.expressions import Template, compile_template

type Scope = Mapping[str, Any]

# Signs that stand for a placeholder while the structure is read; private-use, and taken out of what people wrote.
_OPEN, _CLOSE = "\ue000", "\ue001"
_HIDDEN = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_INLINE = re.compile(
    r"\\(?P<literal>[\\*\[\]()#-])"
    r"|\*\*(?P<strong>(?=\S).+?(?<=\S))\*\*"
    r"|\*(?P<em>(?=\S)[^*]+?(?<=\S))\*"
    r"|\[(?P<words>[^\[\]]+)\]\((?P<address>[^()\s]+)\)"
    r"|(?P<br>\n)",
    re.S,
)
_LINE = re.compile(r"\s{0,3}(?:(?P<ul>[-*])\s+|(?P<ol>\d{1,3}[.)])\s+|(?P<h>\#{1,3})\s+)?(?P<text>.*)")
_BREAK = format_html("<{}>", "br")
_SCHEMES = {"http", "https", "mailto"}


class Part(ABC):
    """A piece of the structure."""

    @abstractmethod
    def render(self, scope: Scope) -> SafeString: ...


@dataclass(frozen=True)
class Text(Part):
    """Words and placeholders; every value is escaped."""

    template: Template

    def render(self, scope: Scope) -> SafeString:
        lines = self.template.render(scope).splitlines() or [""]
        return format_html_join(_BREAK, "{}", ((line,) for line in lines))


@dataclass(frozen=True)
class Group(Part):
    """Parts one after another, within an element where ``form`` names one."""

    form: str
    parts: tuple[Part, ...]

    def render(self, scope: Scope) -> SafeString:
        return format_html(self.form, format_html_join("", "{}", ((part.render(scope),) for part in self.parts)))


@dataclass(frozen=True)
class Link(Part):
    """A link; just its words where the address is none that a page may lead to."""

    address: Template
    words: Group

    def render(self, scope: Scope) -> SafeString:
        address = self.address.render(scope).strip()
        words = self.words.render(scope)
        return format_html('<a href="{}">{}</a>', address, words) if is_safe(address) else words


def markup(text: Template, scope: Scope) -> SafeString:
    """``text`` as HTML, its placeholders filled from ``scope``."""
    return structure(text.source).render(scope)


def is_safe(address: str) -> bool:
    """Whether a page may lead there: the web, a mail address, or a place on this site."""
    if not address or re.search(r"[\x00-\x20\\\x7f]", address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme in _SCHEMES
    return not address.startswith("//") and ":" not in address.partition("/")[0]


@lru_cache(maxsize=512)
def structure(source: str) -> Part:
    """The structure of ``source``, ready to be filled."""
    placeholders: list[str] = []
    text = ""
    for part in compile_template(source).parts:
        if isinstance(part, str):
            text += part.replace(_OPEN, "").replace(_CLOSE, "").replace("\r\n", "\n")
        else:
            text += f"{_OPEN}{len(placeholders)}{_CLOSE}"
            placeholders.append(f"{{{{{part.source}}}}}")
    return Group("{}", tuple(_blocks(text, placeholders)))


def _blocks(text: str, placeholders: list[str]) -> Iterable[Part]:
    lines = [match for line in text.split("\n") if (match := _LINE.fullmatch(line))]
    for kind, group in groupby(lines, key=_kind):
        texts = [match["text"].rstrip() for match in group]
        if kind in ("ul", "ol"):
            items = tuple(Group("<li>{}</li>", _inline(item, placeholders)) for item in texts)
            yield Group(f"<{kind}>{{}}</{kind}>", items)
        elif kind == "h":
            yield from (Group("<h2>{}</h2>", _inline(item, placeholders)) for item in texts)
        elif kind == "p":
            yield Group("<p>{}</p>", _inline("\n".join(texts), placeholders))


def _kind(line: re.Match[str]) -> str:
    named = next((name for name in ("ul", "ol", "h") if line[name]), None)
    return named or ("p" if line["text"].strip() else "blank")


def _inline(text: str, placeholders: list[str]) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    for match in _INLINE.finditer(text):
        parts += _text(text[end : match.start()], placeholders)
        parts.append(_element(match, placeholders))
        end = match.end()
    return (*parts, *_text(text[end:], placeholders))


def _element(match: re.Match[str], placeholders: list[str]) -> Part:
    if match["strong"]:
        return Group("<strong>{}</strong>", _inline(match["strong"], placeholders))
    if match["em"]:
        return Group("<em>{}</em>", _inline(match["em"], placeholders))
    if match["address"]:
        words = Group("{}", _inline(match["words"], placeholders))
        return Link(_template(match["address"], placeholders), words)
    return Group("<br>{}", ()) if match["br"] else Text(compile_template(match["literal"]))


def _text(text: str, placeholders: list[str]) -> list[Part]:
    return [Text(_template(text, placeholders))] if text else []


def _template(text: str, placeholders: list[str]) -> Template:
    return compile_template(_HIDDEN.sub(lambda match: placeholders[int(match[1])], text))
