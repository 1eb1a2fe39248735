"""A dry run: the whole walk of one save, without saving, sending or calling anything.

The walk is the engine's own (``engine.walking``). What it writes is kept in memory, what it would do outside is only
prepared and answered by assumption, and all of it happens in a transaction in which the database refuses every write
and which is rolled back. So a draft can be tried on real records.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import InvalidValue, MissingDefinition
from meanwhile.definitions.document import FormDef
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import Program, current_program
from meanwhile.engine.dry import entering
from meanwhile.engine.dry.answers import Answers, Fails
from meanwhile.engine.dry.pages import Render, as_text
from meanwhile.engine.dry.read_only import read_only
from meanwhile.engine.dry.reading import Reading
from meanwhile.engine.dry.told import DryRun
from meanwhile.engine.dry.trying import Start, Trying
from meanwhile.tables import records
from meanwhile.tables.table import Table

__all__ = ["DryRun", "Fails", "Trial", "dry_run", "load_draft", "reading_of", "starting_values"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: ``values``, as a person would send them, of ``form``, or of ``table`` where no form is named.

    ``record_id``: of the record that is changed; with ``is_new`` it is only the pattern of the new one. Changed
    without an id: a made-up record is changed. Values that are not given are those of the record, or for a new one
    plausible ones (only on a form's fields). ``answers``: what functions are assumed to answer, or ``Fails``, by
    name or by the id of a node.
    """

    table: str = ""
    form: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    record_id: Any = None
    is_new: bool = True
    user_id: int | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def load_draft(document: Mapping[str, Any]) -> Program:
    """A program of a document that is not published. DocumentErrors, MissingDefinition where it does not load."""
    program = Program(Version(pk=0, number=0, document=dict(document)))
    for part in (program.tables, program.trees):
        part.keys()  # both are made when they are first asked for; what is wrong is to be known here
    return program


def reading_of(program: Program) -> Reading:
    """How records are read for ``program``: through the published tables of its application."""
    try:
        published = current_program(program.application)
    except MissingDefinition:
        published = None
    return Reading(program, published)


def dry_run(program: Program, trial: Trial, *, render: Render = as_text) -> DryRun:
    """Walk ``trial`` through ``program`` and tell what would happen. Saves nothing, sends nothing, calls nothing.

    Functions without an effect do run, in a transaction that refuses writes. ``render``: makes what people see of the
    words of a page. MissingDefinition where there is no such table, form or record.
    """
    with read_only():
        table, form = _place(program, trial)
        reading = reading_of(program)
        started_at = clock.now()
        start = _start(program, trial, table, form, reading, started_at)
        return Trying(program, reading, start, Answers(trial.answers), render, started_at).run()


def starting_values(program: Program, trial: Trial) -> dict[str, Any]:
    """The values that a dry run of ``trial`` starts from where none are given: the record's own, or plausible ones."""
    with read_only():
        table, form = _place(program, trial)
        reading = reading_of(program)
        return {key: _pattern(trial, table, reading, clock.now()).get(key) for key in entering.asked(table, form)}


def _place(program: Program, trial: Trial) -> tuple[Table, FormDef | None]:
    if trial.form:
        form = program.form(trial.form)
        return program.table(form.table), form
    return program.table(trial.table), None


def _pattern(trial: Trial, table: Table, reading: Reading, now: datetime) -> dict[str, Any]:
    if trial.record_id is None:
        return entering.sample(table, reading, trial.user_id, now)
    return _record(trial, table, reading)


def _record(trial: Trial, table: Table, reading: Reading) -> dict[str, Any]:
    try:
        found = reading.record(table.key, table.read_id(trial.record_id))
    except InvalidValue as error:
        raise MissingDefinition(error.message, record=trial.record_id) from error
    if found is None:
        message = _("There is no record {id} in {table}.").format(id=trial.record_id, table=table.label)
        raise MissingDefinition(message, record=trial.record_id)
    return found


def _start(
    program: Program, trial: Trial, table: Table, form: FormDef | None, reading: Reading, now: datetime
) -> Start:
    pattern = _pattern(trial, table, reading, now)
    if trial.is_new:
        asked = entering.asked(table, form) if form or trial.record_id is not None else []
        given = {key: pattern.get(key) for key in asked} | dict(trial.values)
        return Start(table, trial.form, form, None, records.new_values(table), given, trial.user_id)
    if trial.record_id is None:
        id_ = reading.free_id(table.key)
        stamps = {} if table.host else {"created_at": now, "updated_at": now, "created_by": None, "updated_by": None}
        pattern = {**pattern, "id": id_, **stamps}
    return Start(table, trial.form, form, pattern["id"], pattern, dict(trial.values), trial.user_id)
