"""Reads what a deployment decides from the environment. The pieces of ``settings`` that take more than a line."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def mapping(name: str, value: Any) -> dict[str, Any]:
    """The JSON mapping in the variable ``name``."""
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f'{name} has to be a JSON mapping, such as {{"attempts": 3}}.')
    return value


def secret_key(data: Path) -> str:
    """The key made once and kept in the data folder, readable by its owner alone."""
    path = data / "secret_key"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text()


def _write_once(path: Path, text: str) -> None:
    """Write ``path`` whole, unless another process was faster; both then read the same."""
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def database(url: str, default: Path) -> dict[str, Any]:
    """The database at ``url``; without one, SQLite at ``default``."""
    if not url:
        return sqlite(default)
    # A thread keeps its connection, and asks after a pause whether it still stands.
    given: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    if given["ENGINE"].endswith("sqlite3"):
        return sqlite(Path(given["NAME"]))
    if given["ENGINE"].endswith("postgresql"):
        given["OPTIONS"] = {**_WATCHFUL, **given.get("OPTIONS", {})}
    return given


# A server that vanished with its machine or its network sends no word of it. Left alone, a worker would wait for its
# answer for a quarter of an hour and longer; with these it knows within half a minute, which is how long a lease lasts.
_WATCHFUL = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds, for what was sent and not acknowledged
}


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite as safe as it gets: a commit is on the disk when it returns, and readers never wait for a writer."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # A connection costs more than most queries; a thread keeps its own.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Without it, a transaction that reads first and writes later fails when another one wrote in between.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        },
    }


def mailer(url: str) -> dict[str, Any]:
    """Django's mailer for an address such as ``smtp://user:password@mail.example.org:587``.

    ``smtp`` starts in clear and switches to TLS where the port is 587 or ``?tls=yes`` says so; ``smtps`` is TLS from
    the first byte. ``?tls=no`` keeps port 587 in clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL has to look like smtp://user:password@mail.example.org:587 or smtps://mail.example.org."
        )
    is_tls = parts.scheme == "smtps"
    port = parts.port or (465 if is_tls else 25)
    wants_start_tls = "tls=yes" in parts.query or (port == 587 and "tls=no" not in parts.query)
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": port,
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": is_tls,
            "use_tls": not is_tls and wants_start_tls,
            # A mail server that says nothing is a failed try, not a worker that hangs.
            "timeout": 20,
        },
    }


def log_formatter(name: str) -> dict[str, Any]:
    """The formatter that ``LOG_FORMAT`` names: ``text`` for people, ``json`` for programs."""
    formatters = {
        "text": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"},
        "json": {"()": "meanwhile.core.logging.JsonFormatter"},
    }
    if name not in formatters:
        raise ImproperlyConfigured(f"LOG_FORMAT has to be text or json, not {name!r}.")
    return formatters[name]


def origin(address: str) -> tuple[str, str]:
    """Scheme and host of ``SITE_URL``, such as ``("https", "forms.example.org")``."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ImproperlyConfigured("SITE_URL has to look like https://forms.example.org, without a path.")
    return parts.scheme, parts.hostname


def sender(site_url: str) -> str:
    """Who e-mails come from where nothing is said: somebody at the site's host, if it has a name."""
    host = urlsplit(site_url).hostname or ""
    is_name = "." in host and not host.replace(".", "").isdigit()
    return f"meanwhile@{host if is_name else 'localhost'}"
