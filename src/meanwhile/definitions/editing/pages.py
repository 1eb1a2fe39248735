"""Changes of pages: content pages and wait pages, made, set up and taken out.

Everything here returns a new document and leaves the old one as it was.
"""

from typing import Any, Literal

from meanwhile.definitions.editing.parts import add, configure, existing, part, remove

type Plain = dict[str, Any]

SECTION = "pages"
# What ``configure_page`` sets: all that a page can have. The last ones are for wait pages only.
WAITING = ("flag", "every", "too_long", "next", "done", "failed")
SETTINGS = ("kind", "table", "title", "text", *WAITING)


def pages(plain: Plain) -> Plain:
    """The pages of a document, by key."""
    return part(plain, SECTION)


def page(plain: Plain, key: str) -> Plain:
    """A page. EditRefused where there is none: somebody may have deleted it."""
    return existing(plain, SECTION, key)


def add_page(plain: Plain, key: str, kind: Literal["content", "wait"], table: str, title: str = "") -> Plain:
    """A new page that shows a record of ``table``. EditRefused where the key is taken or cannot be one."""
    return add(plain, SECTION, key, {"kind": kind, "table": table, **({"title": title} if title else {})})


def remove_page(plain: Plain, key: str) -> Plain:
    """Take a page out. What leads to it stays, and is wrong then."""
    return remove(plain, SECTION, key)


def configure_page(plain: Plain, key: str, settings: Plain) -> Plain:
    """Give a page its settings, as they stand in a document; those that are not given are taken out. A page that does
    not wait keeps nothing of what is for wait pages."""
    kept = {name: value for name, value in settings.items() if settings.get("kind") == "wait" or name not in WAITING}
    return configure(plain, SECTION, key, kept, SETTINGS)
