"""What the names of an expression stand for while it is evaluated."""

import threading
from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.expressions.errors import EvaluationError

# The names that an expression may start with, in the order in which messages list them.
ROOTS = ("record", "old", "event", "user", "now")
# Those of them that have names below; ``record`` alone is not a value.
NAMESPACES = frozenset({"record", "old", "event", "user"})

_UTC = ZoneInfo("UTC")


class Namespace:
    """What has names below it: a record, the event, the user. The one kind of thing with attributes in expressions.

    ``get`` gives the value of a name, which may be another Namespace (a link). ``known``, where given, holds the
    names that exist. As a value of its own a namespace stands for its ``id``.
    """

    __slots__ = ("_get", "_known")

    def __init__(self, get: Callable[[str], Any], known: Container[str] | None = None) -> None:
        self._get = get
        self._known = known

    def get(self, name: str) -> Any:
        """The value of ``name``. EvaluationError where there is no such name."""
        if self._known is not None and name not in self._known:
            raise EvaluationError(_('There is no "%(name)s" here.') % {"name": name}, name=name)
        try:
            return self._get(name)
        except KeyError:
            raise EvaluationError(_('There is no "%(name)s" here.') % {"name": name}, name=name) from None


class _Active(threading.local):
    scope: Mapping[str, Any] | None = None


# The scope of the evaluation that this thread is in; functions such as today() read their zone and clock from it.
ACTIVE = _Active()


def active_scope() -> Mapping[str, Any]:
    """The scope of the present evaluation; empty outside one."""
    return ACTIVE.scope if ACTIVE.scope is not None else {}


def active_zone() -> ZoneInfo:
    """The site's zone, from the scope's ``zone``; UTC where it has none."""
    zone: ZoneInfo | None = active_scope().get("zone")
    return zone or _UTC


def active_now() -> datetime:
    """The moment of the present evaluation, from the scope's ``now``."""
    now: datetime | None = active_scope().get("now")
    return now or clock.now().astimezone(UTC)
