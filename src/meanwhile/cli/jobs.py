"""``meanwhile jobs``: look at jobs and act on them from a terminal, with the same filter as the monitor.

Exit codes: 0 done, 1 refused or nothing found, 2 used wrongly.
"""

import json
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rich.console import Console
from rich.text import Text

from meanwhile.cli import job_report, site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.cli.rows import Column, print_note, print_rows
from meanwhile.core.zone import site_zone, written
from meanwhile.engine.inspect import bulk, listing
from meanwhile.engine.inspect.filters import JobFilter
from meanwhile.queue.models import Job
from meanwhile.queue.states import State

# Rows of one list, unless --limit says otherwise.
_LIMIT = 50
_MOST = 1_000


class Command(Base):
    name = "jobs"
    help = gettext_lazy("List, show, resume, skip, restart and cancel jobs")

    def arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def run(self, options: Namespace, console: Console) -> int:
        site.require_tables()
        return run(options, console)


def add_arguments(parser: ArgumentParser) -> None:
    """The subcommands with their options, on a parser of ``meanwhile jobs``."""
    choices: _SubParsersAction[ArgumentParser] = parser.add_subparsers(metavar=_("what"), required=True)
    _add(choices, "list", _("the jobs that the options ask for, newest first"), _list, _filter_options, _list_options)
    _add(choices, "show", _("one job in full: why it waits, its error, what it did"), _show, _show_options)
    for action, meaning in bulk.MEANINGS.items():
        _add(choices, str(action), f"{meaning.label}: {meaning.explains}", _act, _filter_options, _act_options)


def run(options: Namespace, console: Console | None = None) -> int:
    """Do what the options say; returns the exit code."""
    does: Callable[[Namespace, Console], int] = options.does
    return does(options, console or Console(soft_wrap=True))


def _add(
    choices: "_SubParsersAction[ArgumentParser]",
    name: str,
    about: str,
    does: Callable[[Namespace, Console], int],
    *options: Callable[[ArgumentParser], None],
) -> None:
    parser = choices.add_parser(name, help=about, description=about, allow_abbrev=False)
    parser.set_defaults(does=does, what=name)
    for add in options:
        add(parser)


def _filter_options(parser: ArgumentParser) -> None:
    """One option per field of the monitor's filter."""
    group = parser.add_argument_group(_("which jobs"))
    for name, field in JobFilter().fields.items():
        choices = [value for value, _label in getattr(field, "choices", ()) if value] or None
        about = " ".join(filter(None, [str(field.label), f"({field.help_text})" if field.help_text else ""]))
        group.add_argument(f"--{name}", default=None, choices=choices, help=about.replace("%", "%%"), metavar=None)


def _list_options(parser: ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, default=_LIMIT, help=_("rows at most (up to 1000)"))
    parser.add_argument("--after", default="", help=_("go on from the cursor that a list ended with"))
    parser.add_argument("--json", action="store_true", help=_("as JSON, for programs"))


def _show_options(parser: ArgumentParser) -> None:
    parser.add_argument("job", type=int, help=_("the job's number"))
    parser.add_argument("--json", action="store_true", help=_("as JSON, for programs"))


def _act_options(parser: ArgumentParser) -> None:
    parser.add_argument("job", type=int, nargs="*", help=_("numbers of jobs; or use the options for all that match"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))
    parser.add_argument("--json", action="store_true", help=_("say what was done as JSON"))


def _asked(options: Namespace) -> JobFilter:
    """The filter that the options ask for. CommandFailed with every option that cannot be read."""
    asked = JobFilter({name: getattr(options, name) for name in JobFilter().fields})
    if not asked.is_valid():
        wrong = [f"--{name}: {' '.join(map(str, errors))}" for name, errors in asked.errors.items()]
        raise CommandFailed("\n".join(wrong))
    return asked


def _list(options: Namespace, console: Console) -> int:
    if not 0 < options.limit <= _MOST:
        raise CommandFailed(_("--limit has to be between 1 and {most}.").format(most=_MOST))
    rows, found = listing.list_jobs(_asked(options), options.after, options.limit)
    if options.json:
        _print_json(console, {"jobs": [job_report.brief(row) for row in rows], "after": found.older})
        return 0
    if rows:
        _print_rows(console, rows)
    else:
        print_note(console, _("No job matches."))
    if found.older:
        words = _("Look further back") if found.is_partial else _("More")
        print_note(console, f"{words}: --after '{found.older}'")
    return 0


_COLOURS = {"failed": "red", "retrying": "yellow", "scheduled": "yellow", "running": "cyan", "completed": "green"}


def _print_rows(console: Console, found: list[listing.JobRow]) -> None:
    columns = [
        Column(_("Job")),
        Column(_("State")),
        Column(_("Queue")),
        Column(_("Due ({zone})").format(zone=site_zone())),
        Column(_("Tries")),
        Column(_("What"), gives_way=True),
        Column(_("Record"), gives_way=True),
        Column(_("Error"), gives_way=True),
    ]
    print_rows(console, columns, [_cells(row) for row in found])


