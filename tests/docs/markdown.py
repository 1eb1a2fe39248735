"""Finds the pieces of a Markdown page that a test can hold against the code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block. ``file``: the name that its first line gives it, such as ``# workshop.yaml``."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        found = re.match(r"# (\w+\.(?:yaml|py))$", self.text.partition("\n")[0])
        return found[1] if found else None


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of ``page``, top to bottom."""
    for language, text in _FENCE.findall(page.read_text()):
        yield Block(language, text)


def links(page: Path) -> Iterator[str]:
    """Where the links and pictures of ``page`` lead."""
    yield from _LINK.findall(_CODE.sub("", _FENCE.sub("", page.read_text())))


def first_cells(page: Path) -> set[str]:
    """Code in the first column of the tables of ``page``."""
    return set(re.findall(r"^\| `([^`]+)` \|", page.read_text(), re.M))
