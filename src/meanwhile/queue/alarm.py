"""Ends a loop's wait from another thread or from a signal's handler."""

import os
import select
from collections.abc import Iterable
from contextlib import suppress


class Alarm:
    """One loop waits, anybody rings. Ringing many times is ringing once."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._is_ringing = False

    def ring(self) -> None:
        """Takes no lock, so that a signal's handler may do it."""
        if not self._is_ringing:
            self._is_ringing = True
            with suppress(OSError):  # full: it rings already; closed: nobody waits any more
                os.write(self._write, b"!")

    def wait(self, seconds: float, *others: int) -> frozenset[int]:
        """Wait until it rings, one of the file descriptors ``others`` can be read, or ``seconds`` passed. Which can."""
        heard = self._wait((self._read, *others), max(0.0, seconds))
        if self._read in heard:
            # First read, then silent: whoever rings in between has said before what there is to do, and is heard now.
            # The other way round, the ring would be read away, and the alarm be taken to be ringing for ever.
            with suppress(BlockingIOError):
                os.read(self._read, 512)
            self._is_ringing = False
        return heard - {self._read}

    def close(self) -> None:
        """Nothing rings any more; its descriptors may be somebody else's soon."""
        self._is_ringing = True
        os.close(self._read)
        os.close(self._write)

    def _wait(self, descriptors: Iterable[int], seconds: float) -> frozenset[int]:
        poll = select.poll()
        for descriptor in descriptors:
            poll.register(descriptor, select.POLLIN)
        return frozenset(descriptor for descriptor, _ in poll.poll(seconds * 1000))