def _cells(row: listing.JobRow) -> list[str | Text]:
    job = row.job
    return [
        str(job.pk),
        Text(job.get_state_display(), style=_COLOURS.get(job.state, "default")),
        job.queue,
        written(job.due_at),
        f"{job.attempt}/{job.max_attempts}",
        row.branch,
        f"{row.application} {row.table} {row.run.record_id}" if row.run else "-",
        row.error_message,
    ]


def _show(options: Namespace, console: Console) -> int:
    job = Job.objects.filter(pk=options.job).first()
    if job is None:
        raise CommandFailed(_("There is no job {id}.").format(id=options.job))
    (row,) = listing.job_rows([job])
    if options.json:
        _print_json(console, job_report.full(row))
    else:
        job_report.tell(row, console)
    return 0


def _act(options: Namespace, console: Console) -> int:
    action, asked = bulk.Action(options.what), _asked(options)
    if bool(options.job) == bool(asked.asked()):
        raise CommandFailed(
            _("Say which jobs: their numbers, or options such as --state failed; not both, not neither.")
        )
    changed = _act_on(action, options, console) if options.job else _act_on_all(action, asked, options, console)
    if changed is None:
        console.print(_("Nothing was done."))
        return 1
    if options.json:
        _print_json(console, {"action": str(action), "changed": changed})
    else:
        sentence = ngettext("{what}: {count} job.", "{what}: {count} jobs.", changed)
        console.print(sentence.format(what=bulk.MEANINGS[action].label, count=f"{changed:,}"))
    return 0 if changed else 1


def _act_on(action: bulk.Action, options: Namespace, console: Console) -> int:
    missing = set(options.job) - set(Job.objects.filter(pk__in=options.job).values_list("pk", flat=True))
    if missing:
        raise CommandFailed(_("There is no job {id}.").format(id=", ".join(map(str, sorted(missing)))))
    left = [job_id for job_id in dict.fromkeys(options.job) if not bulk.do_one(action, job_id, None)]
    if not options.json:
        for job in Job.objects.filter(pk__in=left).defer(*listing.HEAVY).order_by("pk"):
            console.print(_why_left(action, job), markup=False, highlight=False)
    return len(set(options.job)) - len(left)


def _why_left(action: bulk.Action, job: Job) -> str:
    """Why it was not done to ``job``, and what could be done instead."""
    (row,) = listing.job_rows([job])
    possible = bulk.allowed(job.state, is_import=row.imported is not None)
    if action in possible:
        why = _("Job {id} was left as it is: it has just moved on, or its action is lost. See meanwhile jobs show {id}")
    elif action in bulk.allowed(job.state):
        why = _("Job {id} is an import, for which this cannot be done. It can be: {others}.")
    elif possible:
        why = _('Job {id} is in the state "{state}", for which this cannot be done. It can be: {others}.')
    else:
        why = _('Job {id} is in the state "{state}", which is final.')
    others = ", ".join(f"meanwhile jobs {other} {job.pk}" for other in possible)
    return why.format(id=job.pk, state=job.get_state_display(), others=others)


def _act_on_all(action: bulk.Action, asked: JobFilter, options: Namespace, console: Console) -> int | None:
    """How many; None when the person said no."""
    up_to, amount = bulk.last_id(), bulk.count(action, asked)
    if amount.is_nothing:
        if not options.json:
            console.print(_none_fits(action), markup=False, highlight=False)
        return 0
    if not options.yes and not _confirmed(action, amount, console):
        return None
    return bulk.do_all(action, asked, None, up_to=up_to, seconds=float("inf")).changed


def _none_fits(action: bulk.Action) -> str:
    states = ", ".join(str(state.label) for state in State if state in bulk.MEANINGS[action].states)
    return _("None of the jobs that match is in a state for which this can be done: {states}.").format(states=states)


def _confirmed(action: bulk.Action, amount: bulk.Amount, console: Console) -> bool:
    meaning = bulk.MEANINGS[action]
    if not sys.stdin.isatty():
        sentence = ngettext(
            "{what} {count} job? There is nobody to ask: say --yes.",
            "{what} {count} jobs? There is nobody to ask: say --yes.",
            amount.number,
        )
        raise CommandFailed(sentence.format(what=meaning.label, count=amount))
    console.print(f"{meaning.label}: {amount}. {meaning.explains}", markup=False, highlight=False)
    return console.input(_("Go on? [y/N] "), markup=False).strip().lower() in ("y", "yes")


def _print_json(console: Console, value: Any) -> None:
    console.print(json.dumps(value, ensure_ascii=False, indent=2), markup=False, highlight=False, soft_wrap=True)
