"""``meanwhile run``: a whole site from documents. Tables, owner, web server and one worker, until it is stopped."""

import os
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from django.db import connections
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import apply, documents, owner, site, web, worker
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.cli.supervisor import Supervisor
from meanwhile.core.conf import conf

# Addresses that mean all of this machine's; nobody can be sent to them.
EVERYWHERE = (str(IPv4Address(0)), str(IPv6Address(0)))


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
        _tell_children_where_they_are(options)
        supervisor = Supervisor(_children(options), lambda text: console.print(text, markup=False, highlight=False))
        supervisor.run(Greeter(options.host, options.port, console).look)


def publish(files: Sequence[Path], console: Console) -> None:
    """Publish what differs from what is published already. CommandFailed where something would be lost."""
    if not files:
        return
    planned = apply.make_plan(documents.read(files, console), console)
    if planned.is_empty:
        return
    apply.print_plan(planned, console)
    if planned.losses:
        raise CommandFailed(
            _("Starting the site loses nothing silently. To agree to the loss: meanwhile apply {files}").format(
                files=" ".join(map(str, files))
            )
        )
    apply.carry_out(planned, console)


def _make_owner(console: Console) -> None:
    if not site.has_owner():
        console.print()
        owner.print_password(console, site.make_owner())


def _tell_children_where_they_are(options: Namespace) -> None:
    """Without ``SITE_URL`` links in e-mails would be no whole addresses."""
    if options.host not in EVERYWHERE:
        os.environ.setdefault("SITE_URL", address(options.host, options.port))


def _children(options: Namespace) -> dict[str, list[str]]:
    address = ["--host", options.host, "--port", str(options.port)]
    size = ["--web-processes", str(options.web_processes), "--web-threads", str(options.web_threads)]
    threads = ["--threads", str(options.threads)] if options.threads else []
    return {"web": ["web", *address, *size], "worker": ["worker", *threads]}


class Greeter:
    """Says where the site is as soon as it answers, once."""

    def __init__(self, host: str, port: int, console: Console) -> None:
        self._host, self._port, self._console = host, port, console
        self._has_greeted = False

    def look(self) -> None:
        """Greet if it is time."""
        if not self._has_greeted and self._answers():
            self._has_greeted = True
            self._console.print()
            text = _("Meanwhile runs at {address}").format(address=address(self._host, self._port))
            self._console.print(text, style="bold green", markup=False, highlight=False)
            designer = address(self._host, self._port) + reverse("designer")
            text = _("Build applications at {address}").format(address=designer)
            self._console.print(text, markup=False, highlight=False)
            self._console.print(_("Ctrl-C stops it."))

    def _answers(self) -> bool:
        try:
            socket.create_connection((self._host, self._port), timeout=1).close()
        except OSError:
            return False
        return True


def address(host: str, port: int) -> str:
    """Where people reach the site: what ``SITE_URL`` says, else where it listens."""
    return conf().base_url or web.address(host, port)
