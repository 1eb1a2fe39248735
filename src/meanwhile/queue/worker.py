"""A worker: one loop that commits, and a pool of threads that perform effects.

Each round takes every job that can go on (newly claimed, or whose effect came back), turns them together in one
transaction in which the next ones are claimed, and hands effects to the pool. Between rounds it waits for a hint, an
answer, or the next look of its own. Nothing in the loop waits for an effect.
"""

import math
import random
import time
from collections.abc import Sequence
from functools import partial

from django.db import connection, transaction

from meanwhile.core import clock, failpoints
from meanwhile.core.conf import conf
from meanwhile.queue import lease, store
from meanwhile.queue.alarm import Alarm
from meanwhile.queue.batch_size import LEAST, BatchSize
from meanwhile.queue.claim import has_alone
from meanwhile.queue.database import limit_idle_transactions
from meanwhile.queue.hand import Hand
from meanwhile.queue.jobs import Answer, Claimed, Performer
from meanwhile.queue.pool import InlinePool, Pool
from meanwhile.queue.retry import on_conflict
from meanwhile.queue.setbacks import Setbacks
from meanwhile.queue.solitude import Solitude
from meanwhile.queue.tenure import Tenure
from meanwhile.queue.trouble import is_trouble
from meanwhile.queue.turn import Turned, claim_and_turn, turn
from meanwhile.queue.wake import TRY_AGAIN_SECONDS, Listener

# What still runs when a worker is told to stop gets this long; the usual supervisors kill after 10 seconds.
GRACE_SECONDS = 8.0
# When no answer has come in for so long, none is just coming in.
_GATHER_SECONDS = 0.001


