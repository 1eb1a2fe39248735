"""The text of the looks for jobs that can be claimed, in both dialects; see ``claim``.

A *lane* is what waits of one share in one queue.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from meanwhile.queue.claim_pieces import filled

# Every lane with the place after which it is looked at. All lanes: from each one the index leads to the next, so it
# costs two look-ups per lane, however many jobs wait in it. (SQLite is told the index: after ANALYZE of a table in
# which most jobs wait, it would read and sort them all, at every claim.)
ALL_LANES_SQLITE = """
    first_of AS (
        SELECT * FROM (SELECT job.id, job.queue, job.share FROM meanwhile_job job INDEXED BY meanwhile_job_lane
                       WHERE job.state = 'available' ORDER BY job.queue, job.share LIMIT 1) AS first
        UNION ALL
        SELECT job.id, job.queue, job.share FROM first_of CROSS JOIN meanwhile_job job
        WHERE job.id = coalesce(
            (SELECT later.id FROM meanwhile_job later INDEXED BY meanwhile_job_lane
             WHERE later.state = 'available' AND later.queue = first_of.queue AND later.share > first_of.share
             ORDER BY later.share LIMIT 1),
            (SELECT later.id FROM meanwhile_job later INDEXED BY meanwhile_job_lane
             WHERE later.state = 'available' AND later.queue > first_of.queue
             ORDER BY later.queue, later.share LIMIT 1))
    ), lane AS (SELECT queue, share, '0001-01-01 00:00:00' AS due_at, 0 AS id FROM first_of)
"""
ALL_LANES_POSTGRESQL = """
    first_of AS (
        (SELECT job.queue, job.share FROM meanwhile_job job WHERE job.state = 'available'
         ORDER BY job.queue, job.share LIMIT 1)
        UNION ALL
        SELECT following.queue, following.share FROM first_of CROSS JOIN LATERAL (
            SELECT job.queue, job.share FROM meanwhile_job job
            WHERE job.state = 'available' AND (job.queue, job.share) > (first_of.queue, first_of.share)
            ORDER BY job.queue, job.share LIMIT 1) following
    ), lane AS (SELECT queue, share, '-infinity'::timestamptz AS due_at, 0::bigint AS id FROM first_of)
"""
_THESE_LANES_POSTGRESQL = """
    lane AS (SELECT lane.queue, lane.share, lane.due_at, lane.id
             FROM unnest(%(of_queue)s::text[], %(of_share)s::text[], %(after_due_at)s::timestamptz[],
                         %(after_id)s::bigint[]) AS lane (queue, share, due_at, id))
"""
_THESE_LANES_SQLITE = """
    lane AS (SELECT value ->> 0 AS queue, value ->> 1 AS share, value ->> 2 AS due_at, value ->> 3 AS id
             FROM json_each(%(lanes)s))
"""
# What a claim looks at: of each lane that is open to it a window of the waiting jobs, of each line only the first in
# it; and the first unfinished jobs of the lines that the holder has just freed, which may stand anywhere.
_CANDIDATES = """
    open_lane AS MATERIALIZED (
        SELECT lane.queue, lane.share, lane.due_at, lane.id, coalesce(rule.priority, 0) AS priority, rule.allowance
        FROM lane LEFT JOIN {rules} ON rule.name = lane.queue
        WHERE {of_queues} AND coalesce(rule.allowance, 1) > 0
    ), open AS MATERIALIZED (
        SELECT * FROM open_lane {where_lanes}
    ), seen AS MATERIALIZED (
        {seen}
    ), ranked AS MATERIALIZED (
        SELECT id, line, row_number() OVER (PARTITION BY line ORDER BY due_at, id) AS place FROM seen
    ), candidate AS MATERIALIZED (
        SELECT id FROM ranked WHERE place = 1 OR line IS NULL
        UNION
        SELECT (SELECT first.id FROM meanwhile_job first
                WHERE first.line = freed.value AND first.state IN ('available', 'retrying', 'running')
                ORDER BY first.due_at, first.id LIMIT 1)
        FROM {freed}
    )
