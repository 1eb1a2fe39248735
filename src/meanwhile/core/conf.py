"""The settings of Meanwhile: one mapping ``MEANWHILE`` in Django's settings, with a default for each key.

Each stands with what it may be and is looked at once, when the mapping is read. Which values contradict each other is
for the system checks to say. ``docs/reference/settings.md`` lists all; a test holds the two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from reprlib import repr as shortened
from typing import Annotated, Any, get_args

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver

from meanwhile.core.allowed import Allowed, Folder, Number, Origin, Positive, Secret, Whole, Zone

HOUR = 3_600
DAY = 24 * HOUR
# A hundred years of days: further back and further on, the calendar of a database may end.
DAYS = 36_500
# More would be a slip of the finger: each is a thread, and perhaps a connection.
MOST_EFFECT_THREADS = 1_000


@dataclass(frozen=True, slots=True)
class Conf:
    """Times are in seconds unless the name says otherwise."""

    # A person waits for the effects of the synchronous part no longer than this.
    request_limit_seconds: Annotated[float, Number(0, HOUR)] = 10.0
    # Where people reach the site, such as "https://example.org"; put before links in texts and e-mails.
    base_url: Annotated[str, Origin()] = ""
    # An address of a record is good for this long.
    token_age_days: Annotated[float, Positive(DAYS)] = 7.0
    # A holder of jobs that has not renewed its lease for this long is dead. Three renewals fit into it, and with
    # the sweep below a takeover comes well within 60 s.
    lease_seconds: Annotated[float, Number(0.1, DAY)] = 30.0
    # How often a worker looks for what became due, for dead leases, and for jobs whose hint got lost.
    poll_seconds: Annotated[float, Number(0.01, DAY)] = 1.0
    sweep_seconds: Annotated[float, Number(0.01, DAY)] = 5.0
    # A worker whose loop has not turned for this long no longer renews its lease.
    stall_seconds: Annotated[float, Number(0, DAY)] = 20.0
    # How many jobs one transaction settles, and how long it may gather them.
    batch_size: Annotated[int, Whole(1, 1_000)] = 50
    batch_milliseconds: Annotated[float, Positive(60_000)] = 50.0
    # How many effects one worker performs at a time.
    effect_threads: Annotated[int, Whole(1, MOST_EFFECT_THREADS)] = 8
    # An effect that has not come back by then has failed, its outcome unknown.
    effect_seconds: Annotated[float, Positive(DAY)] = 60.0
    # A function without an effect runs inside the transaction and holds its locks no longer than this.
    inline_function_seconds: Annotated[float, Positive(HOUR)] = 5.0
    # Retries of an action in a job, unless its Background says otherwise.
    attempts: Annotated[int, Whole(1, 100)] = 5
    backoff_seconds: Annotated[float, Number(0, DAY)] = 15.0
    backoff_factor: Annotated[float, Number(1, 100)] = 4.0
    # Events that trigger events may nest this deep.
    event_depth: Annotated[int, Whole(0, 100)] = 20
    # Deaths of a worker while it runs a job alone, after which the job fails.
    deaths: Annotated[int, Whole(1, 100)] = 3
    # Submissions whose work is finished are kept this long.
    purge_days: Annotated[float, Number(0, DAYS)] = 90.0
    # Submissions a minute to one form by one address, where the form is open to anyone.
    open_form_per_minute: Annotated[int, Whole(0, 1_000_000)] = 10
    # Whoever sends it as a bearer token may read /metrics. None: only staff may.
    metrics_token: Annotated[str | None, Secret()] = None
    # Where mail goes when no mail server is configured, relative to nothing: an absolute folder. None: Django's own.
    mail_folder: Annotated[str | None, Folder()] = None
    # The folder of sockets through which a process wakes the workers of this machine (SQLite only).
    wake_folder: Annotated[str | None, Folder()] = None
    # IANA name of the zone of "start of the next day" and of dates that people read; None: Django's TIME_ZONE.
    zone: Annotated[str | None, Zone()] = None


# What each setting may be.
ALLOWED: dict[str, Allowed] = {field.name: get_args(field.type)[1] for field in fields(Conf)}


class BadSettings(ImproperlyConfigured):
    """``MEANWHILE`` cannot be used. ``unknown`` and ``wrong``: a sentence for each setting that does not exist, and for
    each value that a setting cannot have."""

    def __init__(self, unknown: Sequence[str], wrong: Sequence[str]) -> None:
        super().__init__(" ".join([*unknown, *wrong]))
        self.unknown = unknown
        self.wrong = wrong


_cached: Conf | None = None


def conf() -> Conf:
    """The settings in force. BadSettings where there is one that does not exist or cannot have its value."""
    global _cached
    if _cached is None:
        _cached = _read(getattr(settings, "MEANWHILE", {}))
    return _cached


def _read(given: Any) -> Conf:
    if not isinstance(given, Mapping):
        raise BadSettings([], ['MEANWHILE has to be a mapping, such as {"attempts": 3}.'])
    unknown = [_unknown(name) for name in given if name not in ALLOWED]
    known = {name: given[name] for name in ALLOWED if name in given}
    wrong = [_wrong(name, value) for name, value in known.items() if not ALLOWED[name].fits(value)]
    if unknown or wrong:
        raise BadSettings(unknown, wrong)
    return Conf(**given)


def _unknown(name: Any) -> str:
    near = get_close_matches(str(name), ALLOWED, 1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(ALLOWED)}."
    return f"MEANWHILE has no setting {name!r}. {hint}"


def _wrong(name: str, value: Any) -> str:
    allowed = ALLOWED[name]
    has = f"is {shortened(value)}, but " if allowed.is_open else ""
    return f'MEANWHILE["{name}"] {has}has to be {allowed}.'


@receiver(setting_changed)
def _forget(*, setting: str, **_: Any) -> None:
    global _cached
    if setting == "MEANWHILE":
        _cached = None
