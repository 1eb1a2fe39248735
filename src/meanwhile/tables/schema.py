"""From one version's tables to the next: what has to change in the database, and what speaks against it.

Publishing only widens. A dropped field's column stays, nullable and without uniqueness, so that jobs of older versions
find it; a field that comes back takes its column again. A type changes only to a wider one. ``plan`` looks at the
database as it is and changes nothing; ``execute`` does what the plan says within the caller's schema editor.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.core.errors import MissingDefinition
from meanwhile.plugins.contracts import Problem
from meanwhile.tables import physical
from meanwhile.tables.table import Field, Table, TableDefinition, build_table

type Step = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that publishing changes. ``loses``: what is lost by it, where a person should agree first.
    ``refused``: why it cannot be. ``steps``: how it is done; none where the database stays as it is."""

    sentence: str
    table: str
    field: str | None = None
    loses: str | None = None
    refused: str | None = None
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """All changes of one application, in the order in which they are done."""

    changes: tuple[Change, ...] = field(default=())

    @property
    def problems(self) -> list[Problem]:
        """What cannot be, with its place in the document."""
        return [
            Problem(change.refused, ("tables", change.table, *(("fields", change.field) if change.field else ())))
            for change in self.changes
            if change.refused
        ]


def plan(
    application: str, before: Mapping[str, TableDefinition] | None, after: Mapping[str, TableDefinition]
) -> SchemaPlan:
    """What has to change from the tables ``before`` (None: a new application) to ``after``. Reads the database."""
    old, new = _tables(application, before or {}), _tables(application, after)
    changes: list[Change] = []
    for key, table in new.items():
        changes += _table_changes(old.get(key), table)
    changes += [_dropped_table(table) for key, table in old.items() if key not in new]
    return SchemaPlan(tuple(changes))


def execute(plan: SchemaPlan, editor: Any) -> None:
    """Do what the plan says. New tables first, so that links find them."""
    for change in plan.changes:
        for step in change.steps:
            step(editor)


def drop_column(table: Table, key: str, editor: Any) -> None:
    """Delete the data of a field that no version in use has any more. Its column is gone then."""
    found = physical.columns(table.db_table).get(key)
    if found is not None:
        editor.execute(f"ALTER TABLE {editor.quote_name(table.db_table)} DROP COLUMN {editor.quote_name(key)}")


def _tables(application: str, definitions: Mapping[str, TableDefinition]) -> dict[str, Table]:
    """Those that can be built; what cannot be is the document's problem, and its checks tell."""
    built = {}
    for key, definition in definitions.items():
        try:
            built[key] = build_table(application, key, definition, definitions)
        except MissingDefinition:
            continue
    return built


def _table_changes(old: Table | None, new: Table) -> list[Change]:
    if new.host or (old is not None and old.host):
        return _host_changes(old, new)
    found = physical.columns(new.db_table)
    if not found:
        return [Change(_("Table {table} is added.").format(table=new.key), new.key, steps=(_create(new.model),))]
    return list(_field_changes(old, new, found))


def _host_changes(old: Table | None, new: Table) -> list[Change]:
    if old is None:
        return [
            Change(_("Table {table} is the model {model}.").format(table=new.key, model=new.model._meta.label), new.key)
        ]
    if old.db_table == new.db_table:
        return []
    refused = _("A table cannot become another table; give the new one a key of its own.")
    return [Change(_("Table {table} is another table.").format(table=new.key), new.key, refused=refused)]


def _create(model: type[models.Model]) -> Step:
    return lambda editor: editor.create_model(model)


def _field_changes(old: Table | None, new: Table, found: Mapping[str, str]) -> Iterator[Change]:
    before = old.fields if old else {}
    for key, now in new.fields.items():
        if key in before and old is not None:
            yield from _changed(old, new, before[key], now)
        elif key in found:
            yield _returned(new, now, found[key])
        else:
            yield _added(new, now)
    for key, gone in before.items():
        if key not in new.fields and old is not None:
            yield _dropped(old, new, gone)


def _added(table: Table, now: Field) -> Change:
    sentence = _("Field {field} is added to {table}.").format(field=now.key, table=table.key)
    column = table.model._meta.get_field(now.key)
    return Change(sentence, table.key, now.key, steps=(lambda editor: editor.add_field(table.model, column),))


def _returned(table: Table, now: Field, found: str) -> Change:
    """A field whose column was left behind by an earlier version."""
    sentence = _("Field {field} comes back to {table}, with its data.").format(field=now.key, table=table.key)
    column = table.model._meta.get_field(now.key)
    if physical.type_of(column) != found:
        refused = _(
            "An earlier field of this key held data of another type ({found}), which is still there."
            " Choose another key."
        ).format(found=found)
        return Change(sentence, table.key, now.key, refused=refused)
    if not now.unique:
        return Change(sentence, table.key, now.key)
    return _made_unique(table, now, sentence)


