"""Tables by themselves: their fields, links and default values."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.names import missing
from meanwhile.definitions.document import FieldDef, TableDef
from meanwhile.definitions.keys import RECORD_UPDATE
from meanwhile.definitions.problems import Finding, Loc


def findings(checked: Checked) -> Iterator[Finding]:
    for key, table in checked.document.tables.items():
        yield from _check_table(checked, key, table)
        for field_key, field in table.fields.items():
            yield from _check_field(checked, field, ("tables", key, "fields", field_key))


def _check_table(checked: Checked, key: str, table: TableDef) -> Iterator[Finding]:
    if table.model and table.fields:
        yield Finding(("tables", key, "model"), _("A table has fields of its own or a model of the host, not both."))
    elif not table.model and not table.fields:
        yield Finding(("tables", key), _('Table "{key}" has no fields.').format(key=key))
    if key in checked.tables and key in checked.unusable:
        yield Finding(("tables", key, "model"), checked.unusable[key])
    update = table.events.get(RECORD_UPDATE)
    if update and update.parameters:
        loc = ("tables", key, "events", RECORD_UPDATE, "parameters")
        yield Finding(loc, _("Only custom events have parameters; a save passes none."), at_key=True)


def _check_field(checked: Checked, field: FieldDef, loc: Loc) -> Iterator[Finding]:
    settings = field.settings
    target = field.field_type.target(settings)
    if target and target.table is not None:
        yield from _check_target(checked, target.table, target.display, loc)
    if settings.default is not None:
        try:
            field.field_type.initial(settings, clock.now())
        except MeanwhileError as error:
            yield Finding((*loc, "default"), _("The default does not fit: {reason}").format(reason=error.message))


def _check_target(checked: Checked, table: str, display: str | None, loc: Loc) -> Iterator[Finding]:
    if table not in checked.tables:
        yield missing((*loc, "table"), _('There is no table "{word}" to link to.'), table, checked.document.tables)
    elif display and display not in checked.tables[table].fields:
        message = _('Table "{table}" has no field "{{word}}".').format(table=table)
        yield missing((*loc, "display"), message, display, checked.tables[table].fields)
