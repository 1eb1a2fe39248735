"""Whether jobs wait for a worker that nobody has started, at two look-ups for each lane, however many jobs wait."""

from collections.abc import Sequence
from datetime import timedelta

from meanwhile.core import clock
from meanwhile.queue.claim_pieces import as_list, filled
from meanwhile.queue.database import fetch, is_postgresql, stamp
from meanwhile.queue.look_statements import ALL_LANES_POSTGRESQL, ALL_LANES_SQLITE

# Of each lane the index has the oldest job first; nothing else of it is read.
_WAITS_IN_VAIN = """
    WITH RECURSIVE {lanes}
    SELECT 1 FROM lane
    WHERE {is_unserved}
      AND NOT EXISTS (SELECT 1 FROM meanwhile_queue rule WHERE rule.name = lane.queue AND rule.paused)
      AND (SELECT job.due_at FROM meanwhile_job job {by_lane}
           WHERE job.state = 'available' AND job.queue = lane.queue AND job.share = lane.share
           ORDER BY job.due_at, job.id LIMIT 1) <= {long_ago}
    LIMIT 1
"""
_POSTGRESQL = filled(
    _WAITS_IN_VAIN,
    {
        "lanes": ALL_LANES_POSTGRESQL,
        "is_unserved": "lane.queue <> ALL(%(served)s::text[])",
        "by_lane": "",
        "long_ago": "clock_timestamp() - %(seconds)s::float8 * interval '1 second'",
    },
)
_SQLITE = filled(
    _WAITS_IN_VAIN,
    {
        "lanes": ALL_LANES_SQLITE,
        "is_unserved": "lane.queue NOT IN (SELECT value FROM json_each(%(served)s))",
        "by_lane": "INDEXED BY meanwhile_job_lane",
        "long_ago": "%(long_ago)s",
    },
)


def waits_in_vain(served: Sequence[Sequence[str]], seconds: float) -> bool:
    """Whether a job has been due for longer than ``seconds`` in a queue that is not paused and that none of the workers
    serves. ``served``: the queues of each of them. A statement, none where a worker serves all."""
    if not all(served):
        return False
    names = as_list(sorted({name for queues in served for name in queues}))
    if is_postgresql():
        return bool(fetch(_POSTGRESQL, {"served": names, "seconds": seconds}))
    long_ago = stamp(clock.now() - timedelta(seconds=seconds))
    return bool(fetch(_SQLITE, {"served": names, "long_ago": long_ago}))
