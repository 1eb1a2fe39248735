"""What every page of one application's designer shows around its own content."""

from typing import Any

from django.http import HttpRequest

from meanwhile.definitions.document import title_of
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.inspection import Inspection, inspect


def around(request: HttpRequest, working: Working, inspection: Inspection | None = None) -> dict[str, Any]:
    """The context of ``designer/frame.html``: the application, its draft, what is wrong with it, and where we are."""
    inspection = inspection or inspect(working.document)
    return {
        "working": working,
        "key": working.key,
        "application_title": title_of(str(working.document.get("title") or ""), working.key),
        "inspection": inspection,
        "here": request.get_full_path(),
    }
