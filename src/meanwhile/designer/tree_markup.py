"""The rows of a tree as HTML.

Written here and not in a template: a tree of 500 objects is drawn anew after every change, and takes a template
thirty times as long.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from meanwhile.designer.tree_rows import Row


def markup(rows: Iterable[Row], label: str) -> SafeString:
    """The whole tree. ``label`` is its name for screen readers. Everything that is not ours is escaped."""
    words = _Words()
    pieces = (_WRITERS[row.sort](row, words) for row in rows)
    opening = f'<ul class="mw-tree" role="tree" aria-label="{escape(label)}" id="tree">'
    return mark_safe(opening + "".join(pieces) + "</ul>")  # noqa: S308 - each piece escapes what it is given


class _Words:
    """The words that stand in many rows, looked up once."""

    def __init__(self) -> None:
        self.lane = escape(_("in the background"))
        self.disabled = escape(_("disabled"))
        self.not_set_up = escape(_("not set up yet"))
        self.next_page = escape(_("Here the person sees the next page"))


def _line(row: Row, words: _Words) -> str:
    attributes = [
        f' data-node="{escape(row.id)}"' if row.id else "",
        f' data-kind="{escape(row.kind)}"' if row.kind else "",
        " data-lane" if row.lane else "",
        " data-disabled" if row.is_disabled else "",
    ]
    return f'<li role="none"{"".join(attributes)}>'


def _list(row: Row, words: _Words) -> str:
    id_ = escape(row.id)
    place = f'data-parent="{id_}" data-side="{row.side}" id="below-{id_}-{row.side}"'
    return f'<ul class="mw-tree-list" role="group" {place}>'


def _marker(row: Row, words: _Words) -> str:
    return f'<li role="none" class="mw-tree-marker"><span aria-hidden="true">{words.next_page}</span></li>'


def _item(row: Row, words: _Words) -> str:
    body = f'<span class="mw-node-words">{_name(row)}{_what(row)}</span>{"".join(_tags(row, words))}'
    icon = '<span class="mw-node-icon" aria-hidden="true"></span>'
    return f'<a class="mw-node" role="treeitem"{_state(row)}>{icon}<span class="mw-node-body">{body}</span></a>'


def _state(row: Row) -> str:
    id_ = escape(row.id)
    below = f' aria-expanded="true" aria-owns="below-{escape(row.owns)}"' if row.is_parent else ""
    place = ' aria-selected="true" id="selected"' if row.is_selected else ' aria-selected="false" tabindex="-1"'
    href = f"?node={quote(row.id, safe='')}"
    return f' aria-level="{row.level}"{place}{below} data-id="{id_}" data-kind="{escape(row.kind)}" href="{href}"'


def _name(row: Row) -> str:
    if not row.name:
        return ""
    colon = '<span class="visually-hidden">: </span> ' if row.line else ""
    return f"<strong>{escape(row.name)}</strong>{colon}"


def _what(row: Row) -> str:
    if row.line is None:
        text = escape(row.label)
    else:
        text = "".join(f"<em>{escape(each.text)}</em>" if each.is_label else escape(each.text) for each in row.line)
    return f'<span class="mw-node-line">{text}</span>'


def _tags(row: Row, words: _Words) -> Iterator[str]:
    if row.line is None:
        yield f' <span class="mw-tag" data-state="retrying">{words.not_set_up}</span>'
    if row.is_disabled:
        yield f' <span class="mw-tag">{words.disabled}</span>'
    if row.has_chip:
        yield f' <span class="mw-node-lane">{words.lane}</span>'
    elif row.lane:
        yield f'<span class="visually-hidden">, {words.lane}</span>'
    for severity, text in (("error", row.errors), ("warning", row.warnings)):
        if text:
            yield f' <span class="mw-node-mark" data-severity="{severity}">{escape(text)}</span>'


_WRITERS: Mapping[str, Callable[[Row, _Words], str]] = {
    "li": _line,
    "/li": lambda row, words: "</li>",
    "ul": _list,
    "/ul": lambda row, words: "</ul>",
    "marker": _marker,
    "item": _item,
}