"""
# Which of them: of the highest priority first; of each lane as many as of the others, what runs of it counted in; of a
# queue no more than its limits allow.
_CHOSEN = """
    free AS MATERIALIZED (
        SELECT job.id, job.queue, job.share, job.due_at
        FROM candidate JOIN meanwhile_job job ON job.id = candidate.id
        WHERE job.state || '' = 'available' AND {alone} AND {is_free}
    ), running AS MATERIALIZED (
        SELECT queue, share, count(*) AS jobs FROM meanwhile_job
        WHERE lease_id IS NOT NULL AND (SELECT count(*) FROM open) > 1
        GROUP BY queue, share
    ), placed AS (
        SELECT free.id, free.queue, free.due_at, open.priority, open.allowance,
               coalesce(running.jobs, 0)
               + row_number() OVER (PARTITION BY free.queue, free.share ORDER BY free.due_at, free.id) AS turn
        FROM free JOIN open ON open.queue = free.queue AND open.share = free.share
        LEFT JOIN running ON running.queue = free.queue AND running.share = free.share
    ), numbered AS (
        SELECT placed.*, row_number() OVER (PARTITION BY queue ORDER BY turn, due_at, id) AS number FROM placed
    ), chosen AS MATERIALIZED (
        SELECT id, row_number() OVER (ORDER BY priority DESC, turn, due_at, id) AS rank
        FROM numbered WHERE allowance IS NULL OR number <= allowance
    )
"""
_WINDOW = "{least}(%(window)s, %(spread)s / (SELECT count(*) FROM open) + 8)"
_SEEN_POSTGRESQL = """
    SELECT job.id, job.line, job.due_at, open.queue, open.share, job.number
    FROM open CROSS JOIN LATERAL (
        SELECT job.id, job.line, job.due_at, row_number() OVER (ORDER BY job.due_at, job.id) AS number
        FROM meanwhile_job job
        WHERE job.state = 'available' AND job.queue = open.queue AND job.share = open.share AND {alone}
          AND (job.due_at, job.id) > (open.due_at, open.id)
        ORDER BY job.due_at, job.id LIMIT {window}) job
"""
_SEEN_SQLITE = """
    SELECT job.id, job.line, job.due_at, open.queue, open.share,
           row_number() OVER (PARTITION BY open.queue, open.share ORDER BY job.due_at, job.id) AS number
    FROM open CROSS JOIN meanwhile_job job ON job.id IN (
        SELECT job.id FROM meanwhile_job job INDEXED BY meanwhile_job_lane
        WHERE job.state = 'available' AND job.queue = open.queue AND job.share = open.share AND {alone}
          AND (job.due_at, job.id) > (open.due_at, open.id)
        ORDER BY job.due_at, job.id LIMIT {window})
"""
# Of a single lane. Sub-queries, not a join: so both databases know that the index has the jobs in order.
_SEEN_ONE = """
    SELECT job.id, job.line, job.due_at, job.queue, job.share,
           row_number() OVER (ORDER BY job.due_at, job.id) AS number
    FROM meanwhile_job job {by_lane}
    WHERE job.state = 'available' AND {alone} AND job.queue = (SELECT queue FROM open)
      AND job.share = (SELECT share FROM open)
      AND (job.due_at, job.id) > ((SELECT due_at FROM open), (SELECT id FROM open))
    ORDER BY job.due_at, job.id LIMIT %(window)s
"""
# The few that were taken over have an index of their own.
_SEEN_ALONE = """
    SELECT job.id, job.line, job.due_at, job.queue, job.share, 0 AS number
    FROM meanwhile_job job WHERE job.state = 'available' AND {alone} AND {is_free}
      AND EXISTS (SELECT 1 FROM open WHERE open.queue = job.queue AND open.share = job.share)
    ORDER BY job.due_at, job.id LIMIT %(window)s
"""

# "state || ''" looks at the row as it is when it is locked, and leaves the index by id as the only one that can serve.
# Where a single lane waits, nothing has to take turns, and the claim is a good deal cheaper. That is found out on the
# way: of more than one lane it takes nothing and says how many there are.
_ONE_LANE_POSTGRESQL = """
    WITH RECURSIVE {lanes}, {candidates}, locked AS (
        SELECT job.id, 0 AS rank FROM candidate JOIN meanwhile_job job ON job.id = candidate.id
        WHERE job.state || '' = 'available' AND {alone} AND {is_free}
          AND EXISTS (SELECT 1 FROM open WHERE open.queue = job.queue AND open.share = job.share)
        ORDER BY job.due_at, job.id LIMIT %(limit)s
        FOR UPDATE OF job SKIP LOCKED
    ), {taken}
"""
_LANES_POSTGRESQL = """
    WITH RECURSIVE {lanes}, {candidates}, {chosen}, locked AS (
        SELECT job.id, chosen.rank FROM chosen JOIN meanwhile_job job ON job.id = chosen.id
        WHERE job.state || '' = 'available'
        ORDER BY chosen.rank LIMIT %(limit)s
        FOR UPDATE OF job SKIP LOCKED
    ), {taken}
