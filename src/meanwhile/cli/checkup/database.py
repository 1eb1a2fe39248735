"""The database: whether it takes what it is given and keeps it, its version, its clock, its tables."""

from collections.abc import Iterator
from typing import Any

from django.db import Error
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.cli import site
from meanwhile.cli.checkup.finding import Finding, ok, problem, warning
from meanwhile.core import clock
from meanwhile.core.conf import conf
from meanwhile.queue.database import fetch, is_postgresql, moment
from meanwhile.queue.standing import Standing, standing

# The releases of SQLite in which the reset of the write-ahead log was mended, newest first; each line of releases
# between them lacks the fix until its own.
_MENDED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
# Due times are of this machine's clock, leases of the database's; so much they may differ before anybody notices.
CLOCK_SECONDS = 2.0


def refusal() -> str | None:
    """Why it does not answer; None where it does."""
    try:
        fetch("SELECT 1")
    except Error as error:
        return " ".join(str(error).split())
    return None


def unreachable(reason: str) -> Finding:
    """It does not answer."""
    return problem(
        _("Database"),
        _("It does not answer: {reason}.").format(reason=reason.rstrip(".")),
        _("Start it, or set DATABASE_URL right."),
    )


def writing() -> Iterator[Finding]:
    """Whether it takes what it is given. Needs our tables."""
    name, found = _("Database"), standing()
    if found == Standing.OK:
        yield ok(name, _("It can be read and written."))
    elif found == Standing.READ_ONLY:
        advice = _("Give the user of this site the right to write, or use the primary server.")
        yield problem(name, _("It can only be read: nothing is saved."), advice)
    elif found == Standing.FULL:
        yield problem(name, _("There is no room left for it."), _("Make room on its disk."))
    else:
        yield problem(name, _("It refuses to be written."), _("Look at its log."))


def version() -> Iterator[Finding]:
    """Of the server or the library; what is known to be wrong with it."""
    if is_postgresql():
        ((text,),) = fetch("SHOW server_version")
        yield ok("PostgreSQL", _("Version {version}.").format(version=text))
        return
    ((text,),) = fetch("SELECT sqlite_version()")
    yield sqlite_version(text)


def sqlite_version(text: str) -> Finding:
    if is_mended(tuple(int(part) for part in text.split("."))):
        return ok("SQLite", _("Version {version}.").format(version=text))
    return warning(
        "SQLite",
        _(
            "Version {version} has a rare fault: when two processes reset the write-ahead log at the same moment, "
            "the database can be damaged."
        ).format(version=text),
        _("Use SQLite 3.51.3, 3.50.7 or 3.44.6, or a later release of these, or PostgreSQL; keep copies until then."),
    )


def is_mended(release: tuple[int, ...]) -> bool:
    """Whether that release of SQLite has the fix."""
    newest = _MENDED[0]
    return release >= newest or any(mended <= release < (mended[0], mended[1] + 1) for mended in _MENDED[1:])


def durability() -> Iterator[Finding]:
    """Whether a commit is on the disk when it returns."""
    yield from _postgresql_durability() if is_postgresql() else _sqlite_durability()


def _postgresql_durability() -> Iterator[Finding]:
    name = _("Durability")
    off = [setting for setting in ("fsync", "synchronous_commit", "full_page_writes") if _shown(setting) == "off"]
    if off:
        yield problem(
            name,
            _("{settings} is off: a power failure can lose what was saved.").format(settings=", ".join(off)),
            _("Turn it on in postgresql.conf, and for the role of this site."),
        )
    else:
        yield ok(name, _("A commit is on the disk when it returns."))


def _sqlite_durability() -> Iterator[Finding]:
    name, mode, sync = _("Durability"), str(_pragma("journal_mode")), int(_pragma("synchronous"))
    options = _("Set it in OPTIONS of the database; see the system checks.")
    if mode != "wal":
        yield warning(name, _("journal_mode is {mode}: who reads waits for who writes.").format(mode=mode), options)
    if sync < 2:
        yield problem(name, _("synchronous is not FULL: a power failure can lose what was saved."), options)
    if mode == "wal" and sync >= 2:
        yield ok(name, _("A commit is on the disk when it returns (WAL, synchronous FULL)."))


def _pragma(name: str) -> Any:
    return fetch(f"PRAGMA {name}")[0][0]


def _shown(setting: str) -> str:
    return str(fetch(f"SHOW {setting}")[0][0])


def clocks() -> Iterator[Finding]:
    """The clock of this machine against the database's."""
    name = _("Clock")
    if not is_postgresql():
        yield ok(name, _("SQLite has no clock of its own."))
        return
    before = clock.now()
    ((told,),) = fetch("SELECT clock_timestamp()")
    middle = before + (clock.now() - before) / 2
    ahead = (middle - moment(told)).total_seconds()
    if abs(ahead) <= CLOCK_SECONDS:
        yield ok(name, _("This machine and the database agree."))
        return
    early = _("This machine is {seconds:.0f} s ahead of the database: what is due starts too early.")
    late = _("This machine is {seconds:.0f} s behind the database: what is due starts too late.")
    sentence = (early if ahead > 0 else late).format(seconds=abs(ahead))
    finding = problem if abs(ahead) >= conf().lease_seconds else warning
    yield finding(name, sentence, _("Let both machines take their time from the same source (NTP)."))


def migrations() -> Iterator[Finding]:
    """Whether our own tables are those of this release."""
    name, missing = _("Tables"), site.unapplied()
    if missing:
        sentence = ngettext(
            "{count} migration is not applied: {names}.", "{count} migrations are not applied: {names}.", len(missing)
        )
        names = ", ".join(missing[:5])
        yield problem(name, sentence.format(count=len(missing), names=names), _("Run: meanwhile migrate"))
    else:
        yield ok(name, _("All migrations are applied."))
