"""What has to hold before a process serves or works, and what the first start of a site does."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core import checks
from django.core.checks.registry import registry
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console

from meanwhile.cli.command import CommandFailed

OWNER = "owner"


def require_checks(*, addresses: bool = True) -> None:
    """CommandFailed with every error that Django's system checks find.

    ``addresses`` False: except in the addresses of the site. Who answers none need not have all its pages in memory.
    """
    tags = None if addresses else sorted(registry.tags_available() - {checks.Tags.urls})
    found = [message for message in checks.run_checks(tags=tags) if message.is_serious(checks.ERROR)]
    if found:
        raise CommandFailed("\n".join(_sentence(message) for message in found))


def _sentence(message: checks.CheckMessage) -> str:
    """In one line, without the question mark that Django puts where a message is about no object."""
    return str(message).removeprefix("?: ").replace("\n\tHINT:", "")


def say_database(console: Console) -> None:
    """One line that says on which database a command works: without its environment a command would silently make one
    of its own. It never holds a password."""
    console.print(_("Database: {place}").format(place=_place()), markup=False, highlight=False)


def _place() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return _("SQLite, {file}").format(file=Path(given["NAME"]).absolute())
    host = ":".join(str(given[part]) for part in ("HOST", "PORT") if given.get(part)) or "localhost"
    return _('{kind}, "{name}" at {host}').format(kind=connection.display_name, name=given["NAME"], host=host)


def require_tables() -> None:
    """CommandFailed where migrations are missing: half a schema gives errors that nobody understands."""
    if missing := len(unapplied()):
        sentence = ngettext(
            "The database lacks {count} migration. Run: meanwhile migrate",
            "The database lacks {count} migrations. Run: meanwhile migrate",
            missing,
        )
        raise CommandFailed(sentence.format(count=missing))


def unapplied() -> list[str]:
    """The names of the migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def migrate() -> list[str]:
    """Apply what the database lacks, quietly. Returns the names of what was applied."""
    names = unapplied()
    if names:
        call_command("migrate", interactive=False, verbosity=0)
    return names


def has_owner() -> bool:
    """Whether anyone may do everything."""
    return get_user_model()._default_manager.filter(is_superuser=True, is_active=True).exists()


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who may do everything. ``password``: kept nowhere else. ``is_new``: they were not there before."""

    name: str
    password: str
    is_new: bool


def make_owner(name: str = OWNER) -> Owner:
    """Make the person ``name`` with all rights, or give them a new password. CommandFailed for a name that nobody can
    have; who has it already keeps it."""
    users = get_user_model()
    name = users.normalize_username(name)
    key = {users.USERNAME_FIELD: name}
    found = users._default_manager.filter(**key).first()
    person = found or _new_person(key)
    password = secrets.token_urlsafe(12)
    person.is_superuser = person.is_staff = person.is_active = True
    person.set_password(password)
    person.save()
    return Owner(name, password, is_new=found is None)


def _new_person(key: dict[str, str]) -> Any:
    person: Any = get_user_model()(**key)
    ((field, name),) = key.items()
    try:
        person._meta.get_field(field).clean(name, person)
    except ValidationError as error:
        raise CommandFailed(
            _('Nobody can be named "{name}": {reason}').format(name=name, reason=" ".join(error.messages))
        ) from error
    return person
