"""``meanwhile queues``: look at the named queues, pause and resume them, and set their limits.

Exit codes: 0 done, 1 refused, 2 used wrongly.
"""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.cli.rows import Column, print_note, print_rows
from meanwhile.queue import rules
from meanwhile.queue.by_queue import CAP, Queue, Queues, queues
from meanwhile.queue.states import State

_NONE = "none"
_RATE = re.compile(r"(\d{1,9})(/min(ute)?)?", re.ASCII)


class Command(Base):
    name = "queues"
    help = gettext_lazy("List queues, pause and resume them, and set their limits")

    def arguments(self, parser: ArgumentParser) -> None:
        choices = parser.add_subparsers(metavar=_("what"), required=True)
        about = {
            "list": _("every queue with its jobs, its workers and its rules"),
            "pause": _("nothing of the queue starts any more; what runs goes on"),
            "resume": _("its jobs may start again"),
            "set": _("set some of its rules and leave the others"),
            "forget": _("remove its rules, so that it is a queue like any other, or none at all"),
        }
        acts = {"list": _list, "pause": _pause, "resume": _resume, "set": _set, "forget": _forget}
        for name, does in acts.items():
            one = choices.add_parser(name, help=about[name], description=about[name], allow_abbrev=False)
            one.set_defaults(does=does)
            _add_options(name, one)

    def run(self, options: Namespace, console: Console) -> int:
        site.require_tables()
        try:
            options.does(options, console)
        except rules.BadRules as error:
            option = {"name": "NAME", "per_minute": "--rate"}.get(error.rule, f"--{error.rule}")
            raise CommandFailed(f"{option}: {error}") from error
        return 0


def _add_options(name: str, parser: ArgumentParser) -> None:
    if name == "list":
        parser.add_argument("--json", action="store_true", help=_("as JSON, for programs"))
        return
    parser.add_argument("name", help=_("name of the queue"))
    if name == "set":
        parser.add_argument(
            "--concurrency", type=_number_or_none, help=_("how many of its jobs may run at a time; none: any number")
        )
        parser.add_argument(
            "--rate", type=_rate, help=_("how many may start in a minute, such as 60/minute; none: any number")
        )
        parser.add_argument("--priority", type=int, help=_("-1000 to 1000, usually 0; the higher comes first"))
    if name == "forget":
        parser.add_argument("--resume", action="store_true", help=_("also where it is paused with jobs waiting"))


def _number_or_none(text: str) -> int | str:
    if text == _NONE:
        return text
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise ArgumentTypeError(_('"{text}" is neither a number nor none.').format(text=text))
    return int(text)


def _rate(text: str) -> int | str:
    found = _RATE.fullmatch(text)
    if text != _NONE and not found:
        raise ArgumentTypeError(_('"{text}" is no rate. Write it as 60/minute, or none.').format(text=text))
    return int(found[1]) if found else text


def _pause(options: Namespace, console: Console) -> None:
    if rules.pause(options.name):
        _say(console, _('"{name}" is paused: nothing of it starts. What runs goes on.').format(name=options.name))
        _warn_of_unknown(options.name, console)
    else:
        _say(console, _('"{name}" was paused already.').format(name=options.name))


def _resume(options: Namespace, console: Console) -> None:
    if rules.resume(options.name):
        _say(console, _('"{name}" goes on.').format(name=options.name))
    else:
        _say(console, _('"{name}" was not paused.').format(name=options.name))


def _set(options: Namespace, console: Console) -> None:
    given = {"concurrency": options.concurrency, "per_minute": options.rate, "priority": options.priority}
    wanted = {name: None if value == _NONE else value for name, value in given.items() if value is not None}
    if not wanted:
        raise CommandFailed(_("Say what to set: --concurrency, --rate or --priority."))
    before = rules.rules_of(options.name)
    kept = {"concurrency": before.concurrency, "per_minute": before.per_minute, "priority": before.priority}
    rules.change(options.name, **(kept | wanted))
    _say(console, f'"{options.name}": {_in_words(rules.rules_of(options.name))}')
    _warn_of_unknown(options.name, console)


def _forget(options: Namespace, console: Console) -> None:
    try:
        is_changed = rules.forget(options.name, lets_start=options.resume)
    except rules.JobsWait as error:
        raise CommandFailed(_("{reason} To let them start: --resume").format(reason=error)) from error
    sentence = _('"{name}" has no rules any more.') if is_changed else _('"{name}" has no rules.')
    _say(console, sentence.format(name=options.name))
    if any(queue.name == options.name for queue in queues().queues):
        _say(console, _("It stays in the list while jobs stand in it or a worker names it."))


def _warn_of_unknown(name: str, console: Console) -> None:
    """A name that nobody else uses may be a slip."""
    known = next((queue for queue in queues().queues if queue.name == name), None)
    if known is not None and not known.counts and not known.workers:
        _say(console, _("Note: no job stands in that queue at the moment, and no worker serves it."))


def _in_words(some: rules.Rules) -> str:
    words = [_("paused")] if some.paused else []
    if some.concurrency is not None:
        words.append(_("{count} at a time").format(count=some.concurrency))
    if some.per_minute is not None:
        words.append(_("{count} a minute").format(count=some.per_minute))
    if some.priority:
        words.append(_("priority {number}").format(number=some.priority))
    return ", ".join(words) or _("no rules")


def _list(options: Namespace, console: Console) -> None:
    found = queues()
    if options.json:
        text = json.dumps({"queues": [_plain(queue) for queue in found.queues]}, ensure_ascii=False, indent=2)
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    elif found.queues:
        _print_rows(console, found)
    else:
        print_note(console, _("No job stands in a queue, and no queue has rules."))


def _plain(queue: Queue) -> dict[str, Any]:
    return {
        "name": queue.name,
        "jobs": {str(state): count for state, count in queue.counts.items()},
        "oldest_waiting_seconds": queue.oldest_waiting_seconds,
        "workers": queue.workers,
        **asdict(queue.rules),
    }


def _print_rows(console: Console, found: Queues) -> None:
    titles = (_("Queue"), _("Waiting"), _("Oldest waits"), _("Running"), _("Workers"))
    columns = [*map(Column, titles), Column(_("Rules"), gives_way=True)]
    more = "+" if State.AVAILABLE in found.capped else ""
    print_rows(console, columns, [_cells(queue, more) for queue in found.queues])
    if more:
        print_note(console, _("Only the {cap} jobs that wait longest are counted.").format(cap=f"{CAP:,}"))


def _cells(queue: Queue, more: str) -> list[str]:
    waiting, oldest = queue.counts.get(State.AVAILABLE, 0), queue.oldest_waiting_seconds
    return [
        queue.name,
        f"{waiting:,}{more if waiting else ''}",
        "-" if oldest is None else _("{seconds} s").format(seconds=f"{oldest:,.0f}"),
        str(queue.counts.get(State.RUNNING, 0)),
        str(queue.workers),
        _in_words(queue.rules),
    ]


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False)
