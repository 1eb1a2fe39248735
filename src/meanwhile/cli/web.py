"""``meanwhile web``: the web server alone."""

import gc
import logging
import os
import socket
from argparse import ArgumentParser, Namespace
from functools import partial
from typing import Any

import django
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from rich.console import Console

from meanwhile.cli import access_log, parent, site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.cli.ranges import whole
from meanwhile.core import failpoints
from meanwhile.plugins import function_files

logger = logging.getLogger(__name__)

# A request may wait for a slow effect up to its limit; the others must not stand behind it.
THREADS = 8
# More of either is a slip of the finger.
MOST_THREADS = MOST_PROCESSES = 1_000
MOST_PORT = 65_535
# Time to end what is under way after SIGTERM, the longest request included.
GRACE_SECONDS = 30
# A thread that was idle for this long ends, and its database connection with it. The longest that the server allows.
IDLE_SECONDS = 600
# Its lines come out as all others do.
LOGGING: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"propagate": True}},
}


class Command(Base):
    name = "web"
    help = gettext_lazy("Start only the web server")

    def arguments(self, parser: ArgumentParser) -> None:
        add_address(parser)
        add_size(parser)
        parser.add_argument("--access-log", action="store_true", help=_("print one line per request"))

    def run(self, options: Namespace, console: Console) -> None:
        parent.end_with_supervisor()
        require_free(options.host, options.port)
        site.require_checks()
        site.require_tables()
        serve(options)


def add_address(parser: ArgumentParser) -> None:
    """Add --host and --port."""
    parser.add_argument("--host", default="127.0.0.1", help=_("address to listen at (default: %(default)s)"))
    parser.add_argument(
        "--port", type=whole(1, MOST_PORT), default=8000, help=_("port to listen at (default: %(default)s)")
    )


def add_size(parser: ArgumentParser) -> None:
    """Add --web-processes and --web-threads."""
    parser.add_argument(
        "--web-processes",
        type=whole(1, MOST_PROCESSES),
        default=1,
        help=_("processes that answer requests (default: %(default)s)"),
    )
    parser.add_argument(
        "--web-threads",
        type=whole(1, MOST_THREADS),
        default=THREADS,
        help=_("threads of each of them (default: %(default)s)"),
    )


def require_free(host: str, port: int) -> None:
    """CommandFailed where another process listens there: the kernel would share out requests between the two."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise CommandFailed(
            _("Cannot listen at {host}:{port}: {error}. Choose another port with --port.").format(
                host=host, port=port, error=_reason(error)
            )
        ) from error


def _reason(error: OSError) -> str:
    """Why, in the system's words; Python adds the address, which is said already."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)


def serve(options: Namespace) -> None:
    """Serve until SIGTERM or SIGINT; what is under way then ends first."""
    # The processes that answer are forked from this one and must not share a connection with it.
    connections.close_all()
    # What is there now stays; a collection in one of them would touch all of it, and so make a copy of it.
    gc.collect()
    gc.freeze()
    server = Server(
        "meanwhile",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=options.web_processes,
        blocking_threads=options.web_threads,
        blocking_threads_idle_timeout=IDLE_SECONDS,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
    )
    server.on_startup(partial(_tell_begin, options))
    server.on_shutdown(_tell_end)
    server.serve(target_loader=partial(load_application, logs_access=options.access_log), wrap_loader=False)


def address(host: str, port: int) -> str:
    """Where it listens, as a browser writes it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _tell_begin(options: Namespace) -> None:
    where, processes, threads = address(options.host, options.port), options.web_processes, options.web_threads
    logger.info("The web server begins to listen at %s; processes: %s, threads of each: %s.", where, processes, threads)


def _tell_end() -> None:
    logger.info("The web server has ended.")


def load_application(*, logs_access: bool = False) -> access_log.Application:
    """What one web process serves; runs in it, whether it was forked or spawned."""
    parent.end_with_parent()
    django.setup()
    function_files.load_from_environment()
    failpoints.arm_from_environment()
    application: access_log.Application = get_internal_wsgi_application()
    return access_log.logged(application) if logs_access else application
