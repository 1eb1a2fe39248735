"""A worker's lease over its life: taken, vouched for, lost and taken anew, given back."""

import logging
from collections.abc import Callable, Mapping, Sequence

from django.db import connection

from meanwhile.queue import lease
from meanwhile.queue.claim import Claimer
from meanwhile.queue.lease import Renewer
from meanwhile.queue.models import Lease
from meanwhile.queue.retry import on_conflict

logger = logging.getLogger(__name__)


class Tenure:
    """Belongs to the loop. ``on_lost`` is called from the renewing thread and has to be quick."""

    def __init__(self, name: str, queues: Sequence[str] | None, on_lost: Callable[[], None]) -> None:
        self._name = name
        self._queues = queues
        self._on_lost = on_lost
        self._lease_id: int | None = None
        self._renewer: Renewer | None = None
        self._claimer: Claimer | None = None

    @property
    def has_begun(self) -> bool:
        return self._lease_id is not None

    @property
    def claimer(self) -> Claimer:
        if self._claimer is None:
            raise RuntimeError("Nothing can be claimed without a lease.")
        return self._claimer

    def keep(self) -> bool:
        """Take a lease where there is none; say that the loop has turned. True when the lease was lost, and with it
        everything that it held; then there is a new one."""
        was_lost = self._renewer is not None and self._renewer.is_lost
        if self._renewer is not None and was_lost:
            logger.warning("Lease %s was lost; going on with a new one.", self._lease_id)
            self._renewer.stop()
            self._lease_id = self._renewer = None
        if self._lease_id is None:
            self._take()
        self.beat()
        return was_lost

    def beat(self) -> None:
        """The loop has turned, or waits on purpose."""
        if self._renewer is not None:
            self._renewer.beat()

    def _take(self) -> None:
        self._lease_id = lease.take(Lease.Kind.WORKER, self._name, self._queues)
        self._claimer = Claimer(self._lease_id, self._queues)
        if not connection.in_atomic_block:  # else nobody, and no other thread, can see the lease
            self._renewer = Renewer(self._lease_id, self._on_lost)
            self._renewer.start()

    def release_strays(self, epochs: Mapping[int, int]) -> None:
        """See ``lease.release_strays``."""
        if self._lease_id is not None:
            lease.release_strays(self._lease_id, epochs)

    def end(self, *, gives_back: bool = True) -> None:
        """Give the lease back with everything that it holds. Where that cannot be done, or is not wanted, it ends by
        itself."""
        if self._renewer is not None:
            self._renewer.stop()
        if (lease_id := self._lease_id) is None or not gives_back:
            return
        try:
            on_conflict(lambda: lease.give_back(lease_id))
        except Exception as error:
            logger.warning("Lease %s could not be given back and ends by itself: %s", lease_id, error)
