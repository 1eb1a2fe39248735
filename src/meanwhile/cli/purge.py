"""``meanwhile purge``: remove submissions whose work was finished long ago. Records stay."""

from argparse import ArgumentParser, Namespace
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rich.console import Console

from meanwhile.cli import site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.core.clock import now
from meanwhile.core.conf import ALLOWED, conf
from meanwhile.engine.purge import purge


class Command(Base):
    name = "purge"
    help = gettext_lazy("Remove what is known of submissions that ended long ago; records stay")

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=float,
            default=None,
            help=_("how long ago (default: the setting purge_days)"),
        )

    def run(self, options: Namespace, console: Console) -> None:
        site.require_tables()
        days = conf().purge_days if options.days is None else options.days
        if not ALLOWED["purge_days"].fits(days):
            raise CommandFailed(_("--days has to be {allowed}.").format(allowed=ALLOWED["purge_days"]))
        count = purge(now() - timedelta(days=days))
        console.print(
            ngettext("{count} submission removed.", "{count} submissions removed.", count).format(count=count)
        )
