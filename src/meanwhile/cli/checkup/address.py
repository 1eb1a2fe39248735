"""Where people reach this site, by its settings."""

from urllib.parse import urlsplit

from meanwhile.core.conf import conf

_HERE = ("", "localhost", "127.0.0.1", "::1")


def host() -> str:
    """The name of the site; empty where none is set."""
    return urlsplit(conf().base_url).hostname or ""


def is_only_here() -> bool:
    """Whether the site is meant for nobody but this machine."""
    return host() in _HERE
