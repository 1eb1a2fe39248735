"""``meanwhile run``: a whole site from documents. Tables, owner, web server and one worker, until it is stopped."""

import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import apply, documents, owner, site, web, worker
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.cli.supervisor import LOOK_SECONDS, Supervisor
from meanwhile.core.clock import monotonic

# A slow machine takes some seconds to import Django; past this, the children's own messages tell what is wrong.
START_SECONDS = 30.0


class Command(Base):
    name = "run"
    help = gettext_lazy("Start a whole site: publish documents, then serve and work until it is stopped")

    def arguments(self, parser: ArgumentParser) -> None:
        documents.add_files(parser, "*")
        web.add_address(parser)
        web.add_size(parser)
        worker.add_threads(parser)

    def run(self, options: Namespace, console: Console) -> None:
        web.require_free(options.host, options.port)
        site.require_checks()
        site.migrate()
        publish(options.files, console)
        _make_owner(console)
        connections.close_all()
        supervisor = Supervisor(_children(options), lambda text: console.print(text, markup=False, highlight=False))
        supervisor.run(lambda: _greet(supervisor, options, console))


def publish(files: Sequence[Path], console: Console) -> None:
    """Publish what differs from what is published already. CommandFailed where something would be lost."""
    if not files:
        return
    plan = apply.plan(documents.read(files, console))
    if plan.is_empty:
        return
    apply.print_plan(plan, console)
    if plan.losses:
        raise CommandFailed(
            _("Starting the site loses nothing silently. Look at the plan with: meanwhile apply {files}").format(
                files=" ".join(map(str, files))
            )
        )
    apply.publish_all(plan, console)


def _make_owner(console: Console) -> None:
    if not site.has_owner():
        console.print()
        owner.print_password(console, site.OWNER, site.make_owner())


def _children(options: Namespace) -> dict[str, list[str]]:
    address = ["--host", options.host, "--port", str(options.port)]
    size = ["--web-processes", str(options.web_processes), "--web-threads", str(options.web_threads)]
    threads = ["--threads", str(options.threads)] if options.threads else []
    return {"web": ["web", *address, *size], "worker": ["worker", *threads]}


def _greet(supervisor: Supervisor, options: Namespace, console: Console) -> None:
    """Say where the site is as soon as it answers."""
    if _answers(supervisor, options.host, options.port):
        address = settings.MEANWHILE.get("base_url") or f"http://{_readable(options.host)}:{options.port}"
        console.print()
        console.print(_("Meanwhile runs at {address}").format(address=address), style="bold green", markup=False)
        console.print(_("Ctrl-C stops it."))


def _answers(supervisor: Supervisor, host: str, port: int) -> bool:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and not supervisor.is_stopping:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            supervisor.wait(LOOK_SECONDS)
        else:
            return True
    return False


def _readable(host: str) -> str:
    return f"[{host}]" if ":" in host else host
