"""An alarm that is rung while it is being silenced."""

import sys
import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from meanwhile.queue.alarm import Alarm

RINGERS, RINGS = 3, 20_000


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take the interpreter from each other all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_no_ring_is_lost_while_the_one_before_is_heard() -> None:
    """Each ringer says first what there is to do, as the pool's threads do; whoever hears looks for all of it."""
    alarm, said = Alarm(), SimpleQueue[int]()
    heard: list[int] = []

    def ring() -> None:
        for number in range(RINGS):
            said.put(number)
            alarm.ring()

    def hear() -> None:
        while len(heard) < RINGERS * RINGS:
            alarm.wait(60)
            try:
                while True:
                    heard.append(said.get_nowait())
            except Empty:
                continue

    hearer = threading.Thread(target=hear, daemon=True)
    ringers = [threading.Thread(target=ring) for _ in range(RINGERS)]
    for thread in (hearer, *ringers):
        thread.start()
    hearer.join(30)
    assert len(heard) == RINGERS * RINGS, "it waits, and the alarm is silent"
    for thread in ringers:
        thread.join()
    alarm.close()
