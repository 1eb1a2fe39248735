"""Pages that read themselves again: by htmx where there is JavaScript, by the browser itself where there is none."""

from typing import Any

from django.http import HttpRequest

SECONDS = 3


def refreshing(request: HttpRequest, *, always: bool = False) -> dict[str, Any]:
    """What the frame needs: whether this page refreshes, its address, and the one with the other choice.

    ``always``: it does without being asked, because what it shows is under way.
    """
    asked = request.GET.get("refresh") == "1"
    other = request.GET.copy()
    other.pop("refresh", None)
    if not asked:
        other["refresh"] = "1"
    return {
        "is_refreshing": asked or always,
        "refresh_seconds": SECONDS,
        "refresh_here": request.get_full_path(),
        "refresh_other": f"{request.path}?{other.urlencode()}" if other else request.path,
        "refresh_can_choose": not always,
    }
