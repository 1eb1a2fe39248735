"""Publishing: changes the tables and puts the next version of each application in force, all or nothing.

Schema comes before any other write, since PostgreSQL refuses to alter a table with pending trigger events; and on
SQLite the schema editor is opened before the transaction, since it refuses to work inside one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import MeanwhileError, PermanentError
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.plan import ApplicationPlan, Plan, plan
from meanwhile.definitions.problems import DocumentErrors
from meanwhile.tables import schema

__all__ = ["ApplicationPlan", "Plan", "PublishBusy", "StalePlan", "plan", "publish", "publishing"]

# Long enough for a transaction that writes records; longer would make everybody queue behind the waiting ALTER TABLE.
LOCK_SECONDS = 5
# One publish at a time in the whole database; the number is arbitrary and only ours.
_ADVISORY_LOCK = 0x6D65616E


class StalePlan(PermanentError):
    """Somebody published since the plan was made; make it again."""


class PublishBusy(MeanwhileError):
    """The tables were in use for too long; nothing was changed. Trying again may help."""


def publish(plan: Plan, user: Any = None, note: str = "") -> list[Version]:
    """Carry out ``plan`` in one transaction of its own, and return the version of each document that is then in force.

    A document that says what is published already makes no new version. Raises DocumentErrors where the plan has
    errors, StalePlan where somebody else was faster, PublishBusy where the tables cannot be locked in time.
    """
    if plan.errors:
        raise DocumentErrors(plan.errors)
    with publishing() as editor:
        applications = [_application(each) for each in plan.applications]
        for each in plan.applications:
            schema.execute(each.schema, editor)
        _finish(editor)
        pairs = zip(plan.applications, applications, strict=True)
        return [_put_in_force(each, application, user, note) for each, application in pairs]


@contextmanager
def publishing() -> Iterator[BaseDatabaseSchemaEditor]:
    """A transaction that changes tables, one at a time in the whole database. PublishBusy where that takes too long."""
    if connection.vendor == "sqlite" and connection.in_atomic_block:
        raise PermanentError(_("On SQLite, publishing cannot stand inside another transaction."))
    try:
        with connection.schema_editor(atomic=True) as editor:
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
            yield editor
    except OperationalError as error:
        if not _is_about_locks(error):
            raise
        raise PublishBusy(_("The tables are in use; nothing was changed. Try again.")) from error


def _is_about_locks(error: OperationalError) -> bool:
    """Whether waiting longer might have helped: no lock in time or a deadlock on PostgreSQL, a busy SQLite file."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in ("55P03", "40P01") or (state is None and "locked" in str(error))


def _application(each: ApplicationPlan) -> Application | None:
    """The application as the plan found it; None for a new one. StalePlan where it is another by now."""
    application = Application.objects.filter(key=each.application).first()
    found = application.current_id if application else None
    if found != each.base_id:
        message = _('"{application}" was published by somebody else in the meantime. Look at the plan again.')
        raise StalePlan(message.format(application=each.application), application=each.application)
    return application


def _finish(editor: BaseDatabaseSchemaEditor) -> None:
    """Run what the editor has put off: constraints and indexes come before the writes too."""
    statements: Sequence[Any] = list(editor.deferred_sql)
    editor.deferred_sql.clear()
    for statement in statements:
        editor.execute(statement, None)


def _put_in_force(each: ApplicationPlan, application: Application | None, user: Any, note: str) -> Version:
    if application is None:
        application = Application.objects.create(key=each.application, title=each.title)
    elif each.is_unchanged and application.current:
        return application.current
    version = Version.objects.create(
        application=application,
        number=each.number,
        document=each.document.plain,
        note=note,
        published_at=clock.now(),
        published_by=user,
    )
    application.current, application.title = version, each.title
    application.save(update_fields=["current", "title"])
    return version
