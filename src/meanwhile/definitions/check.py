"""Everything that can be wrong with a document as a whole, found without running or saving anything.

``load`` has read its form; here its parts are held against each other: names that must exist, values that must fit,
expressions that must find their fields, and races that a designer would rather know about. Errors keep a document from
being published, warnings do not.
"""

from collections.abc import Iterator

from meanwhile.definitions import checks
from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.walks import walks_of
from meanwhile.definitions.document import Document
from meanwhile.definitions.problems import Finding, Located


def check(document: Document) -> list[Located]:
    """All problems of ``document``, errors and warnings, in the order of the file."""
    return document.source.locate(_findings(Checked(document)))


def _findings(checked: Checked) -> Iterator[Finding]:
    for find in (checks.tables.findings, checks.forms.findings, checks.pages.findings, checks.nodes.findings):
        yield from find(checked)
    walks = walks_of(checked)
    for find_on in (checks.races.findings, checks.flags.findings, checks.circles.findings):
        yield from find_on(checked, walks)
