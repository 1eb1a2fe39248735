"""Keeps child processes running: starts them, starts again what died, and stops them all when asked."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from meanwhile.cli import parent
from meanwhile.core.clock import monotonic

# How often it looks; what a person notices of a crash is longer by up to this.
LOOK_SECONDS = 0.25
# A child that dies again and again is started less and less often, so that it does not eat the machine.
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A child that stood this long was well; its next death is counted as the first.
WELL_SECONDS = 60.0
# What the children may take to end their work after SIGTERM; longer than the web server gives itself.
GRACE_SECONDS = 40.0


@dataclass(slots=True)
class Child:
    """One process to keep running."""

    name: str
    words: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: int = 0

    def pause_seconds(self) -> float:
        """How long to wait before the next start."""
        return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (self.deaths - 1))


class Supervisor:
    """Runs subcommands of ``meanwhile`` as children. ``say`` is told, in a sentence, whatever happens to them."""

    def __init__(self, children: Mapping[str, Sequence[str]], say: Callable[[str], None]) -> None:
        self.children = [Child(name, words) for name, words in children.items()]
        self._say = say
        self._stop = threading.Event()

    def run(self, look: Callable[[], None]) -> None:
        """Keep them running until SIGTERM, SIGINT, SIGHUP or ``stop``, and call ``look`` several times a second.
        Returns when all have ended."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stop())
        try:
            while not self._stop.wait(LOOK_SECONDS):
                self._bury()
                self._start_what_is_due()
                look()
        finally:
            self._end_all()

    def stop(self) -> None:
        """Have ``run`` end."""
        self._stop.set()

    def _bury(self) -> None:
        for child in self.children:
            if child.process is not None and (code := child.process.poll()) is not None:
                self._note_death(child, code)

    def _note_death(self, child: Child, code: int) -> None:
        was_well = monotonic() - child.started_at > WELL_SECONDS
        child.process = None
        child.deaths = 1 if was_well else child.deaths + 1
        child.start_at = monotonic() + child.pause_seconds()
        self._say(
            _("The {name} process {ended}. It starts again in {seconds:g} s.").format(
                name=child.name, ended=_how_it_ended(code), seconds=child.pause_seconds()
            )
        )

    def _start_what_is_due(self) -> None:
        for child in self.children:
            if child.process is None and monotonic() >= child.start_at:
                child.process = _start(child.words)
                child.started_at = monotonic()

    def _end_all(self) -> None:
        self._say(_("Stopping. What is under way ends first."))
        alive = [child for child in self.children if child.process is not None]
        for child in alive:
            _process(child).terminate()
        deadline = monotonic() + GRACE_SECONDS
        for child in alive:
            try:
                _process(child).wait(max(0.0, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                self._say(_("The {name} process does not end; it is killed.").format(name=child.name))
                _process(child).kill()
                _process(child).wait()


def _process(child: Child) -> subprocess.Popen[bytes]:
    assert child.process is not None
    return child.process


def _start(words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start ``meanwhile`` with ``words``, away from the terminal, so that Ctrl-C reaches only the supervisor."""
    return subprocess.Popen(
        [*_ourselves(), *words],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, parent.VARIABLE: str(os.getpid())},
    )


def _ourselves() -> list[str]:
    """The words that start ``meanwhile`` as it was started here: from the console, or through ``manage.py``."""
    if Path(sys.argv[0]).name == "manage.py":
        return [sys.executable, sys.argv[0], "meanwhile"]
    return [sys.executable, "-P", "-m", "meanwhile"]


def _how_it_ended(code: int) -> str:
    if code < 0:
        return _("was ended by {signal}").format(signal=signal.Signals(-code).name)
    return _("ended with code {code}").format(code=code)
