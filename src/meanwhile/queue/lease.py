"""A process's hold on its jobs. Times are the database's clock; who stops renewing loses everything it held."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from django.db import connections, transaction
from django.db.models import F
from django.db.models.functions import Now

from meanwhile.core import clock
from meanwhile.core.conf import conf
from meanwhile.queue import wake
from meanwhile.queue.models import Job, Lease
from meanwhile.queue.states import State

logger = logging.getLogger(__name__)

# What a request needs on top of its limit for its own transactions before it lets go.
REQUEST_MARGIN_SECONDS = 15.0
# After an error the next try to renew comes soon: the lease goes on ending.
_TRY_AGAIN_SECONDS = 1.0


def time_to_renew() -> float:
    """Seconds that living workers need to renew their leases once a database is back that was away."""
    return 2 * min(_TRY_AGAIN_SECONDS, conf().lease_seconds / 3)


def own_name() -> str:
    """``host:pid``, for people."""
    return f"{socket.gethostname()}:{os.getpid()}"


def take(kind: Lease.Kind, name: str, queues: Sequence[str] | None = None, seconds: float | None = None) -> int:
    """A new lease; its id. ``seconds`` None: the site's ``lease_seconds``."""
    end = Now() + timedelta(seconds=conf().lease_seconds if seconds is None else seconds)
    lease = Lease.objects.create(
        kind=kind, name=name, queues=list(queues or ()), started_at=Now(), renewed_at=Now(), expires_at=end
    )
    return lease.pk


def take_for_request(limit_seconds: float) -> int:
    """A lease for a request that performs its own rest: never renewed, long enough for ``limit_seconds``."""
    return take(Lease.Kind.REQUEST, own_name(), seconds=limit_seconds + REQUEST_MARGIN_SECONDS)


def renew(lease_id: int) -> bool:
    """Whether the lease is still there; then it lasts for another ``lease_seconds``. One that ended but that nobody
    has swept yet is as good as new: its jobs are all still here."""
    end = Now() + timedelta(seconds=conf().lease_seconds)
    return bool(Lease.objects.filter(pk=lease_id).update(renewed_at=Now(), expires_at=end))


def give_back(lease_id: int) -> int:
    """End the lease; what it still holds is available to others at once. How many jobs that were."""
    with transaction.atomic():
        held = Job.objects.filter(lease_id=lease_id, state=State.RUNNING)
        count = held.update(state=State.AVAILABLE, lease=None, epoch=F("epoch") + 1)
        if count:
            wake.after_commit()
        Lease.objects.filter(pk=lease_id).delete()
    return count


def release_strays(lease_id: int, epochs: Mapping[int, int]) -> int:
    """Let go of jobs under the lease that its holder does not know of; how many.

    ``epochs`` is all that the holder knows to hold. There is more after a connection broke in the middle of a commit
    that did arrive.
    """
    held = Job.objects.filter(lease_id=lease_id, state=State.RUNNING).values_list("pk", "epoch")
    strays = [(id_, epoch) for id_, epoch in held if epochs.get(id_) != epoch]
    if not strays:
        return 0
    with transaction.atomic():
        wake.after_commit()
        return sum(
            Job.objects.filter(pk=id_, epoch=epoch, state=State.RUNNING).update(
                state=State.AVAILABLE, lease=None, epoch=F("epoch") + 1
            )
            for id_, epoch in strays
        )


class Renewer:
    """Renews one lease from a thread of its own, as long as the loop that it vouches for keeps turning."""

    def __init__(self, lease_id: int, on_lost: Callable[[], None]) -> None:
        self._lease_id = lease_id
        self._on_lost = on_lost
        self._stop = threading.Event()
        self._beaten_at = clock.monotonic()
        self._thread = threading.Thread(target=self._run, name="meanwhile-lease", daemon=True)
        # Read by the loop: the lease is gone, and everything that it held.
        self.is_lost = False

    def start(self) -> None:
        self._thread.start()

    def beat(self) -> None:
        """The loop has turned."""
        self._beaten_at = clock.monotonic()

    def stop(self) -> None:
        """Ends the thread; returns when it has closed its connection."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            wait = conf().lease_seconds / 3
            while not self._stop.wait(wait) and not self.is_lost:
                wait = self._renew()
        finally:
            connections.close_all()

    def _renew(self) -> float:
        """Seconds until the next renewal."""
        interval = conf().lease_seconds / 3
        if clock.monotonic() - self._beaten_at > conf().stall_seconds:
            logger.warning("The worker's loop stands still; its lease %s is not renewed.", self._lease_id)
            return interval
        try:
            self.is_lost = not renew(self._lease_id)
        except Exception as error:
            logger.warning("Lease %s could not be renewed: %s", self._lease_id, error)
            connections.close_all()
            return min(_TRY_AGAIN_SECONDS, interval)
        if self.is_lost:
            self._on_lost()
        return interval
