"""What the subcommands of ``meanwhile`` have in common. Each lives in a module of its own, thin: parse, call, print."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser, Namespace
from typing import ClassVar

from django.utils.functional import Promise
from rich.console import Console

from meanwhile.core.errors import MeanwhileError


class CommandFailed(MeanwhileError):
    """The command could not do what it was asked; the message says why and what to do."""


class Command(ABC):
    """One subcommand, such as ``meanwhile worker``."""

    name: ClassVar[str]
    help: ClassVar[str | Promise]  # one line, without a full stop

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the options and arguments of this command."""
        return

    @abstractmethod
    def run(self, options: Namespace, console: Console) -> int | None:
        """Do it. Returns the exit code, None for 0; CommandFailed or another MeanwhileError ends it with 1.

        Django is set up. What people read goes to ``console``, which is plain text where it is not a terminal.
        """
