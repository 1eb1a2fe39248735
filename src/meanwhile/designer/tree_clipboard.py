"""What a designer cut or copied: one object with all below it, kept in the session, for any tree of any application."""

from typing import Any

from django.http import HttpRequest

from meanwhile.core import exact_json

_KEY = "designer_clipboard"


def keep(request: HttpRequest, node: dict[str, Any], title: str) -> None:
    """Put ``node`` into the clipboard; ``title`` is what the menu calls it."""
    request.session[_KEY] = {"node": exact_json.dumps(node), "title": title}


def kept(request: HttpRequest) -> dict[str, Any] | None:
    """The object in the clipboard; None where nothing was cut or copied."""
    found = request.session.get(_KEY)
    node: dict[str, Any] | None = exact_json.loads(found["node"]) if found else None
    return node


def title(request: HttpRequest) -> str:
    """What is in the clipboard, in words; empty where nothing is."""
    return str(request.session.get(_KEY, {}).get("title", ""))
