"""From one version's tables to the next: what has to change in the database, and what speaks against it.

Publishing only widens. A dropped field's column stays, nullable and without uniqueness, so that jobs of older versions
find it; a field that comes back takes its column again. A type changes only to a wider one. ``plan`` looks at the
database as it is and changes nothing; ``execute`` does what the plan says within the caller's schema editor.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.core.errors import MissingDefinition
from meanwhile.plugins.contracts import Problem
from meanwhile.tables import fitting, physical
from meanwhile.tables.table import Field, Table, TableDefinition, build_table

# Takes the schema editor.
type Step = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that publishing changes. ``loses``: what is lost by it, where a person should agree first.
    ``refused``: why it cannot be. ``first``: tables to be made before any column, so that links find them; ``steps``:
    how the rest is done, nothing where the database stays as it is."""

    sentence: str
    table: str
    field: str | None = None
    loses: str | None = None
    refused: str | None = None
    first: tuple[Step, ...] = ()
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
    """Do what the plan says: all new tables, then the rest in its order."""
    for change in plan.changes:
        for step in change.first:
            step(editor)
    for change in plan.changes:
        for step in change.steps:
            step(editor)


def drop_column(table: Table, key: str, editor: Any) -> None:
    """Delete the data of a field that no version in use has any more. Its column is gone then."""
    if key in physical.columns(table.db_table):
        physical.drop_column(editor, table, key)


def _tables(application: str, definitions: Mapping[str, TableDefinition]) -> dict[str, Table]:
    """Those that can be built; what cannot be is the document's problem, and its checks tell."""
    built = {}
    for key, definition in definitions.items():
        try:
            built[key] = build_table(application, key, definition, definitions)
        except MissingDefinition:
            continue
    return built


# --- tables --------------------------------------------------------------------------------------------------------


def _table_changes(old: Table | None, new: Table) -> list[Change]:
    if new.host or (old is not None and old.host):
        return _host_changes(old, new)
    found = physical.columns(new.db_table)
    if not found:
        return [_added_table(new)]
    returned = [] if old else [Change(_("Table {table} comes back, with its data.").format(table=new.key), new.key)]
    return [*returned, *_field_changes(old, new, found)]


def _added_table(new: Table) -> Change:
    return Change(
        _("Table {table} is added.").format(table=new.key),
        new.key,
        first=(partial(physical.create_table, table=new),),
        steps=tuple(partial(physical.add_column, table=new, key=key) for key in new.fields),
    )


def _host_changes(old: Table | None, new: Table) -> list[Change]:
    if old is None:
        sentence = _("Table {table} is the model {model}.").format(table=new.key, model=new.model._meta.label)
        return [Change(sentence, new.key)]
    if old.db_table == new.db_table:
        return []
    refused = _("A table cannot become another table; give the new one a key of its own.")
    return [Change(_("Table {table} is another table.").format(table=new.key), new.key, refused=refused)]


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
    steps = tuple(step for each in table.fields.values() for step in _let_go(table, each))
    return Change(sentence, table.key, loses=loses if count else None, steps=steps)


# --- fields --------------------------------------------------------------------------------------------------------


def _field_changes(old: Table | None, new: Table, found: Mapping[str, str]) -> Iterator[Change]:
    before = old.fields if old else {}
    for key, now in new.fields.items():
        if key not in found:
            yield _added(new, now)
        elif key in before and old is not None:
            yield from _changed(old, new, before[key], now)
        else:
            yield _returned(new, now, found[key])
    for key, gone in before.items():
        if key not in new.fields and old is not None:
            yield _dropped(old, new, gone)


def _added(table: Table, now: Field) -> Change:
    sentence = _("Field {field} is added to {table}.").format(field=now.key, table=table.key)
    if not now.unique and now.fixed_default is not None and table.model._base_manager.exists():
        shown = fitting.shown(now, now.fixed_default)
        sentence += " " + _("Records that are there get its default: {value}.").format(value=shown)
    return Change(sentence, table.key, now.key, steps=(partial(physical.add_column, table=table, key=now.key),))


def _dropped(old: Table, new: Table, gone: Field) -> Change:
    sentence = _("Field {field} is dropped from {table}.").format(field=gone.key, table=new.key)
    return Change(sentence, new.key, gone.key, loses=_loss(old, gone.key), steps=_let_go(old, gone))


def _let_go(table: Table, gone: Field) -> tuple[Step, ...]:
    """A column that nobody sees any more has no say: it is not unique, and it holds back no deletion."""
    unlinked = gone.target is not None and gone.target.on_delete != "clear"
    relaxed = (partial(physical.change_link, table=table, key=gone.key, on_delete="clear"),) if unlinked else ()
    return (*relaxed, *((partial(physical.drop_index, table=table, key=gone.key),) if gone.unique else ()))


def _loss(table: Table, key: str) -> str | None:
    count = table.model._base_manager.exclude(**{f"{key}__isnull": True}).count()
    if not count:
        return None
    return ngettext(
        "{n} record of {table} has a value in {field}, which nobody sees any more (it stays in the database).",
        "{n} records of {table} have a value in {field}, which nobody sees any more (it stays in the database).",
        count,
    ).format(n=count, table=table.key, field=key)


# --- a field that comes back -----------------------------------------------------------------------------------------


def _returned(table: Table, now: Field, found: str) -> Change:
    """A field whose column was left behind by an earlier version."""
    sentence = _("Field {field} comes back to {table}, with its data.").format(field=now.key, table=table.key)
    refused = _other_data(table, now, found) or _twice(table, now)
    if refused:
        return Change(sentence, table.key, now.key, refused=refused)
    loses = _kept_misfits(sentence, fitting.misfits(table, now))
    return Change(sentence, table.key, now.key, loses=loses, steps=_taken_up(table, now))


