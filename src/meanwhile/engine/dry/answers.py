"""What functions and other effects are assumed to answer, as the person who tries it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import ActionFailed


@dataclass(frozen=True, slots=True)
class Fails:
    """An effect that is assumed to fail, every time that it is tried."""

    message: str = ""

    def error(self) -> ActionFailed:
        """The error that the action would end with."""
        return ActionFailed(self.message or _("Assumed for this dry run: it fails."))


# Beside None, which is an answer too.
NOT_SAID = object()


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers, or ``Fails``, by the id of a node or the name of a function; the node's own goes first."""

    given: Mapping[str, Any] = field(default_factory=dict)

    def of(self, node_id: str, request: Mapping[str, Any]) -> Any:
        """What was said of this effect; ``NOT_SAID`` where nothing was."""
        for name in (node_id, request.get("function")):
            if isinstance(name, str) and name in self.given:
                return self.given[name]
        return NOT_SAID


def merged(rehearsed: Mapping[str, Any], given: Any) -> Mapping[str, Any]:
    """The rehearsed answer with what was said put in: in the place of ``value`` where it has one, else part by part."""
    if given is NOT_SAID:
        return rehearsed
    if "value" in rehearsed or not isinstance(given, Mapping):
        return {**rehearsed, "value": given}
    return {**rehearsed, **given}