"""
_TAKEN = """
    taken AS (
        UPDATE meanwhile_job job SET state = 'running', lease_id = %(lease)s, epoch = job.epoch + 1,
               started_at = coalesce(job.started_at, clock_timestamp())
        FROM locked WHERE job.id = locked.id
        RETURNING locked.rank, {job.columns}
    )
    SELECT (SELECT count(*) FROM open_lane),
           (SELECT json_agg(json_build_array(queue, share, due_at, id))::text FROM seen WHERE number = {window}),
           taken.*
    FROM (SELECT 1) always LEFT JOIN taken ON true
"""
_ONE_LANE_SQLITE = """
    WITH RECURSIVE {lanes}, {candidates}, picked AS (
        SELECT job.id, row_number() OVER (ORDER BY job.due_at, job.id) AS rank
        FROM candidate JOIN meanwhile_job job ON job.id = candidate.id
        WHERE job.state = 'available' AND {alone} AND {is_free}
          AND EXISTS (SELECT 1 FROM open WHERE open.queue = job.queue AND open.share = job.share)
        ORDER BY job.due_at, job.id LIMIT %(limit)s
    ) {picked}
"""
_LANES_SQLITE = """
    WITH RECURSIVE {lanes}, {candidates}, {chosen}, picked AS (
        SELECT id, rank FROM chosen ORDER BY rank LIMIT %(limit)s
    ) {picked}
"""
_PICKED = """
    SELECT (SELECT count(*) FROM open_lane),
           (SELECT json_group_array(json_array(queue, share, due_at, id)) FROM seen WHERE number = {window}),
           picked.id
    FROM (SELECT 1) always LEFT JOIN picked ON 1
    ORDER BY picked.rank
"""
_PIECES = {
    "candidates": _CANDIDATES,
    "chosen": _CHOSEN,
    "window": _WINDOW,
    "taken": _TAKEN,
    "picked": _PICKED,
}
_POSTGRESQL = {
    "of_queues": "(%(queues)s::text[] IS NULL OR lane.queue = ANY(%(queues)s::text[]))",
    "freed": "unnest(%(lines)s::text[]) AS freed (value)",
    "rules": "unnest(%(names)s::text[], %(priorities)s::int[], %(allowances)s::int[])"
    " AS rule (name, priority, allowance)",
    "least": "least",
    "by_lane": "",
}
_SQLITE = {
    "of_queues": "(%(queues)s IS NULL OR lane.queue IN (SELECT value FROM json_each(%(queues)s)))",
    "freed": "json_each(%(lines)s) AS freed",
    "rules": "(SELECT value ->> 0 AS name, value ->> 1 AS priority, value ->> 2 AS allowance"
    " FROM json_each(%(rules)s)) AS rule",
    "least": "min",
    "by_lane": "INDEXED BY meanwhile_job_lane",
}


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of a claim: at the heads of all lanes, further down in some, and at the jobs that were taken over."""

    head: str
    one_head: str
    deeper: str
    one_deeper: str
    alone: str


_ONLY_ONE = "WHERE (SELECT count(*) FROM open_lane) = 1"


def _looks(dialect: Mapping[str, str], all_lanes: str, these: str, seen: str, several: str, one: str) -> Looks:
    def look(statement: str, lanes: str, seen: str = seen, alone: str = "NOT job.alone") -> str:
        where_lanes = _ONLY_ONE if statement is one else ""
        own = {"lanes": lanes, "seen": seen, "where_lanes": where_lanes, "alone": alone}
        return filled(statement, {**_PIECES, **dialect, **own})

    return Looks(
        head=look(several, all_lanes),
        one_head=look(one, all_lanes, _SEEN_ONE),
        deeper=look(several, these),
        one_deeper=look(one, these, _SEEN_ONE),
        alone=look(several, all_lanes, _SEEN_ALONE, "job.alone"),
    )


POSTGRESQL = _looks(
    _POSTGRESQL,
    ALL_LANES_POSTGRESQL,
    _THESE_LANES_POSTGRESQL,
    _SEEN_POSTGRESQL,
    _LANES_POSTGRESQL,
    _ONE_LANE_POSTGRESQL,
)
SQLITE = _looks(_SQLITE, ALL_LANES_SQLITE, _THESE_LANES_SQLITE, _SEEN_SQLITE, _LANES_SQLITE, _ONE_LANE_SQLITE)
TAKE_SQLITE = filled(
    """
    UPDATE meanwhile_job SET state = 'running', lease_id = %(lease)s, epoch = epoch + 1,
           started_at = coalesce(started_at, %(now)s)
    WHERE id IN (SELECT value FROM json_each(%(ids)s))
    RETURNING {columns}
    """,
    {},
)
