"""Runs a module of the bench inside a site: ``python -m bench.in_site MODULE ARGUMENT...`` sets Django up and calls the
module's ``main`` with the arguments, which are texts.
"""

import sys
from importlib import import_module

import django


def words(module: str, *arguments: object) -> list[str]:
    """The command line that does it."""
    return [sys.executable, "-m", "bench.in_site", module, *map(str, arguments)]


if __name__ == "__main__":
    django.setup()
    import_module(sys.argv[1]).main(*sys.argv[2:])
