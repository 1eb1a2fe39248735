"""``meanwhile apply``: publish documents, after saying what changes and asking before something is lost."""

import sys
from argparse import ArgumentParser, Namespace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rich.console import Console

from meanwhile.cli import documents, site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.definitions.document import Document
from meanwhile.definitions.plan import ApplicationPlan, Plan, plan
from meanwhile.definitions.program import current_program
from meanwhile.definitions.publish import publish
from meanwhile.engine import moving


class Command(Base):
    name = "apply"
    help = gettext_lazy("Publish documents: change the tables and put the next version in force")

    def arguments(self, parser: ArgumentParser) -> None:
        documents.add_files(parser)
        parser.add_argument("--yes", action="store_true", help=_("do not ask before something is lost"))
        parser.add_argument("--note", default="", help=_("kept with the version"))
        parser.add_argument(
            "--move",
            action="store_true",
            help=_("move unfinished jobs to the new version where their node still exists"),
        )

    def run(self, options: Namespace, console: Console) -> None:
        site.say_database(console)
        site.require_tables()
        planned = make_plan(documents.read(options.files, console), console)
        print_plan(planned, console)
        if planned.losses and not options.yes:
            _ask(console)
        carry_out(planned, console, options.note)
        if options.move:
            move_jobs(planned, console)


def make_plan(given: list[Document], console: Console) -> Plan:
    """The plan for documents that were checked. CommandFailed where the tables cannot be changed that way."""
    planned = plan(given)
    if planned.errors:
        documents.print_problems(planned.errors, console)
        raise CommandFailed(_("Nothing was changed."))
    return planned


def print_plan(planned: Plan, console: Console) -> None:
    """What publishing changes, application by application; what would be lost stands out."""
    for each in planned.applications:
        _print(each, console)


def _print(each: ApplicationPlan, console: Console) -> None:
    if each.is_unchanged:
        console.print(_("{title}: nothing changes").format(title=each.title), markup=False, highlight=False)
        return
    words = _("{title}: version {number}").format(title=each.title, number=each.number)
    console.print(words, style="bold", markup=False, highlight=False)
    for change in each.schema.changes:
        console.print(f"  {change}", markup=False, highlight=False)
        if change.loses:
            console.print(f"    {change.loses}", style="bold red", markup=False, highlight=False)


def _ask(console: Console) -> None:
    """CommandFailed unless a person agrees to the loss."""
    if not sys.stdin.isatty():
        raise CommandFailed(_("Something would be lost and nobody can be asked. To agree, add --yes."))
    answer = console.input(_("Something would be lost. Go on? [y/N] "), markup=False)
    if answer.strip().lower() not in ("y", "yes", _("yes")):
        raise CommandFailed(_("Nothing was changed."))


def carry_out(planned: Plan, console: Console, note: str = "") -> None:
    """Publish, and say what is in force now."""
    if planned.is_empty:
        return
    publish(planned, note=note)
    console.print(_("Published."), style="green")


def move_jobs(planned: Plan, console: Console) -> None:
    """Move the unfinished jobs of older versions, and say how many could not be moved, and why."""
    for each in planned.applications:
        current = current_program(each.application)
        found = moving.move(each.application, current, None)
        _print_moved(each.title, current.number, found, console)


def _print_moved(title: str, number: int, found: moving.Moving, console: Console) -> None:
    words = ngettext(
        "{title}: {count} job moved to version {number}.",
        "{title}: {count} jobs moved to version {number}.",
        found.moved,
    ).format(title=title, count=found.moved, number=number)
    console.print(words, markup=False, highlight=False)
    for reason, count in found.stays.most_common():
        stays = ngettext("{count} job stays: {reason}", "{count} jobs stay: {reason}", count)
        console.print("  " + stays.format(count=count, reason=reason), markup=False, highlight=False)
