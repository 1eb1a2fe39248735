"""A document that a designer sends as a file."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from meanwhile.definitions.document import Document
from meanwhile.definitions.loading import load
from meanwhile.definitions.problems import DocumentErrors, Finding, Source

# A document has at most two million characters; this is more in any encoding.
_MOST_BYTES = 8_000_000


def read(request: HttpRequest) -> tuple[str, Document]:
    """The name of the file ``file`` and what it says. DocumentErrors with lines and columns where it cannot be read."""
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise wrong("", _("Choose a file."))
    name = str(file.name or "document.yaml")
    if (file.size or 0) > _MOST_BYTES:
        raise wrong(name, _("The file is too large for a document."))
    return name, load(file.read(), name)


def wrong(name: str, message: str) -> DocumentErrors:
    """The whole file is wrong, for the reason that ``message`` gives."""
    return DocumentErrors(Source(name, {}).locate([Finding((), message)]))
