"""``meanwhile dry-run``: walk a save through a document, step by step, without saving, sending or calling anything."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import documents, dry_report, site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.definitions import drafts
from meanwhile.definitions.program import Program
from meanwhile.engine.dry_run import Fails, Trial, dry_run, load_draft


class Command(Base):
    name = "dry-run"
    help = gettext_lazy("Show what a save would do, step by step, without doing it")

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "document",
            metavar=_("FILE_OR_APPLICATION"),
            help=_("a document, or the key of an application of this site"),
        )
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--form", default="", help=_("the form that is sent; the first one by default"))
        place.add_argument("--table", default="", help=_("the table whose record is saved, without a form"))
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--new", action="store_true", help=_("a new record (the default without --record)"))
        kind.add_argument("--changed", action="store_true", help=_("a changed record (the default with --record)"))
        parser.add_argument("--record", help=_("the id of the record that is changed, or is the pattern of a new one"))
        parser.add_argument(
            "--values", nargs="+", default=[], metavar=_("FIELD=VALUE"), help=_("what the person enters")
        )
        parser.add_argument(
            "--answer", action="append", default=[], metavar=_("NAME=VALUE"), help=_("what a function answers")
        )
        parser.add_argument("--fail", action="append", default=[], metavar=_("NAME"), help=_("a function that fails"))
        parser.add_argument("--user", default="", help=_("who sends it, by name; nobody who has signed in by default"))

    def run(self, options: Namespace, console: Console) -> int:
        site.require_tables()
        program = _program(options.document, console)
        told = dry_run(program, _trial(program, options))
        dry_report.write(told, console)
        return 1 if told.refused else 0


def _program(name: str, console: Console) -> Program:
    """The draft of an application of this site, as designers see it, or the document in a file."""
    path = Path(name)
    if path.is_file() or path.suffix in (".yaml", ".yml"):
        (document,) = documents.read([path], console)
        return load_draft(document.plain)
    return load_draft(drafts.working(name).document)


def _trial(program: Program, options: Namespace) -> Trial:
    form = options.form
    if not form and not options.table:
        form = next(iter(program.forms), "")
    table = options.table or ("" if form else next(iter(program.tables), ""))
    return Trial(
        table=table,
        form=form,
        values=_pairs(options.values),
        record_id=options.record,
        is_new=options.new or not (options.changed or options.record),
        user_id=_user(options.user),
        answers={**_pairs(options.answer), **{name: Fails() for name in options.fail}},
    )


def _pairs(given: list[str]) -> dict[str, Any]:
    """``k=v`` as a mapping; an empty value is no value."""
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise CommandFailed(_('"{text}" is no pair; write it as name=value.').format(text=text))
        pairs[name] = value or None
    return pairs


def _user(name: str) -> Any:
    if not name:
        return None
    users = get_user_model()
    found = users._default_manager.filter(**{users.USERNAME_FIELD: name}).first()
    if found is None:
        raise CommandFailed(_('There is nobody with the name "{name}".').format(name=name))
    return found.pk