def _changed(old: Table, new: Table, before: Field, now: Field) -> Iterator[Change]:
    if before.type != now.type and now.type not in before.field_type.widens_to:
        yield _refused_type(new, before, now)
        return
    if before.type != now.type:
        sentence = _("Field {field} of {table} becomes {after} instead of {before}.").format(
            field=now.key, table=new.key, after=now.type, before=before.type
        )
        yield Change(sentence, new.key, now.key, steps=_alter(old, new, now.key))
    elif narrower := now.field_type.narrowing(before.settings, now.settings):
        yield _narrowed(new, now, narrower)
    if before.type == now.type and before.target != now.target:
        yield _relinked(old, new, before, now)
    if now.unique and not before.unique:
        sentence = _("Field {field} of {table} has to be unique now.").format(field=now.key, table=new.key)
        yield _made_unique(new, now, sentence, old)
    elif before.unique and not now.unique:
        sentence = _("Field {field} of {table} need not be unique any more.").format(field=now.key, table=new.key)
        yield Change(sentence, new.key, now.key, steps=_alter(old, new, now.key))


def _refused_type(table: Table, before: Field, now: Field) -> Change:
    wider = ", ".join(sorted(before.field_type.widens_to)) or _("no other")
    refused = _(
        "A field of type {before} cannot become {after}: not every value would fit. It can become: {wider}."
        " Add a new field instead."
    ).format(before=before.type, after=now.type, wider=wider)
    sentence = _("Field {field} of {table} changes its type.").format(field=now.key, table=table.key)
    return Change(sentence, table.key, now.key, refused=refused)


def _narrowed(table: Table, now: Field, reason: str) -> Change:
    sentence = _("Field {field} of {table} takes fewer values: {reason}").format(
        field=now.key, table=table.key, reason=reason
    )
    loses = _("{sentence} Values that do not fit stay as they are, until somebody changes their record.").format(
        sentence=sentence
    )
    return Change(sentence, table.key, now.key, loses=loses)


def _relinked(old: Table, new: Table, before: Field, now: Field) -> Change:
    sentence = _("Link {field} of {table} does something else when its record is deleted.").format(
        field=now.key, table=new.key
    )
    if before.target and now.target and before.target.table != now.target.table:
        refused = _("A link cannot point to another table; add a new field instead.")
        return Change(sentence, new.key, now.key, refused=refused)
    return Change(sentence, new.key, now.key, steps=_alter(old, new, now.key))


def _made_unique(table: Table, now: Field, sentence: str, old: Table | None = None) -> Change:
    manager = table.model._base_manager
    twice = (
        manager.exclude(**{f"{now.key}__isnull": True}).values(now.key).annotate(n=Count("pk")).filter(n__gt=1).count()
    )
    if twice:
        refused = ngettext(
            "{n} value of it stands in more than one record; mend those first.",
            "{n} values of it stand in more than one record; mend those first.",
            twice,
        ).format(n=twice)
        return Change(sentence, table.key, now.key, refused=refused)
    return Change(sentence, table.key, now.key, steps=_alter(old, table, now.key))


def _dropped(old: Table, new: Table, gone: Field) -> Change:
    sentence = _("Field {field} is dropped from {table}.").format(field=gone.key, table=new.key)
    steps = _alter(old, None, gone.key) if gone.unique else ()
    return Change(sentence, new.key, gone.key, loses=_loss(old, gone.key), steps=steps)


def _loss(table: Table, key: str) -> str | None:
    count = table.model._base_manager.exclude(**{f"{key}__isnull": True}).count()
    if not count:
        return None
    return ngettext(
        "{n} record of {table} has a value in {field}, which nobody sees any more (it stays in the database).",
        "{n} records of {table} have a value in {field}, which nobody sees any more (it stays in the database).",
        count,
    ).format(n=count, table=table.key, field=key)


def _dropped_table(table: Table) -> Change:
    sentence = _("Table {table} is dropped.").format(table=table.key)
    if table.host or not physical.columns(table.db_table):
        return Change(sentence, table.key)
    count = table.model._base_manager.count()
    loses = ngettext(
        "{n} record of {table}, which nobody sees any more (it stays in the database).",
        "{n} records of {table}, which nobody sees any more (they stay in the database).",
        count,
    ).format(n=count, table=table.key)
    return Change(sentence, table.key, loses=loses if count else None)


def _alter(old: Table | None, new: Table | None, key: str) -> tuple[Step, ...]:
    """Change the column of ``key`` from what ``old`` has to what ``new`` has; either may be missing: it is then as the
    other says, but not unique."""

    def step(editor: Any) -> None:
        table = new or old
        if table is None:
            return
        model = physical.whole_model(table, editor)
        before = physical.column_like((old or table).model._meta.get_field(key), model, plain=old is None)
        after = physical.column_like((new or table).model._meta.get_field(key), model, plain=new is None)
        editor.alter_field(physical.with_column(model, before), before, after)

    return (step,)
