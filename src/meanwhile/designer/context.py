"""What every page of one application's designer shows around its own content."""

from typing import Any

from django.http import HttpRequest

from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Working


def around(request: HttpRequest, working: Working) -> dict[str, Any]:
    """The context of ``designer/frame.html``: the application, its draft, and where we are."""
    return {
        "working": working,
        "key": working.key,
        "application_title": title_of(str(working.document.get("title") or ""), working.key),
        "here": request.get_full_path(),
    }
