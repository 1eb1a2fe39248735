"""System checks of the application: what would make it lose its promises, said before it starts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import global_settings, settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections, router

from meanwhile.core.conf import BadSettings, Conf, conf
from meanwhile.queue.lease import REQUEST_MARGIN_SECONDS

# Beyond this nobody would call a job taken over; what is promised in docs/explanation/safety.md.
TAKEOVER_SECONDS = 60.0
# A sweep comes up to a tenth later than the setting says, so that those of several workers spread.
_LATEST_SWEEP = 1.1
# Which settings contradict each other, and the sentence that says so.
_CONTRADICTIONS: tuple[tuple[Callable[[Conf], bool], str], ...] = (
    (
        lambda given: given.stall_seconds > given.lease_seconds,
        'MEANWHILE["stall_seconds"] is {stall_seconds:g}, but has to be at most lease_seconds, {lease_seconds:g}: a '
        "worker that stands still would keep its jobs for longer than one that is dead.",
    ),
    (
        lambda given: given.inline_function_seconds > given.stall_seconds,
        'MEANWHILE["inline_function_seconds"] is {inline_function_seconds:g}, but has to be at most stall_seconds, '
        "{stall_seconds:g}: a worker that waits for a function would count as one that stands still and lose its jobs.",
    ),
    (
        lambda given: min(given.poll_seconds, given.sweep_seconds) > given.stall_seconds,
        'MEANWHILE["poll_seconds"] is {poll_seconds:g} and sweep_seconds is {sweep_seconds:g}, but one of them has to '
        "be at most stall_seconds, {stall_seconds:g}: a worker that waits for an effect would count as one that stands "
        "still and lose its jobs.",
    ),
)


@checks.register("meanwhile")
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E001: ``MEANWHILE`` holds a setting that does not exist. E004: a setting has a value that it cannot have. E005:
    settings contradict each other. W005: a job would wait longer than promised after its process died."""
    try:
        given = conf()
    except BadSettings as error:
        unknown = [checks.Error(sentence, id="meanwhile.E001") for sentence in error.unknown]
        return [*unknown, *(checks.Error(sentence, id="meanwhile.E004") for sentence in error.wrong)]
    found = [sentence.format(**asdict(given)) for is_so, sentence in _CONTRADICTIONS if is_so(given)]
    return [*(checks.Error(sentence, id="meanwhile.E005") for sentence in found), *_check_takeover(given)]


def _check_takeover(given: Conf) -> list[checks.CheckMessage]:
    longest = max(given.lease_seconds, given.request_limit_seconds + REQUEST_MARGIN_SECONDS)
    seconds = longest + given.sweep_seconds * _LATEST_SWEEP
    if seconds <= TAKEOVER_SECONDS:
        return []
    return [
        checks.Warning(
            f"Jobs of a process that died may wait for {seconds:.0f} s until another takes them over.",
            hint='Lower "lease_seconds", "sweep_seconds" or "request_limit_seconds" in MEANWHILE.',
            id="meanwhile.W005",
        )
    ]


@checks.register("meanwhile")
def check_proxies(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E006: ``TRUSTED_PROXIES`` of the stand-alone site names what is no address, so that nobody would be believed."""
    return [
        checks.Error(
            f"TRUSTED_PROXIES holds {name!r}, but has to be addresses or networks, such as 127.0.0.1 or 10.0.0.0/8.",
            id="meanwhile.E006",
        )
        for name in getattr(settings, "TRUSTED_PROXIES", ())
        if not _is_network(name)
    ]


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


@checks.register("meanwhile")
def check_one_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E002: a router keeps tables, runs or jobs elsewhere. They change together in one transaction, which no two
    databases share."""
    models = apps.get_app_config("meanwhile").get_models()
    astray = sorted({alias for model in models for alias in _aliases(model) if alias != DEFAULT_DB_ALIAS})
    if not astray:
        return []
    return [
        checks.Error(
            f"A database router keeps models of Meanwhile in {', '.join(astray)}. All of them, and the tables of "
            f'applications, have to be in "{DEFAULT_DB_ALIAS}".',
            hint='Let the routers in DATABASE_ROUTERS return None for the application label "meanwhile".',
            id="meanwhile.E002",
        )
    ]


def _aliases(model: Any) -> Iterable[str]:
    return router.db_for_read(model), router.db_for_write(model)


@checks.register("meanwhile")
def check_engine(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E003: a database that it does not run on. W001: SQLite without the options that keep its promises."""
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    if vendor not in ("sqlite", "postgresql"):
        return [
            checks.Error(
                f"Meanwhile runs on PostgreSQL and on SQLite, not on {vendor}.",
                hint='The database "default" has to be one of the two.',
                id="meanwhile.E003",
            )
        ]
    return _check_sqlite() if vendor == "sqlite" else []


def _check_sqlite() -> list[checks.CheckMessage]:
    options = connections[DEFAULT_DB_ALIAS].settings_dict.get("OPTIONS", {})
    pragmas = str(options.get("init_command", "")).lower().replace(" ", "")
    lacks = [
        name
        for name, is_there in {
            '"transaction_mode": "IMMEDIATE"': options.get("transaction_mode") == "IMMEDIATE",
            "PRAGMA journal_mode=WAL": "journal_mode=wal" in pragmas,
            "PRAGMA synchronous=FULL": "synchronous=full" in pragmas,
        }.items()
        if not is_there
    ]
    if not lacks:
        return []
    return [
        checks.Warning(
            f"SQLite is used without {', '.join(lacks)}.",
            hint="Without IMMEDIATE, two processes that write at once fail; without WAL they wait for each other; "
            "without FULL, a power failure can lose what was committed. Set them in OPTIONS of the database.",
            id="meanwhile.W001",
        )
    ]


@checks.register("meanwhile")
def check_folders(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """W002: no folder for wake-ups on SQLite, so that jobs wait for the next poll. W003: a folder is a file or has no
    parent to be made in. W004: mail goes nowhere."""
    try:
        given = conf()
    except BadSettings:
        return []  # said above
    found: list[checks.CheckMessage] = []
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite" and not given.wake_folder:
        found.append(
            checks.Warning(
                f"On SQLite, jobs start only when a worker looks, every {given.poll_seconds:g} s.",
                hint='Set MEANWHILE["wake_folder"] to a folder that web and worker processes share.',
                id="meanwhile.W002",
            )
        )
    for name, folder in {"wake_folder": given.wake_folder, "mail_folder": given.mail_folder}.items():
        if folder and not _can_be_made(Path(folder)):
            found.append(checks.Warning(f'MEANWHILE["{name}"] is {folder}, which is no folder.', id="meanwhile.W003"))
    if not given.mail_folder and not _has_mailer():
        found.append(
            checks.Warning(
                "No mail server is configured: actions that send e-mail will fail.",
                hint='Set MAILERS (for the stand-alone site: EMAIL_URL), or MEANWHILE["mail_folder"] to keep mail in '
                "files.",
                id="meanwhile.W004",
            )
        )
    return found


def _can_be_made(folder: Path) -> bool:
    return folder.is_dir() or (not folder.exists() and folder.is_absolute())


def _has_mailer() -> bool:
    if hasattr(settings, "MAILERS"):
        return bool(settings.MAILERS)
    return bool(settings.EMAIL_HOST != global_settings.EMAIL_HOST)
