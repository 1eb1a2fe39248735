"""A PostgreSQL that is older than the wheel's, where Debian's packages have installed one, in a folder that is thrown
away afterwards.

Planners differ from one version to the next, so whether claims stay flat is measured on it too. It is no more than a
database beside the two: nobody else is compared on it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.databases import Database, new_database

# Where Debian puts the programs of each version. Django needs at least this one.
_PACKAGES = Path("/usr/lib/postgresql")
_OLDEST = 15
# Whom Debian's packages make for their servers; a server refuses to be run by root.
_SERVERS_USER = "postgres"


@contextmanager
def older() -> Iterator[list[Database]]:
    """A new database on the oldest server that is installed here; none where none is."""
    programs = _programs()
    if programs is None:
        yield []
        return
    with _folder() as folder, _server(programs, folder / "server") as url, new_database(url) as own:
        data = folder / "site"
        data.mkdir()
        yield [Database(f"PostgreSQL {programs.parent.name}", data, own)]


def _programs() -> Path | None:
    found = [path for path in _PACKAGES.glob("*/bin") if path.parent.name.isdecimal() and (path / "initdb").exists()]
    return min((path for path in found if _major(path) >= _OLDEST), key=_major, default=None)


def _major(programs: Path) -> int:
    return int(programs.parent.name)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="meanwhile-bench-older-"))
    try:
        if user := _user():
            shutil.chown(folder, user, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    """Who runs the server, where that is not whoever runs the bench."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam(_SERVERS_USER).pw_name


@contextmanager
def _server(programs: Path, folder: Path) -> Iterator[str]:
    """It listens on a socket in its folder only; otherwise it is as it comes."""

    def run(program: str, *words: str) -> None:
        command = [str(programs / program), "-D", str(folder), *words]
        subprocess.run(command, user=_user(), cwd="/", check=True, stdout=subprocess.DEVNULL)

    run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f'-h "" -k {folder}', "start")
    try:
        yield f"postgresql://postgres:@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "fast", "stop")
