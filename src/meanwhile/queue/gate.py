"""What the rules of the queues let a claim take at this moment. Belongs to one claim, inside its transaction.

A queue that is paused is closed. One with a limit is open for so many jobs as the limit leaves: its row is locked until
the claim is committed, so that two claims never count the same free place twice. Where another claim has it locked,
this one leaves the queue to that one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from meanwhile.core import clock
from meanwhile.queue.claim_pieces import as_list, filled
from meanwhile.queue.database import execute, fetch, is_postgresql, moment, stamp

# What was not used of a rate within this time is lost. Workers look once a second.
_SAVED = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)

# What a claim needs to know first: the rules of the queues. On PostgreSQL also how to plan. A claim is the last
# statement of its transaction, so what this sets holds for nothing else. The tables of a queue change faster than their
# statistics: left alone, the planner sorts all 20,000 waiting jobs to find the first 80, and plans for longer than it
# looks. There is one good plan, by the indexes and in their order. (Older servers count what is switched off as a high
# cost, at which they would compile the statement.)
_RULES_SQLITE = "SELECT name, paused, concurrency, per_minute, priority FROM meanwhile_queue"
_PLAN_POSTGRESQL = """
    SELECT set_config(name, 'off', true), NULL::bool, NULL::int, NULL::int, NULL::smallint
    FROM unnest(ARRAY['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'enable_hashjoin', 'enable_mergejoin',
                      'jit']) name
    UNION ALL SELECT set_config('plan_cache_mode', 'force_generic_plan', true), NULL, NULL, NULL, NULL
    UNION ALL SELECT name, paused, concurrency, per_minute, priority FROM meanwhile_queue
"""

# Of a queue that is paused, full, or not due yet by its rate, nothing can be claimed.
_ALONE = """
    SELECT job.queue FROM meanwhile_job job
    WHERE job.state = 'available' AND job.alone
      AND (%(queues)s{texts} IS NULL OR job.queue {in_queues}) AND {is_free}
      AND NOT EXISTS (
          SELECT 1 FROM meanwhile_queue rule WHERE rule.name = job.queue
          AND (rule.paused OR rule.open_at > {now} OR rule.concurrency <= (
              SELECT count(*) FROM meanwhile_job other WHERE other.lease_id IS NOT NULL AND other.queue = rule.name)))
"""
_ALONE_POSTGRESQL = filled(
    _ALONE, {"texts": "::text[]", "in_queues": "= ANY(%(queues)s::text[])", "now": "clock_timestamp()"}
)
_ALONE_SQLITE = filled(
    _ALONE, {"texts": "", "in_queues": "IN (SELECT value FROM json_each(%(queues)s))", "now": "%(now)s"}
)

_LOCK = "SELECT name, paused, concurrency, per_minute, open_at, {now} FROM meanwhile_queue WHERE name {among}"
_LOCK_POSTGRESQL = (
    _LOCK.format(now="clock_timestamp()", among="= ANY(%s::text[])") + " ORDER BY name FOR UPDATE SKIP LOCKED"
)
_LOCK_SQLITE = _LOCK.format(now="NULL", among="IN (SELECT value FROM json_each(%s))")
_COUNT = "SELECT queue, count(*) FROM meanwhile_job WHERE lease_id IS NOT NULL GROUP BY queue"
_MOVE = "UPDATE meanwhile_queue SET open_at = %s WHERE name = %s"


@dataclass(slots=True)
class _Rate:
    """When the next job of a queue may start, and how far apart jobs are."""

    open_at: datetime
    now: datetime
    step: timedelta

    @property
    def allows(self) -> int:
        """How many jobs may start now."""
        return max(0, (self.now - self.open_at) // self.step + 1)

    @property
    def opens_in(self) -> float:
        """Seconds until the next job may start; 0 or less when it may."""
        return (self.open_at - self.now).total_seconds()


@dataclass(slots=True)
class Gate:
    """``priorities``: of the queues that have rules. ``allowances``: how many jobs may still be claimed of the queues
    that are limited or closed."""

    priorities: Mapping[str, int] = field(default_factory=dict)
    allowances: dict[str, int] = field(default_factory=dict)
    _rates: dict[str, _Rate] = field(default_factory=dict)

    def pass_through(self, queues: Iterable[str]) -> None:
        """Jobs of these queues were claimed."""
        for name, count in Counter(queues).items():
            if name in self.allowances:
                self.allowances[name] -= count
            if (rate := self._rates.get(name)) is not None:
                rate.open_at += count * rate.step
                execute(_MOVE, (rate.open_at if is_postgresql() else stamp(rate.open_at), name))

    @property
    def opens_in(self) -> float | None:
        """Seconds until a queue that is closed by its rate opens; None when none is."""
        waits = [rate.opens_in for rate in self._rates.values() if rate.opens_in > 0]
        return min(waits, default=None)


def open_gate(queues: Sequence[str] | None, *, alone: bool = False) -> Gate:
    """The gate of a claim from ``queues`` (None: all). ``alone``: for a job that was taken over, which goes before the
    others of a queue with a limit; else it might never find the queue free.

    Call it inside the transaction of the claim, as its first statement.
    """
    rows = [row for row in fetch(_rules_statement()) if row[1] is not None]
    rules = [row for row in rows if queues is None or row[0] in queues]
    limited = [name for name, paused, concurrency, rate, _ in rules if not paused and (concurrency or rate)]
    gate = Gate(
        priorities={name: priority for name, *_, priority in rules},
        allowances=dict.fromkeys([*limited, *(name for name, paused, *_ in rules if paused)], 0),
    )
    if limited:
        _ask_limits(gate, limited, alone)
    return gate


def _rules_statement() -> str:
    return _PLAN_POSTGRESQL if is_postgresql() else _RULES_SQLITE


def waiting_alone(queues: Sequence[str] | None) -> set[str]:
    """The queues in which a job that was taken over can be claimed."""
    wanted = {"queues": as_list(queues), "now": stamp()}
    rows = fetch(_ALONE_POSTGRESQL if is_postgresql() else _ALONE_SQLITE, wanted)
    return {queue for (queue,) in rows}


def _ask_limits(gate: Gate, limited: list[str], alone: bool) -> None:
    rows = fetch(_LOCK_POSTGRESQL if is_postgresql() else _LOCK_SQLITE, (as_list(limited),))
    running = dict(fetch(_COUNT))
    reserved = set() if alone else waiting_alone(limited)
    for name, paused, concurrency, per_minute, open_at, now in rows:
        allowances = [] if concurrency is None else [concurrency - running.get(name, 0)]
        if per_minute is not None:
            gate._rates[name] = rate = _rate(per_minute, open_at, now)
            allowances.append(rate.allows)
        if not paused and name not in reserved and allowances:
            gate.allowances[name] = max(0, min(allowances))


def _rate(per_minute: int, open_at: datetime | str | None, now: datetime | None) -> _Rate:
    at = moment(now) if now is not None else clock.now()
    earliest = at - _SAVED
    return _Rate(earliest if open_at is None else max(earliest, moment(open_at)), at, _MINUTE / per_minute)
