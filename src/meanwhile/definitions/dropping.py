"""Deleting what publishing keeps: the data of a field that was dropped."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.core.errors import MissingDefinition, PermanentError
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import current_program, program
from meanwhile.definitions.publish import publishing
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED
from meanwhile.tables import schema


class StillInUse(PermanentError):
    """Unfinished jobs run under versions that have the field; its data has to stay until they are done."""


def drop_data(application: str, table: str, field: str) -> None:
    """Delete the column of a field that the version in force does not have any more, in a transaction of its own.

    Raises PermanentError while the field is in force, StillInUse while unfinished jobs pin a version that has it,
    MissingDefinition where no version ever had it, PublishBusy where the table cannot be locked in time.
    """
    with publishing() as editor:
        versions = _versions_with(application, table, field)
        _refuse_in_force(application, table, field)
        _refuse_in_use(versions, field)
        schema.drop_column(program(versions[-1]).table(table), field, editor)


def _versions_with(application: str, table: str, field: str) -> list[int]:
    """The versions that have the field, oldest first."""
    rows = Version.objects.filter(application__key=application).order_by("number").values_list("pk", "document")
    found = [pk for pk, document in rows if _has(document, table, field)]
    if not found:
        message = _('No version of "{application}" has a field "{field}" in a table "{table}".')
        raise MissingDefinition(message.format(application=application, field=field, table=table), field=field)
    return found


def _has(document: dict[str, dict[str, dict[str, dict[str, object]]]], table: str, field: str) -> bool:
    owner = (document.get("tables") or {}).get(table) or {}
    return field in (owner.get("fields") or {})


def _refuse_in_force(application: str, table: str, field: str) -> None:
    current = current_program(application).tables.get(table)
    if current and field in current.fields:
        message = _('"{field}" is a field of the version in force; publish one without it first.')
        raise PermanentError(message.format(field=field), field=field)


def _refuse_in_use(versions: list[int], field: str) -> None:
    count = Job.objects.filter(version_id__in=versions).filter(state__in=UNFINISHED).count()
    if count:
        message = ngettext(
            '{count} unfinished job runs under a version that has "{field}"; finish or cancel it first.',
            '{count} unfinished jobs run under a version that has "{field}"; finish or cancel them first.',
            count,
        )
        raise StillInUse(message.format(count=count, field=field), count=count, field=field)
