"""``meanwhile check``: what is wrong with documents, all of it at once. Needs no database."""

from argparse import ArgumentParser, Namespace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import documents
from meanwhile.cli.command import Command as Base


class Command(Base):
    name = "check"
    help = gettext_lazy("Say everything that is wrong with documents")

    def arguments(self, parser: ArgumentParser) -> None:
        documents.add_files(parser)

    def run(self, options: Namespace, console: Console) -> None:
        for document in documents.read(options.files, console):
            console.print(_("{file}: no errors.").format(file=document.source.file), markup=False, highlight=False)
