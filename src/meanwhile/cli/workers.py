"""``meanwhile workers``: who serves which queues, who lives, and what they run, as the monitor shows it."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.text import Text

from meanwhile.cli import job_report, site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.rows import Column, print_note, print_rows
from meanwhile.core import clock
from meanwhile.core.zone import site_zone, written
from meanwhile.engine.inspect.listing import JobRow
from meanwhile.engine.inspect.workers import Holder, at_work

# Jobs that one row names; `meanwhile jobs list --state running` has them all.
_FEW = 3


class Command(Base):
    name = "workers"
    help = gettext_lazy("List who holds jobs: workers, whether they live, and what they run")

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("as JSON, for programs"))

    def run(self, options: Namespace, console: Console) -> None:
        site.require_tables()
        found = at_work()
        if options.json:
            text = json.dumps({"workers": [_plain(*each) for each in found]}, ensure_ascii=False, indent=2)
            console.print(text, markup=False, highlight=False, soft_wrap=True)
            return
        if found:
            _print_rows(console, found)
        if not any(holder.is_worker and holder.is_alive for holder, _rows in found):
            print_note(console, _("No worker is alive. Jobs are safe and wait. Start one: meanwhile worker"))


def _plain(holder: Holder, rows: Sequence[JobRow]) -> dict[str, Any]:
    return {
        "name": holder.name,
        "kind": holder.kind,
        "is_alive": holder.is_alive,
        "queues": list(holder.queues),
        "started_at": holder.started_at.isoformat(),
        "renewed_at": holder.renewed_at.isoformat(),
        "expires_at": holder.expires_at.isoformat(),
        "held": holder.running,
        "jobs": [job_report.brief(row) for row in rows[:_FEW]],
    }


def _print_rows(console: Console, found: Sequence[tuple[Holder, Sequence[JobRow]]]) -> None:
    columns = [
        Column(_("Worker")),
        Column(_("State")),
        Column(_("Since ({zone})").format(zone=site_zone())),
        Column(_("Last heard of")),
        Column(_("Holds")),
        Column(_("Queues"), gives_way=True),
        Column(_("Runs"), gives_way=True),
    ]
    print_rows(console, columns, [_cells(*each) for each in found])


def _cells(holder: Holder, rows: Sequence[JobRow]) -> list[str | Text]:
    ago = max((clock.now() - holder.renewed_at).total_seconds(), 0.0)
    return [
        holder.name,
        Text(_("Alive"), style="green") if holder.is_alive else Text(_("Lost"), style="red"),
        written(holder.started_at),
        _("{seconds} s ago").format(seconds=f"{ago:,.0f}"),
        str(holder.running),
        _queues(holder),
        _in_short(holder, rows),
    ]


def _queues(holder: Holder) -> str:
    if not holder.is_worker:
        return _("none: a request that performs its own rest")
    return ", ".join(holder.queues) or _("all")


def _in_short(holder: Holder, rows: Sequence[JobRow]) -> str:
    named = [f"{row.job.pk} {row.branch}" for row in rows[:_FEW]]
    return ", ".join([*named, "..."] if holder.running > len(named) else named)
