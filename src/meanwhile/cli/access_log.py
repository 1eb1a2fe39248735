"""The lines of ``meanwhile web --access-log``: one for each request, with fields for programs.

Written around the application and not by the server, which knows only the proxy and writes out addresses that open a
record.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from django.core.handlers.wsgi import get_path_info

from meanwhile.core import clock
from meanwhile.core.logging import without_tokens

logger = logging.getLogger("meanwhile.access")

# What may stand in a path as it is; the rest is written as browsers send it, line breaks above all.
_AS_IT_IS = "/:@!$&'()*+,;=~"

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def logged(application: Application) -> Application:
    """``application``, with a line for each request, written when its answer begins."""
    logger.setLevel(logging.INFO)  # who asks for it gets it, however little else is logged

    def answer(request: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, status = clock.monotonic(), 500
        path = get_path_info(request)  # Django puts another text in its place, which cannot be read again

        def start(line: str, *more: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, *more)

        try:
            return application(request, start)
        finally:
            # By now the application has put the person's address in the place of a trusted proxy's.
            client = request.get("REMOTE_ADDR", "")
            _tell(request["REQUEST_METHOD"], path, status, round(1000 * (clock.monotonic() - began), 1), client)

    return answer


def _tell(method: str, path: str, status: int, milliseconds: float, client: str) -> None:
    path = without_tokens(quote(path, safe=_AS_IT_IS))
    logger.info(
        "%s %s: %s in %s ms, for %s",
        method,
        path,
        status,
        milliseconds,
        client,
        extra={"method": method, "path": path, "status": status, "milliseconds": milliseconds, "client": client},
    )