class Worker:
    """``queues`` empty: it serves all. ``threads`` 0: effects run in the loop itself, see ``InlinePool``.

    ``run`` is called once, from whatever thread; ``stop`` from any other, or from a signal's handler.
    """

    def __init__(
        self,
        performer: Performer,
        queues: Sequence[str] | None = None,
        threads: int | None = None,
        name: str | None = None,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._performer = performer
        self._queues = list(queues) if queues else None
        self._grace_seconds = grace_seconds
        self._alarm = Alarm()
        self._tenure = Tenure(name or lease.own_name(), self._queues, self._alarm.ring)
        self._listener = Listener()
        self._hand = Hand()
        self._threads = count = conf().effect_threads if threads is None else threads
        self._pool: Pool | InlinePool = Pool(count, self._on_answer) if count else InlinePool(self._on_answer)
        self._stop_at: float | None = None
        self._is_stopping = False
        self._drains = False
        self._batch = BatchSize()
        self._solitude = Solitude()
        # Whether a claim may find something.
        self._may_claim = True
        # Whether the last turn had many jobs: then the next one is worth gathering for. Whether it has waited since.
        self._is_busy = False
        self._has_rested = True
        # The job that came in while it rested, where it is all that there is to do; for the next round only.
        self._named: int | None = None
        self._poll_at = self._sweep_at = 0.0
        # Nothing is taken from others before: they may only have had no way to say that they live.
        self._rescue_at = 0.0
        # When a queue opens that is closed by its rate.
        self._opens_at = math.inf
        self._setbacks = Setbacks()
        self._given_back = 0
        self._known_connection: object = None

    # --- from outside ---

    def run(self, *, drain: bool = False) -> None:
        """Work until ``stop``; with ``drain`` until nothing is left that is due. Gives back what it holds.

        Where something ends it that nothing should have raised, its jobs are taken over as from the dead, so that the
        one whose doing it was is found.
        """
        self._drains = drain
        self._tenure.tell_begin(self._threads)
        try:
            while not self._is_over():
                self._round()
        except BaseException as error:
            self._end(gives_back=isinstance(error, (Exception, KeyboardInterrupt, SystemExit)))
            raise
        self._end()

    def drain(self) -> None:
        """Work until nothing is left that is due."""
        self.run(drain=True)

    def stop(self) -> None:
        """Claim nothing more; what runs is finished within the grace time or released. Returns at once."""
        self._is_stopping = True
        self._alarm.ring()

    @property
    def is_listening(self) -> bool:
        """Whether hints reach it; where they do not, it polls."""
        return self._listener.is_open

    # --- the end ---

    def _is_over(self) -> bool:
        if self._is_stopping:
            return not self._hand or self._grace_is_over()
        return self._drains and self._is_drained()

    def _grace_is_over(self) -> bool:
        if self._stop_at is None:
            self._tenure.tell_stopping(len(self._hand), self._grace_seconds)
            self._stop_at = clock.monotonic() + self._grace_seconds
        return clock.monotonic() >= self._stop_at

    def _is_drained(self) -> bool:
        return self._tenure.has_begun and not (self._hand or self._may_claim or has_alone(self._queues))

    def _end(self, *, gives_back: bool = True) -> None:
        try:
            self._pool.close()
        finally:
            self._tenure.end(self._given_back, gives_back=gives_back)
            self._listener.close()
            self._alarm.close()

    # --- the loop ---

    def _round(self) -> None:
        try:
            self._guard_connection()
            self._keep_lease()
            named, self._named = self._named, None
            if named is None:  # what woke it up goes first; the round after that one looks
                self._look_after_queue()
            self._pool.end_late()
            self._hand.collect()
            has_done_something = self._turn() or self._claim_only(named)
            if self._setbacks:
                self._setbacks.end()
            if not has_done_something:
                self._wait()
        except Exception as error:
            if self._drains and not is_trouble(error):
                raise
            self._pause(error)

    def _keep_lease(self) -> None:
        if self._tenure.keep():
            self._hand.drop_all()  # it is all somebody else's

    def _guard_connection(self) -> None:
        """A new connection does not outlive a process that was stopped in the middle of a transaction: its locks would
        hold back those who took over."""
        connection.ensure_connection()
        if self._known_connection is not connection.connection and not connection.in_atomic_block:
            limit_idle_transactions(conf().lease_seconds)
            self._known_connection = connection.connection

    def _turn(self) -> bool:
        """Turn what can go on. False when there is nothing."""
        if self._is_stopping:
            self._release_unstarted()
        self._gather()
        batch = self._hand.ready[: self._batch.limit]
        if not batch:
            return False
        room = self._room()
        started = clock.monotonic()
        # What woke it up is done and committed before it looks for more; while it is busy, the look rides along.
        looks_later = self._has_rested and not self._may_claim and len(batch) < LEAST
        claim = partial(self._tenure.claimer.claim, room) if room and not looks_later else None
        turned = turn(self._performer, batch, claim=claim, claims_next=bool(room))
        self._has_rested = False
        self._batch.fit(len(batch), clock.monotonic() - started)
        self._is_busy = len(batch) >= LEAST
        self._hand.ready = [*turned.left, *self._hand.ready[len(batch) :]]
        self._take_in(turned)
        if turned.trouble is not None:
            raise turned.trouble
        return True

    def _gather(self) -> None:
        """Under load, let answers that are just coming in come in: they share one turn, and the threads that perform
        effects do not have to fight with it for the interpreter. Nobody waits for an effect that takes its time."""
        end = clock.monotonic() + conf().batch_milliseconds / 1000
        while self._is_busy and self._hand.has_effects and clock.monotonic() < end:
            before = len(self._hand.ready)
            if before >= self._batch.limit:
                return
            time.sleep(_GATHER_SECONDS)
            self._hand.collect()
            if len(self._hand.ready) == before:
                return

    def _take_in(self, turned: Turned) -> None:
        if turned.claimed is None:
            self._may_claim = True
        else:
            self._note_claim(turned.claimed)
        for job, effect in turned.effects:
            self._hand.send_out(job)
            self._pool.submit(job, effect)
        if turned.lost:
            self._sweep_at = 0.0  # perhaps it is ours, further on than we know
        if self._solitude.makes_way:
            self._solitude.end_when(is_over=not self._hand.has_alone)

    def _claim_only(self, named: int | None) -> bool:
        """Claim where nothing can go on. False when nothing was there. ``named``: the job that woke it up."""
        if self._solitude.makes_way and not self._hand and not self._is_stopping:
            return self._claim_alone()
        room = self._room() if self._may_claim else 0
        if not room:
            return False
        if named is not None and self._turn_named(named):
            return True
        self._note_claim(on_conflict(partial(self._tenure.claimer.claim, room)))
        if not self._hand:
            self._look_for_alone()
        return bool(self._hand.ready) or self._may_claim or self._solitude.makes_way

    def _turn_named(self, named: int) -> bool:
        """The job that woke it up is turned in the transaction that claims it. False: there was no such job.

        Nobody counts a death in the middle of that, so it is done only with what came in just now: a job that kills its
        worker is claimed as ever the next time.
        """
        turned = claim_and_turn(self._performer, partial(self._tenure.claimer.claim_named, named))
        if not turned.settled:
            return False
        self._has_rested = False
        self._take_in(turned)
        # Where its line was not freed, whatever else can be claimed comes with a hint.
        self._may_claim = not turned.effects
        return True

    def _claim_alone(self) -> bool:
        claimed = on_conflict(self._tenure.claimer.claim_alone)
        self._solitude.begin(has_one=bool(claimed))
        self._take_claimed(claimed)
        return bool(claimed) or self._may_claim  # where another worker had it, there is other work

    def _note_claim(self, claimed: list[Claimed]) -> None:
        claimer = self._tenure.claimer
        self._may_claim = not claimer.is_through
        self._opens_at = math.inf if claimer.opens_in is None else clock.monotonic() + claimer.opens_in
        self._take_claimed(claimed)

    def _take_claimed(self, claimed: list[Claimed]) -> None:
        self._hand.take(claimed)
        if claimed:
            failpoints.hit("worker.after_claim")

    def _room(self) -> int:
        """How many jobs may be claimed now: one batch is in hand, and one comes or has its effects under way."""
        if self._is_stopping or self._solitude.makes_way:
            return 0
        return max(0, min(self._batch.limit, 2 * conf().batch_size - len(self._hand)))

    def _release_unstarted(self) -> None:
        unstarted = self._hand.drop_unstarted()
        if unstarted:
            with transaction.atomic():
                store.release(unstarted)
            self._given_back += len(unstarted)

    # --- what is done once in a while ---

    def _look_after_queue(self) -> None:
        now = clock.monotonic()
        if now >= self._sweep_at:
            self._sweep()
            self._sweep_at = now + conf().sweep_seconds * random.uniform(0.9, 1.1)
        if now >= self._poll_at:
            store.promote()
            self._listener.drain()  # a worker that never rests hears them nowhere else, and its server keeps them
            self._look_again()
            self._look_for_alone()
            self._poll_at = now + conf().poll_seconds
        elif now >= self._opens_at:
            self._opens_at = math.inf
            self._look_again()

    def _look_again(self) -> None:
        self._may_claim = True
        self._tenure.claimer.refresh()

    def _sweep(self) -> None:
        if clock.monotonic() >= self._rescue_at:
            store.rescue()
        self._hand.collect()
        self._tenure.release_strays(self._hand.epochs)

    def _look_for_alone(self) -> None:
        self._solitude.look(one_waits=has_alone(self._queues), is_idle=not self._hand)

    # --- waiting ---

    def _wait(self) -> None:
        if self._drains and self._is_drained():
            return
        self._has_rested = True
        was_deaf = not self._listener.is_open
        ear = self._listener.fileno()
        if was_deaf and ear is not None:
            self._look_again()  # a hint may have come before it could be heard
        elif self._alarm.wait(self._seconds_to_wait(is_deaf=ear is None), *([] if ear is None else [ear])):
            named = self._listener.drain()
            self._named = None if self._may_claim else named
            self._look_again()

    def _seconds_to_wait(self, *, is_deaf: bool) -> float:
        now = clock.monotonic()
        ends = [self._poll_at - now, self._sweep_at - now, self._opens_at - now]
        if is_deaf:
            ends.append(TRY_AGAIN_SECONDS)
        if self._stop_at is not None:
            ends.append(self._stop_at - now)
        if (deadline := self._pool.seconds_to_deadline()) is not None:
            ends.append(deadline)
        return min(ends)

    def _on_answer(self, job: Claimed, answer: Answer) -> None:
        """From any thread."""
        self._hand.answered(job, answer)
        self._alarm.ring()

    def _pause(self, error: Exception) -> None:
        """After trouble with the database: let go of the connection, wait a little longer each time, look around."""
        seconds = self._setbacks.note(error)
        if not connection.in_atomic_block:
            connection.close()
        self._sweep_at = self._poll_at = 0.0
        self._tenure.beat()
        end = clock.monotonic() + seconds
        while (left := end - clock.monotonic()) > 0 and not self._is_stopping:
            self._alarm.wait(left)
        if is_trouble(error):
            self._rescue_at = clock.monotonic() + lease.time_to_renew()
