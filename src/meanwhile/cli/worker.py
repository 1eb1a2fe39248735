"""``meanwhile worker``: one worker alone."""

import logging
import signal
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import parent, site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.ranges import whole
from meanwhile.core import failpoints, queue_name
from meanwhile.core.conf import MOST_EFFECT_THREADS
from meanwhile.definitions.unregistered import unregistered
from meanwhile.engine.performer import EnginePerformer
from meanwhile.queue.worker import Worker

logger = logging.getLogger(__name__)


class Command(Base):
    name = "worker"
    help = gettext_lazy("Start only a worker, which performs the jobs")

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queues", type=_names, default=(), help=_("queues to serve, separated by commas (default: all)")
        )
        add_threads(parser)
        parser.add_argument("--drain", action="store_true", help=_("end when nothing is left that is due"))

    def run(self, options: Namespace, console: Console) -> None:
        parent.end_with_supervisor()
        site.require_checks(addresses=False)
        site.require_tables()
        _warn_of_what_is_missing()
        failpoints.arm_from_environment()
        worker = Worker(EnginePerformer(), queues=options.queues, threads=options.threads)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run(drain=options.drain)


def add_threads(parser: ArgumentParser) -> None:
    """Add --threads."""
    parser.add_argument(
        "--threads",
        type=whole(1, MOST_EFFECT_THREADS),
        default=None,
        help=_("effects performed at the same time (default: the setting effect_threads)"),
    )


def _warn_of_what_is_missing() -> None:
    """A worker without a function takes the jobs that call it all the same, and can only fail them."""
    for each in unregistered():
        logger.warning("%s %s", each.sentence, each.advice)


def _names(text: str) -> tuple[str, ...]:
    """At least one: an empty variable in the file of a service must not have it serve what was to be kept apart."""
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    if not names:
        raise ArgumentTypeError(
            _('"{text}" names no queue. Name at least one, such as mail,reports, or leave the option out.').format(
                text=text
            )
        )
    try:
        return tuple(map(queue_name.checked, names))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
