"""The settings: what makes a site unsafe, or unreachable, or lose its promises."""

from collections.abc import Iterator

from django.conf import settings
from django.core import checks
from django.db import Error
from django.utils.translation import gettext as _

from meanwhile.cli.checkup.address import host, is_only_here
from meanwhile.cli.checkup.finding import Finding, Level, ok, problem, skipped, warning
from meanwhile.core.conf import conf

# What Django's own check asks for.
_SHORTEST_KEY = 50
_FEWEST_LETTERS = 5


def secret_key() -> Iterator[Finding]:
    name, key = "SECRET_KEY", str(settings.SECRET_KEY)
    if key.startswith("django-insecure-") or len(key) < _SHORTEST_KEY or len(set(key)) < _FEWEST_LETTERS:
        yield problem(
            name,
            _("It can be guessed; whoever does can sign in as anybody."),
            _("Set SECRET_KEY to a random text of at least {length} letters.").format(length=_SHORTEST_KEY),
        )
    else:
        yield ok(name, _("It is long enough and looks random."))


def debug() -> Iterator[Finding]:
    name = "DEBUG"
    if not settings.DEBUG:
        yield ok(name, _("It is off."))
    elif is_only_here():
        yield warning(
            name,
            _("It is on: pages of errors show settings."),
            _("Turn it off before others can reach this site."),
        )
    else:
        yield problem(
            name,
            _("It is on, and {host} is reached by others: pages of errors show settings.").format(host=host()),
            _("Set DEBUG=false."),
        )


def address() -> Iterator[Finding]:
    """The name under which people reach the site, and whether it answers to it."""
    name, own, hosts = _("Address"), host(), list(settings.ALLOWED_HOSTS)
    if "*" in hosts:
        yield warning(
            name,
            _("ALLOWED_HOSTS is *: the site answers to every name, also to one that somebody made up for a trap."),
            _("List the names of this site in ALLOWED_HOSTS."),
        )
    elif not own:
        yield warning(
            name,
            _("SITE_URL is not set: links in e-mails have no host, and only this machine is answered."),
            _("Set SITE_URL (elsewhere: MEANWHILE['base_url']) unless the site is only for this machine."),
        )
    elif not _answers_to(own, hosts):
        yield problem(
            name,
            _("{host} is not in ALLOWED_HOSTS: whoever comes by that name is refused.").format(host=own),
            _("Add {host} to ALLOWED_HOSTS.").format(host=own),
        )
    else:
        yield ok(name, _("The site answers at {address}.").format(address=conf().base_url))


def system_checks() -> Iterator[Finding]:
    """What Django's system checks say, of Meanwhile and of the whole project. Some of Django's ask the database; ours
    do not."""
    name = _("System checks")
    try:
        messages = checks.run_checks()
    except Error:
        messages = checks.run_checks(tags=["meanwhile"])
        yield skipped(name, _("Those of Django are looked at when the database answers."))
    found = [message for message in messages if not message.is_silenced()]
    for message in found:
        level = Level.PROBLEM if message.is_serious() else Level.WARNING
        yield Finding(name, level, f"{message.id}: {message.msg}", message.hint or "")
    if not found:
        yield ok(name, _("They find nothing."))


def _answers_to(name: str, hosts: list[str]) -> bool:
    return any(name == one.lower() or (one.startswith(".") and name.endswith(one.lower())) for one in hosts)
