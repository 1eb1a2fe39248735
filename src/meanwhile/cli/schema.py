"""``meanwhile schema``: the JSON Schema of documents, for editors."""

import json
from argparse import Namespace

from django.utils.translation import gettext_lazy
from rich.console import Console

from meanwhile.cli.command import Command as Base
from meanwhile.definitions.document import json_schema


class Command(Base):
    name = "schema"
    help = gettext_lazy("Print the JSON Schema of documents")

    def run(self, options: Namespace, console: Console) -> None:
        text = json.dumps(json_schema(), indent=2, ensure_ascii=False)
        console.out(text, highlight=False)
