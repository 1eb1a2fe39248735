"""``meanwhile export``: a published document as YAML, on standard output."""

from argparse import ArgumentParser, Namespace
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli import site
from meanwhile.cli.command import Command as Base
from meanwhile.cli.command import CommandFailed
from meanwhile.definitions.models import Application
from meanwhile.definitions.writer import dump_plain


class Command(Base):
    name = "export"
    help = gettext_lazy("Print a published document as YAML, with the ids of its nodes")

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("application", metavar=_("APPLICATION"), help=_("its key"))

    def run(self, options: Namespace, console: Console) -> None:
        site.require_tables()
        found = Application.objects.select_related("current").filter(key=options.application).first()
        if found is None or found.current is None:
            raise CommandFailed(_unknown(options.application))
        console.out(dump_plain(found.current.document), end="", highlight=False)


def _unknown(key: str) -> str:
    known = list(Application.objects.values_list("key", flat=True))
    message = _('No application "{key}" is published.').format(key=key)
    if near := get_close_matches(key, known, 1):
        return message + " " + _('Did you mean "{word}"?').format(word=near[0])
    return message + (" " + _("Published are: {words}.").format(words=", ".join(sorted(known))) if known else "")
