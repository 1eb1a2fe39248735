"""Reading documents from files, and telling a person what is wrong with them."""

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console

from meanwhile.cli.command import CommandFailed
from meanwhile.definitions.check import check
from meanwhile.definitions.document import Document
from meanwhile.definitions.loading import load_file
from meanwhile.definitions.problems import DocumentErrors, Located
from meanwhile.plugins import function_files

COLOURS = {"error": "red", "warning": "yellow"}


def add_files(parser: ArgumentParser, count: str = "+") -> None:
    """Add the files of documents as arguments."""
    parser.add_argument("files", metavar=_("FILE"), nargs=count, type=Path, help=_("a document, in YAML"))


def read(files: Sequence[Path], console: Console) -> list[Document]:
    """The documents in ``files``, with the functions beside them loaded. Prints warnings; prints every error of every
    file and raises CommandFailed where there is one."""
    function_files.load_beside(files)
    documents: list[Document] = []
    found: list[Located] = []
    for file in files:
        try:
            document = load_file(file)
        except DocumentErrors as errors:
            found += errors.problems
        else:
            documents.append(document)
            found += check(document)
    print_problems(found, console)
    _refuse_errors(found)
    _refuse_same_application(documents)
    return documents


def print_problems(problems: Iterable[Located], console: Console) -> None:
    """One line each: place, what is wrong, path, suggestion."""
    for problem in problems:
        console.print(problem.place, style="bold", end=": ", markup=False, highlight=False)
        console.print(_kind(problem), style=COLOURS[problem.severity], end=": ", markup=False)
        console.print(problem.sentence, markup=False, highlight=False)
        for mend in problem.mends[:1] if problem.suggestion is None else ():
            console.print(
                _("  To mend it: {what}.").format(what=mend.label), style="dim", markup=False, highlight=False
            )


def _kind(problem: Located) -> str:
    return _("error") if problem.severity == "error" else _("warning")


def _refuse_errors(problems: Iterable[Located]) -> None:
    if count := sum(problem.severity == "error" for problem in problems):
        raise CommandFailed(ngettext("{count} error.", "{count} errors.", count).format(count=count))


def _refuse_same_application(documents: Iterable[Document]) -> None:
    seen: dict[str, str] = {}
    for document in documents:
        key, file = document.application, document.source.file
        if key in seen:
            raise CommandFailed(
                _('{first} and {second} are both the application "{key}".').format(
                    first=seen[key], second=file, key=key
                )
            )
        seen[key] = file
