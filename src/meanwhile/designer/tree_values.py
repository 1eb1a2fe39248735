"""What an expression gives for a sample record, or what is wrong with it, in a sentence: for who writes it.

The sample is one of the newest records of the published table, or a new record with its defaults. Nothing is computed
but expressions of ours; nothing is saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from pydantic import create_model

from meanwhile.core import clock
from meanwhile.core.errors import MeanwhileError
from meanwhile.core.zone import site_zone
from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.names import Naming
from meanwhile.definitions.document import Document
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import Program, program
from meanwhile.engine.record import RecordState
from meanwhile.engine.scope import ScopeBuilder
from meanwhile.expressions import (
    Expression,
    ExpressionSetting,
    Template,
    TextSetting,
    compile_expression,
    compile_template,
)
from meanwhile.expressions.rendering import readable
from meanwhile.tables import records
from meanwhile.tables.table import Table

# As many records can be chosen as a sample.
_NEWEST = 10
NEW = "new"
# More of a value helps nobody who writes an expression.
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What is said below an expression. ``severity``: ``error``, ``value``, or ``nothing`` where nothing is typed."""

    text: str
    severity: str = "value"
    label: str = ""


class Sample:
    """The sample for the events of one table: the record that was ``chosen``, its id or ``new``."""

    def __init__(self, working: Working, document: Document, table: str, chosen: str) -> None:
        self._published = working.published
        self._program = Program(Version(number=0), document)
        self._table = self._program.table(table)
        self.choices = [*self._newest(), (NEW, _("A new record with its defaults"))]
        self.chosen = chosen if chosen in dict(self.choices) else self.choices[0][0]

    @cached_property
    def _kept(self) -> Mapping[str, Table]:
        """The tables as they are published: only those have records."""
        return program(self._published.pk).tables if self._published else {}

    def _newest(self) -> list[tuple[str, str]]:
        kept = self._kept.get(self._table.key)
        if kept is None:
            return []
        ids = list(kept.model._default_manager.order_by("-pk").values_list("pk", flat=True)[:_NEWEST])
        found = records.read(kept, ids)
        return [(str(id_), f"#{id_} {kept.describe(found[id_])}") for id_ in ids if id_ in found]

    def _read(self, table: str, id_: Any) -> Mapping[str, Any] | None:
        """A record as the draft sees it: a field that is not published yet has its default."""
        kept = self._kept.get(table)
        values = records.read(kept, [id_]).get(id_) if kept else None
        return None if values is None else records.new_values(self._program.table(table)) | values

    def _state(self) -> RecordState:
        kept = self._kept.get(self._table.key)
        id_ = None if self.chosen == NEW or kept is None else kept.read_id(self.chosen)
        values = self._read(self._table.key, id_) if id_ is not None else None
        if values is None:
            return RecordState(self._table, None, records.new_values(self._table))
        return RecordState(self._table, id_, values)

    def scope(self, user_id: int | None, parameters: tuple[str, ...]) -> Mapping[str, Any]:
        """The names of expressions. A record that is chosen was there before and is saved unchanged."""
        state = self._state()
        builder = ScopeBuilder(self._program, user_id, clock.now(), self._read)
        event = {"is_new": state.id is None, **dict.fromkeys(parameters)}
        return builder.build(
            state, lambda: state.id, {} if state.id is None else dict(state.values), event, _address_of
        )


def _address_of(page: str) -> str:
    return _("(the address of “{page}”)").format(page=page)


class Explaining:
    """Says what texts of one event give for a sample."""

    def __init__(self, document: Document, table: str, event: str, sample: Sample, user_id: int | None) -> None:
        parameters = parameters_of(document, event)
        self._naming = Naming(Checked(document), table, event=parameters)
        self._scope = sample.scope(user_id, parameters)

    def tell(self, kind: str, text: str) -> Told:
        """``kind``: ``expression``, ``text`` or ``value``, as controls name it."""
        if not text.strip():
            return Told("", "nothing")
        try:
            return self._told(kind, text)
        except MeanwhileError as error:
            return Told(error.message, "error")

    def _told(self, kind: str, text: str) -> Told:
        formula = compile_expression(text) if kind == "expression" else compile_template(text)
        for finding in self._naming.check(_holder(formula), ()):
            hint = _('Did you mean "{word}"?').format(word=finding.suggestion) if finding.suggestion else ""
            return Told(f"{finding.message} {hint}".strip(), "error")
        if isinstance(formula, Expression):
            return Told(_shown(formula.evaluate(self._scope)))
        return Told(_shown(formula.value(self._scope) if kind == "value" else formula.render(self._scope)))


def parameters_of(document: Document, event: str) -> tuple[str, ...]:
    """The parameters of an event; none where it has none, or does not exist yet."""
    return next((tree.definition.parameters for tree in document.trees() if tree.event == event), ())


_HOLDERS = {
    Expression: create_model("_Expression", formula=(ExpressionSetting, ...)),
    Template: create_model("_Text", formula=(TextSetting, ...)),
}


def _holder(formula: Expression | Template) -> Any:
    """Settings that consist of ``formula`` alone, as checks take them."""
    return _HOLDERS[type(formula)](formula=formula)


def _shown(value: Any) -> str:
    text = readable(value, site_zone()).strip()
    return (text if len(text) <= _LONGEST else text[:_LONGEST] + "…") or _("(empty)")
