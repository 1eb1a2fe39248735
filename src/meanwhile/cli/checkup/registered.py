"""What documents call, and whether the code for it is here."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from meanwhile.cli.checkup.finding import Finding, ok, problem
from meanwhile.definitions.unregistered import unregistered


def functions() -> Iterator[Finding]:
    """Functions and node types of versions in use that are not registered in this process."""
    name, found = _("Functions"), unregistered()
    for each in found:
        yield problem(name, each.sentence, each.advice)
    if not found:
        yield ok(name, _("All that documents call is registered."))
