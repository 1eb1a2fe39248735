"""Forms: their table, fields, next page, presets and rules."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.names import IN_PRESETS, IN_RULES, Naming, missing
from meanwhile.definitions.document import FormDef, FormFieldDef
from meanwhile.definitions.problems import Finding, Loc
from meanwhile.expressions import is_literal, value_of
from meanwhile.plugins.contracts import TableView


def findings(checked: Checked) -> Iterator[Finding]:
    for key, form in checked.document.forms.items():
        loc: Loc = ("forms", key)
        table = checked.tables.get(form.table)
        if table is None:
            message = _('There is no table "{word}".')
            yield missing((*loc, "table"), message, form.table, checked.document.tables)
        else:
            yield from _check_form(checked, form, table, loc)


def _check_form(checked: Checked, form: FormDef, table: TableView, loc: Loc) -> Iterator[Finding]:
    yield from _check_fields(checked, form, table, loc)
    yield from _check_next(checked, form, loc)
    for position, rule in enumerate(form.rules):
        yield from Naming(checked, form.table, IN_RULES).check(rule, (*loc, "validate", position))
    if form.who.kind == "groups" and not form.who.groups:
        yield Finding((*loc, "who", "groups"), _("Name at least one group."))
    update = form.events.get("record_update")
    if update and update.parameters:
        place = (*loc, "events", "record_update", "parameters")
        yield Finding(place, _("Only custom events have parameters; a save passes none."), at_key=True)


def _check_fields(checked: Checked, form: FormDef, table: TableView, loc: Loc) -> Iterator[Finding]:
    seen: set[str] = set()
    for position, field in enumerate(form.fields):
        place = (*loc, "fields", position)
        if field.field not in table.fields:
            message = _('Table "{table}" has no field "{{word}}".').format(table=table.key)
            yield missing((*place, "field"), message, field.field, table.fields)
        elif field.field in seen:
            yield Finding((*place, "field"), _('"{field}" stands on this form twice.').format(field=field.field))
        else:
            yield from _check_preset(checked, form, field, table, place)
        seen.add(field.field)
    if not form.fields:
        yield Finding((*loc, "fields"), _("A form needs at least one field."))


def _check_preset(
    checked: Checked, form: FormDef, field: FormFieldDef, table: TableView, loc: Loc
) -> Iterator[Finding]:
    yield from Naming(checked, form.table, IN_PRESETS).check(field, loc)
    if field.preset is not None and is_literal(field.preset):
        try:
            table.fields[field.field].clean(value_of(field.preset, {}))
        except MeanwhileError as error:
            yield Finding((*loc, "preset"), _("The preset does not fit: {reason}").format(reason=error.message))


def _check_next(checked: Checked, form: FormDef, loc: Loc) -> Iterator[Finding]:
    pages = checked.document.pages
    if not form.next:
        return
    if form.next not in pages:
        yield missing((*loc, "next"), _('There is no page "{word}".'), form.next, pages)
    elif pages[form.next].table != form.table:
        message = _('Page "{page}" shows records of table "{other}", this form makes those of "{table}".')
        text = message.format(page=form.next, other=pages[form.next].table, table=form.table)
        yield Finding((*loc, "next"), text)
