"""The ways into a document: from a file, from text, from the database. Every error at once, each with its place."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from meanwhile.definitions.document import Document
from meanwhile.definitions.explain import findings_of
from meanwhile.definitions.problems import DocumentErrors, Finding, Source
from meanwhile.definitions.reader import MAX_DEPTH, read


def load(text: str | bytes, filename: str = "document.yaml") -> Document:
    """Read a document from YAML. Raises ``DocumentErrors`` with everything that is wrong with its form."""
    reading = read(text)
    source = Source(filename, reading.value, reading.root)
    if reading.findings and (reading.is_broken or not isinstance(reading.value, dict)):
        raise DocumentErrors(source.locate(reading.findings))
    return _build(reading.value, source, reading.findings)


def load_file(path: Path | str) -> Document:
    """Read a document from a file. Raises ``DocumentErrors``, also where the file cannot be read."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        message = _("The file cannot be read: {reason}.").format(reason=error.strerror or type(error).__name__)
        raise DocumentErrors(Source(str(path), {}).locate([Finding((), message)])) from error
    return load(content, str(path))


def load_plain(plain: Mapping[str, Any], name: str = "") -> Document:
    """Read a document from what ``Document.plain`` gave, or from JSON. Raises ``DocumentErrors``, without lines."""
    findings: list[Finding] = []
    value = _plain(plain, (), findings)
    return _build(value, Source(name or str(plain.get("application", "")), value), findings)


def _build(value: Any, source: Source, findings: list[Finding]) -> Document:
    if not isinstance(value, dict):
        message = _('A document is a mapping; it starts with "application: …".')
        raise DocumentErrors(source.locate([*findings, Finding((), message)]))
    try:
        document = Document.model_validate(value)
    except ValidationError as error:
        raise DocumentErrors(source.locate([*findings, *findings_of(error, Document)])) from None
    if findings:
        raise DocumentErrors(source.locate(findings))
    return document.place(source)


def _plain(value: Any, loc: tuple[str | int, ...], findings: list[Finding]) -> Any:
    """A copy made of what YAML can give. JSON's floats become the decimals that they were written as."""
    if len(loc) > MAX_DEPTH:
        findings.append(Finding(loc[:MAX_DEPTH], _("The document is nested too deep.")))
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(item, (*loc, str(key)), findings) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, (*loc, position), findings) for position, item in enumerate(value)]
    if value is None or isinstance(value, (str, bool, int, Decimal)):
        return value
    if isinstance(value, float):
        return Decimal(str(value))
    message = _("A document holds text, numbers, true, false, lists and mappings; this is none of them.")
    findings.append(Finding(loc, message))
    return None
