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

    def tell_begin(self, threads: int) -> None:
        """The worker begins, whether or not it can have a lease yet."""
        served = f"the queues {', '.join(self._queues)}" if self._queues else "all queues"
        self._tell("serves %s with %s threads.", served, threads)

    def tell_stopping(self, under_way: int, seconds: float) -> None:
        """The worker was told to stop and waits for what is under way."""
        self._tell("stops: %s jobs are under way and have %g s to end.", under_way, seconds)

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

    def end(self, given_back: int, *, gives_back: bool = True) -> None:
        """Give the lease back with everything that it holds; ``given_back``: how many jobs went before that. Where it
        cannot be done, or is not wanted, the lease ends by itself."""
        if self._renewer is not None:
            self._renewer.stop()
        if self._lease_id is not None and gives_back:
            given_back += self._give_back(self._lease_id)
        self._tell("has ended; jobs given back: %s.", given_back)

    def _give_back(self, lease_id: int) -> int:
        try:
            return on_conflict(lambda: lease.give_back(lease_id))
        except Exception as error:
            logger.warning("Lease %s could not be given back and ends by itself: %s", lease_id, error)
            return 0

    def _tell(self, what: str, *values: object) -> None:
        logger.info(f"The worker %s {what}", self._name, *values, extra={"worker": self._name})
