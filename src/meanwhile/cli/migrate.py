"""``meanwhile migrate``: bring Meanwhile's own tables up to date."""

from argparse import Namespace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import site
from meanwhile.cli.command import Command as Base


class Command(Base):
    name = "migrate"
    help = gettext_lazy("Bring the tables that Meanwhile itself needs up to date")

    def run(self, options: Namespace, console: Console) -> None:
        site.say_database(console)
        applied = site.migrate()
        for name in applied:
            console.print(_("Applied {name}.").format(name=name))
        if not applied:
            console.print(_("Everything is up to date."))
