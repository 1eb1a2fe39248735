"""An e-mail's HTML inside a page of ours: its structure, and nothing that runs, loads or styles anything."""

import nh3

_TAGS = frozenset(
    {"a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5"}
    | {"h6", "hr", "i", "ins", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody"}
    | {"td", "tfoot", "th", "thead", "tr", "u", "ul"}
)
_CELL = {"colspan", "rowspan"}


def clean(html: str) -> str:
    """``html`` as it may be put into a page. No images: one that loads tells its sender that it was read."""
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href"}, "td": _CELL, "th": _CELL},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
