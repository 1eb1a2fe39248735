"""Numbers among the options of the subcommands: one that is out of range is wrong use, said before anything starts."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable

from django.utils.translation import gettext as _


def whole(least: int, most: int) -> Callable[[str], int]:
    """The ``type`` of an option that takes a whole number from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            sentence = _('"{text}" is not a whole number from {least:,} to {most:,}.')
            raise ArgumentTypeError(sentence.format(text=text, least=least, most=most))
        return int(text)

    return read
