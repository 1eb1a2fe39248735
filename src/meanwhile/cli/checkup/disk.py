"""Disks: the room that is left where the site keeps files."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from meanwhile.cli.checkup.finding import Finding, ok, problem, skipped, warning
from meanwhile.core.conf import conf
from meanwhile.queue.database import is_postgresql

MEGABYTE = 1024 * 1024
# Below the first nothing is left for a busy hour; below the second it is time to look.
PROBLEM_BYTES = 100 * MEGABYTE
WARNING_BYTES = 1024 * MEGABYTE


def disks() -> Iterator[Finding]:
    """One finding per folder."""
    folders = sorted(_folders())
    for folder in folders:
        yield _room(folder)
    if not folders:
        yield skipped(_("Disk"), _("The site keeps no files on this machine."))


def _folders() -> set[Path]:
    """The data folder, SQLite's folder, and those of mail and wake-ups where they lie outside of both."""
    known = {folder.resolve() for folder in (getattr(settings, "DATA", None), _sqlite_folder()) if folder}
    others = {Path(folder).resolve() for folder in (conf().mail_folder, conf().wake_folder) if folder}
    return known | {folder for folder in others if not any(folder.is_relative_to(one) for one in known)}


def _sqlite_folder() -> Path | None:
    """By the settings: the database itself may not answer."""
    if is_postgresql():
        return None
    folder = Path(settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"]).parent
    return folder if folder.is_dir() else None


def _room(folder: Path) -> Finding:
    name = _("Disk")
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(existing).free
    said = _("{megabytes:,} MB are free for {folder}.").format(megabytes=free // MEGABYTE, folder=folder)
    if free >= WARNING_BYTES:
        return ok(name, said)
    advice = _("Make room: old submissions go with `meanwhile purge`, or move the folder to a larger disk.")
    return problem(name, said, advice) if free < PROBLEM_BYTES else warning(name, said, advice)
