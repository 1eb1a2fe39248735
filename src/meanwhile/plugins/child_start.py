"""Loads the site in the server from which the processes of functions are forked, and in each what came since."""

import django

from meanwhile.plugins import function_files


def load() -> None:
    """Set Django up and load the functions that lie beside documents. Quick where it was done before."""
    django.setup()
    function_files.load_from_environment()


load()
