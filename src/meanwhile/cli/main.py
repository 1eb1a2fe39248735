"""The console command ``meanwhile``, and the same thing as ``manage.py meanwhile`` in a host project.

Exit codes: 0 done, 1 refused or failed with a message, 2 used wrongly. What went wrong is said in a sentence; a
traceback would be a bug of ours.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.translation import gettext as _
from rich.console import Console

from meanwhile import __version__
from meanwhile.cli import complaints
from meanwhile.cli.command import Command
from meanwhile.core.errors import MeanwhileError
from meanwhile.plugins import function_files

# In the order in which help lists them: starting, documents, operating.
COMMANDS = (
    "run",
    "web",
    "worker",
    "check",
    "dry-run",
    "apply",
    "export",
    "schema",
    "doctor",
    "jobs",
    "queues",
    "workers",
    "migrate",
    "owner",
    "purge",
)


def main() -> None:
    """Entry point of the console script."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meanwhile.config.settings")
    command = "".join(sys.argv[1:2])
    complaints.log_what_nobody_catches(command)
    try:
        django.setup()
    except (ImproperlyConfigured, OSError, ValueError) as error:
        # Not translated: which language to use is one of the settings.
        complaints.complain(command, f"The settings are not right: {error}")
        sys.exit(1)
    sys.exit(perform(sys.argv[1:]))


def perform(words: Sequence[str], console: Console | None = None, *, program: str = "meanwhile") -> int:
    """Run the subcommand that ``words`` name, and return its exit code. Django must be set up."""
    options = parser(program, words[:1]).parse_args(words)
    command: Command = options.command
    try:
        function_files.load_from_environment()
        return command.run(options, console or Console(soft_wrap=True)) or 0
    except (MeanwhileError, ImproperlyConfigured) as error:
        complaints.complain(command.name, str(error))
    except DatabaseError as error:
        complaints.complain(command.name, _("The database refused: {error}").format(error=str(error).strip()))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output, such as `head`, has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def parser(program: str = "meanwhile", wanted: Sequence[str] = ()) -> ArgumentParser:
    """The parser of all subcommands; its result has ``command``, the one chosen. ``wanted``: the one that will be
    chosen, where that is known; then the others are not imported."""
    whole = ArgumentParser(prog=program, description=_("Forms whose slow work is done meanwhile."), allow_abbrev=False)
    whole.add_argument("--version", action="version", version=f"Meanwhile {__version__}")
    choices = whole.add_subparsers(metavar=_("command"), required=True)
    for command in commands(wanted if set(wanted) & set(COMMANDS) else COMMANDS):
        one = choices.add_parser(
            command.name, help=str(command.help), description=f"{command.help}.", allow_abbrev=False
        )
        one.set_defaults(command=command)
        command.arguments(one)
    return whole


def commands(names: Sequence[str] = COMMANDS) -> list[Command]:
    """One of each subcommand in ``names``."""
    return [import_module(f"meanwhile.cli.{name.replace('-', '_')}").Command() for name in names]
