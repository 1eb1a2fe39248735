"""``meanwhile doctor``: what is wrong with this site, what it means and what to do."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator

from django.db import Error
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rich.console import Console
from rich.text import Text

from meanwhile.cli import site
from meanwhile.cli.checkup import database, disk, mail, queues, registered, settings
from meanwhile.cli.checkup.finding import Check, Finding, Level, problem, skipped
from meanwhile.cli.command import Command as Base
from meanwhile.core.conf import BadSettings

_OUTSIDE: tuple[Check, ...] = (settings.secret_key, settings.debug, settings.address, settings.system_checks)
_DATABASE: tuple[Check, ...] = (database.version, database.durability, database.clocks, database.migrations)
# These read our own tables.
_TABLES: tuple[Check, ...] = (
    database.writing,
    registered.functions,
    queues.workers,
    queues.paused,
    queues.failed_jobs,
    queues.leases,
)
_FILES: tuple[Check, ...] = (mail.mail, disk.disks)

_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.PROBLEM: "✗", Level.SKIPPED: "-"}
_PLAIN_MARKS = {Level.OK: "ok", Level.WARNING: "! ", Level.PROBLEM: "NO", Level.SKIPPED: "- "}
_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "bold red", Level.SKIPPED: "dim"}


class Command(Base):
    name = "doctor"
    help = gettext_lazy("Say what is wrong with this site and what to do")

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("as JSON, for programs"))

    def run(self, options: Namespace, console: Console) -> int:
        found = list(findings())
        is_well = not any(finding.level == Level.PROBLEM for finding in found)
        if options.json:
            _print_json(console, found, is_well=is_well)
        else:
            _print(console, found)
        return 0 if is_well else 1


def findings() -> Iterator[Finding]:
    """All of them, each told once. What needs the database is left out where it does not answer, what needs our
    settings where they cannot be read. Changes nothing."""
    yield from dict.fromkeys([*_all(_OUTSIDE), *_of_database(), *_all(_FILES)])


def _of_database() -> Iterator[Finding]:
    if reason := database.refusal():
        yield database.unreachable(reason)
        yield skipped(_("Queue"), _("Tables, workers and jobs are looked at when the database answers."))
        return
    yield from _all(_DATABASE)
    if site.unapplied():
        yield skipped(_("Queue"), _("Workers and jobs are looked at when all migrations are applied."))
    else:
        yield from _all(_TABLES)


def _all(checks: Iterable[Check]) -> Iterator[Finding]:
    for check in checks:
        try:
            yield from list(check())
        except BadSettings:  # the system checks say which
            yield skipped(_("Settings"), _("What depends on MEANWHILE is looked at when it is right."))
        except Error as error:
            reason = " ".join(str(error).split())
            yield problem(
                _("Database"),
                _("It refused a question: {reason}").format(reason=reason),
                _("Look at its log."),
            )


def _print(console: Console, found: list[Finding]) -> None:
    width = max(len(finding.check) for finding in found)
    marks = _MARKS if "utf" in console.encoding.lower() else _PLAIN_MARKS
    for finding in found:
        line = Text.assemble(
            (f"{marks[finding.level]} ", _STYLES[finding.level]),
            (finding.check.ljust(width + 2), "bold"),
            finding.meaning,
            (f" {finding.advice}" if finding.advice else "", "cyan"),
        )
        console.print(line)
    console.print(_sum(found))


def _sum(found: list[Finding]) -> str:
    count = {level: sum(finding.level == level for finding in found) for level in Level}
    problems, warnings = count[Level.PROBLEM], count[Level.WARNING]
    words = [
        ngettext("{count} problem", "{count} problems", problems) if problems else _("No problems"),
        ngettext("{count} warning", "{count} warnings", warnings) if warnings else _("no warnings"),
    ]
    return f"{words[0].format(count=problems)}, {words[1].format(count=warnings)}."


def _print_json(console: Console, found: list[Finding], *, is_well: bool) -> None:
    plain = {"is_well": is_well, "checks": [finding.to_plain() for finding in found]}
    console.print(json.dumps(plain, indent=2, ensure_ascii=False), markup=False, highlight=False)
