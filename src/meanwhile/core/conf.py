"""The settings of Meanwhile: one mapping ``MEANWHILE`` in Django's settings, with a default for each key.

``docs/reference/settings.md`` lists them; a test holds the two together.
"""

from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver


@dataclass(frozen=True, slots=True)
class Conf:
    """Times are in seconds unless the name says otherwise."""

    # A person waits for the effects of the synchronous part no longer than this.
    request_limit_seconds: float = 10.0
    # Where people reach the site, such as "https://example.org"; put before links in texts and e-mails.
    base_url: str = ""
    # An address of a record is good for this long.
    token_age_days: float = 7.0
    # A holder of jobs that has not renewed its lease for this long is dead. Three renewals fit into it, and with
    # the sweep below a takeover comes well within 60 s.
    lease_seconds: float = 30.0
    # How often a worker looks for what became due, for dead leases, and for jobs whose hint got lost.
    poll_seconds: float = 1.0
    sweep_seconds: float = 5.0
    # A worker whose loop has not turned for this long no longer renews its lease.
    stall_seconds: float = 20.0
    # How many jobs one transaction settles, and how long it may gather them.
    batch_size: int = 50
    batch_milliseconds: float = 50.0
    # How many effects one worker performs at a time.
    effect_threads: int = 8
    # An effect that has not come back by then has failed, its outcome unknown.
    effect_seconds: float = 60.0
    # A function without an effect runs inside the transaction and holds its locks no longer than this.
    inline_function_seconds: float = 5.0
    # Retries of an action in a job, unless its Background says otherwise.
    attempts: int = 5
    backoff_seconds: float = 15.0
    backoff_factor: float = 4.0
    # Events that trigger events may nest this deep.
    event_depth: int = 20
    # Deaths of a worker while it runs a job alone, after which the job fails.
    deaths: int = 3
    # Submissions whose work is finished are kept this long.
    purge_days: float = 90.0
    # Submissions a minute to one form by one address, where the form is open to anyone.
    open_form_per_minute: int = 10
    # Whoever sends it as a bearer token may read /metrics. None: only staff may.
    metrics_token: str | None = None
    # Where mail goes when no mail server is configured, relative to nothing: an absolute folder. None: Django's own.
    mail_folder: str | None = None
    # The folder of sockets through which a process wakes the workers of this machine (SQLite only).
    wake_folder: str | None = None
    # IANA name of the zone of "start of the next day" and of dates that people read; None: Django's TIME_ZONE.
    zone: str | None = None


_cached: Conf | None = None


def conf() -> Conf:
    """The settings in force. ImproperlyConfigured for a key that does not exist, with the nearest that does."""
    global _cached
    if _cached is None:
        _cached = _read(getattr(settings, "MEANWHILE", {}))
    return _cached


def _read(given: dict[str, Any]) -> Conf:
    known = [field.name for field in fields(Conf)]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known are: {', '.join(known)}."
            raise ImproperlyConfigured(f"MEANWHILE has no setting {name!r}.{hint}")
    return Conf(**given)


@receiver(setting_changed)
def _forget(*, setting: str, **_: Any) -> None:
    global _cached
    if setting == "MEANWHILE":
        _cached = None
