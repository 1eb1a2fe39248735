"""``manage.py meanwhile ...``: the console command with the settings of a host project."""

import sys
from argparse import REMAINDER
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from meanwhile.cli.main import perform


class Command(BaseCommand):
    help = "Everything that the console command `meanwhile` does, with the settings of this project."
    # Each subcommand checks what it needs.
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand the words over as they are, so that ``--help`` and wrong usage speak of the subcommand."""
        # Django has obeyed these two by now.
        django_options = CommandParser(add_help=False, allow_abbrev=False)
        django_options.add_argument("--settings")
        django_options.add_argument("--pythonpath")
        _known, words = django_options.parse_known_args(argv[2:])
        sys.exit(perform(words, program=f"{argv[0]} {argv[1]}"))

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("words", nargs=REMAINDER)

    def handle(self, *args: Any, words: list[str], **options: Any) -> None:
        sys.exit(perform(words))
