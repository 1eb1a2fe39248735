"""``meanwhile owner``: somebody who may do everything, and a way back in when the password is lost."""

import shlex
from argparse import ArgumentParser, Namespace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import site
from meanwhile.cli.command import Command as Base


class Command(Base):
    name = "owner"
    help = gettext_lazy("Make a person with all rights, or give them a new password")

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default=site.OWNER, help=_("their name (default: owner)"))

    def run(self, options: Namespace, console: Console) -> None:
        site.say_database(console)
        site.require_tables()
        owner = site.make_owner(options.name)
        said = (
            _("{name} is new, and has all rights.") if owner.is_new else _("{name} has a new password and all rights.")
        )
        console.print(said.format(name=owner.name), markup=False, highlight=False)
        print_password(console, owner)


def print_password(console: Console, owner: site.Owner) -> None:
    """Say how to sign in. The only time that the password can be seen."""
    console.print(_("Sign in as   {name}").format(name=owner.name), markup=False, highlight=False)
    console.print(_("Password     {password}").format(password=owner.password), markup=False, highlight=False)
    command = "meanwhile owner" if owner.name == site.OWNER else f"meanwhile owner {shlex.quote(owner.name)}"
    console.print(_("It is shown only now. For a new one: {command}").format(command=command), markup=False)