def _taken_up(table: Table, now: Field) -> tuple[Step, ...]:
    linked = (
        (partial(physical.change_link, table=table, key=now.key, on_delete=now.target.on_delete),) if now.target else ()
    )
    return (*linked, partial(physical.renew_index, table=table, key=now.key))


def _other_data(table: Table, now: Field, found: str) -> str | None:
    """Why what the earlier field left cannot be what this one holds."""
    column: Any = table.model._meta.get_field(now.key)
    was_link = physical.links(table.db_table).get(now.key)
    is_link = column.remote_field.model._meta.db_table if now.target else None
    if physical.type_of(column) == found and was_link == is_link:
        return None
    return _(
        "An earlier field of this key held data of another type ({found}), which is still there. Choose another key."
    ).format(found=_("a link") if was_link else found)


# --- a field that stays ----------------------------------------------------------------------------------------------


def _changed(old: Table, new: Table, before: Field, now: Field) -> Iterator[Change]:
    if before.type != now.type:
        yield _other_type(old, new, before, now)
        if now.type not in before.field_type.widens_to:
            return
    elif before.target != now.target and _points_elsewhere(before, now):
        yield _relinked(new, now, refused=_("A link cannot point to another table; add a new field instead."))
        return
    elif narrower := now.field_type.narrowing(before.settings, now.settings):
        yield _narrowed(old, new, now, narrower)
    if before.type == now.type and _deletes_otherwise(before, now):
        yield _relinked(new, now)
    if now.unique and not before.unique:
        yield _made_unique(new, now)
    elif before.unique and not now.unique:
        sentence = _("Field {field} of {table} need not be unique any more.").format(field=now.key, table=new.key)
        yield Change(sentence, new.key, now.key, steps=(partial(physical.renew_index, table=new, key=now.key),))


def _other_type(old: Table, new: Table, before: Field, now: Field) -> Change:
    if now.type not in before.field_type.widens_to:
        return _refused_type(new, before, now)
    sentence = _("Field {field} of {table} becomes {after} instead of {before}.").format(
        field=now.key, table=new.key, after=now.type, before=before.type
    )
    if count := fitting.misfits(old, now):
        refused = ngettext(
            "{n} value that it holds does not fit the new type; mend it first.",
            "{n} values that it holds do not fit the new type; mend them first.",
            count,
        ).format(n=count)
        return Change(sentence, new.key, now.key, refused=refused)
    columns = [physical.type_of(table.model._meta.get_field(now.key)) for table in (old, new)]
    is_other = columns[0] != columns[1]
    steps = (partial(physical.change_column, table=new, key=now.key),) if is_other else ()
    return Change(sentence, new.key, now.key, steps=steps)


def _refused_type(table: Table, before: Field, now: Field) -> Change:
    wider = ", ".join(sorted(before.field_type.widens_to)) or _("no other")
    refused = _(
        "A field of type {before} cannot become {after}: not every value would fit. It can become: {wider}."
        " Add a new field instead."
    ).format(before=before.type, after=now.type, wider=wider)
    sentence = _("Field {field} of {table} changes its type.").format(field=now.key, table=table.key)
    return Change(sentence, table.key, now.key, refused=refused)


def _narrowed(old: Table, new: Table, now: Field, reason: str) -> Change:
    sentence = _("Field {field} of {table} takes fewer values: {reason}").format(
        field=now.key, table=new.key, reason=reason
    )
    return Change(sentence, new.key, now.key, loses=_kept_misfits(sentence, fitting.misfits(old, now)))


def _kept_misfits(sentence: str, count: int) -> str | None:
    if not count:
        return None
    left = ngettext(
        "{n} value does not fit; it stays as it is, until somebody changes its record.",
        "{n} values do not fit; they stay as they are, until somebody changes their records.",
        count,
    )
    return f"{sentence} {left.format(n=count)}"


def _points_elsewhere(before: Field, now: Field) -> bool:
    return bool(before.target and now.target and before.target.table != now.target.table)


def _deletes_otherwise(before: Field, now: Field) -> bool:
    return bool(before.target and now.target and before.target.on_delete != now.target.on_delete)


def _relinked(new: Table, now: Field, refused: str | None = None) -> Change:
    if refused or now.target is None:
        sentence = _("Link {field} of {table} points to another table.").format(field=now.key, table=new.key)
        return Change(sentence, new.key, now.key, refused=refused)
    sentence = _("Link {field} of {table} does something else when its record is deleted.").format(
        field=now.key, table=new.key
    )
    step = partial(physical.change_link, table=new, key=now.key, on_delete=now.target.on_delete)
    return Change(sentence, new.key, now.key, steps=(step,))


def _made_unique(table: Table, now: Field) -> Change:
    sentence = _("Field {field} of {table} has to be unique now.").format(field=now.key, table=table.key)
    refused = _twice(table, now)
    steps = () if refused else (partial(physical.renew_index, table=table, key=now.key),)
    return Change(sentence, table.key, now.key, refused=refused, steps=steps)


def _twice(table: Table, now: Field) -> str | None:
    """Why a field cannot be unique: values that more than one record has."""
    if not now.unique:
        return None
    filled = table.model._base_manager.exclude(**{f"{now.key}__isnull": True})
    count = filled.values(now.key).annotate(n=Count("pk")).filter(n__gt=1).count()
    if not count:
        return None
    return ngettext(
        "{n} value of it stands in more than one record; mend those first.",
        "{n} values of it stand in more than one record; mend those first.",
        count,
    ).format(n=count)
