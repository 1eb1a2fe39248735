"""What expressions can name: record, old, event, user, now, link. Everything is read only when it is named."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from django.contrib.auth import get_user_model

from meanwhile.core.zone import site_zone
from meanwhile.definitions.program import Program
from meanwhile.engine.gathered import Origin
from meanwhile.engine.record import Linked, RecordState
from meanwhile.engine.walk import Frame
from meanwhile.expressions import Namespace
from meanwhile.tables import records
from meanwhile.tables.table import Table

# What expressions may read of a person; never anything else of the user model.
USER_NAMES = frozenset({"id", "email", "name", "username", "is_signed_in"})


# Table key and id to the values of that record; None where there is none.
type ReadRecord = Callable[[str, Any], Mapping[str, Any] | None]
type Identify = Callable[[], Any]
type Link = Callable[[str], str]
type Scope = Mapping[str, Any]


class ScopeBuilder:
    """Builds the scopes of one walk. ``read``: how linked records are read; by default from the database, by the tables
    of ``program``."""

    def __init__(self, program: Program, user_id: int | None, now: datetime, read: ReadRecord | None = None) -> None:
        self._program = program
        self._user_id = user_id
        self._now = now
        self._linked = Linked(read or partial(_read, program.tables))
        self.zone = site_zone()
        # What the scope at hand is of: an event and its parameters.
        self._of: tuple[str, Any] = ("", None)
        self._scope: Mapping[str, Any] = {}

    def scope_of(self, frame: Frame, record: RecordState, origin: Origin, identify: Identify, link: Link) -> Scope:
        """The scope at ``frame`` of a walk; the same one for all nodes of one event, since it shows the record as it is
        at each moment. See ``build``."""
        event, parameters = self._of
        if parameters is not frame.parameters or event != frame.event:
            self._of = (frame.event, frame.parameters)
            parameters = {"is_new": origin.is_new, **frame.parameters}
            self._scope = self.build(record, identify, origin.old, parameters, link)
        return self._scope

    def forget(self) -> None:
        """Let go of the scope at hand. It leads back to the walk that is asked for ids and links: kept, the two would
        be memory that only the garbage collector can find."""
        self._of, self._scope = ("", None), {}

    def build(
        self,
        record: RecordState,
        identify: Identify,
        old: Mapping[str, Any],
        event: Mapping[str, Any],
        link: Link,
    ) -> Scope:
        """The names of expressions for the record as it is at each moment. ``identify`` gives the record's id,
        inserting it first where it has none; ``link`` the address of a page of it."""
        return {
            "record": self._namespace(record.table, record.values, identify),
            "old": self._namespace(record.table, old, None),
            "event": Namespace(event.get, event),
            "user": Namespace(self._of_user, USER_NAMES),
            "now": self._now,
            "zone": self.zone,
            "link": link,
        }

    def _namespace(self, table: Table, values: Mapping[str, Any], identify: Identify | None) -> Namespace:
        def get(name: str) -> Any:
            if name == "id" and identify is not None:
                return identify()
            value = values.get(name)
            target = table.link_target(name)
            return self._follow(target, value) if target else value

        return Namespace(get, table.readable)

    def _follow(self, target: str, id_: Any) -> Any:
        values = self._linked.get(target, id_) if id_ is not None else None
        return None if values is None else self._namespace(self._program.tables[target], values, None)

    def _of_user(self, name: str) -> Any:
        return self._person.get(name)

    @cached_property
    def _person(self) -> Mapping[str, Any]:
        user = get_user_model().objects.filter(pk=self._user_id).first() if self._user_id else None
        if user is None:
            return {"is_signed_in": False}
        return {
            "id": user.pk,
            "email": user.email or None,
            "name": user.get_full_name() or user.get_username(),
            "username": user.get_username(),
            "is_signed_in": True,
        }


def _read(tables: Mapping[str, Table], table_key: str, id_: Any) -> Mapping[str, Any] | None:
    return records.read(tables[table_key], [id_]).get(id_)
