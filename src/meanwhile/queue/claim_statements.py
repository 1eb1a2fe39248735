"""The text of the claims in both dialects. Constants, so that both drivers can keep what they made of them.

``{…}`` stands for a piece that several statements share; ``%(…)s`` is a parameter. The states are literals because that
is what lets both databases use the partial indexes.
"""

COLUMNS = (
    "id, epoch, queue, line, attempt, max_attempts, backoff_seconds, alone, deaths, cancel_requested, due_at, "
    "submission_id, run_id, version_id, branch_node, at_node, payload, steps"
)

_PIECES = {
    "{columns}": COLUMNS,
    "{job.columns}": ", ".join(f"job.{column}" for column in COLUMNS.split(", ")),
    # Two look-ups per job, however many jobs its line holds. Sub-queries, not joins: no plan reads the whole table.
    "{is_free}": """
        (job.line IS NULL
         OR ((SELECT first.id FROM meanwhile_job first
              WHERE first.line = job.line AND first.state IN ('available', 'retrying', 'running')
              ORDER BY first.due_at, first.id LIMIT 1) = job.id
             AND (SELECT other.id FROM meanwhile_job other
                  WHERE other.line = job.line AND other.state = 'running' LIMIT 1) IS NULL))
    """,
}


def _filled(statement: str, **more: str) -> str:
    """The pieces that hold other pieces come last in ``_PIECES`` and are put in first."""
    for name, piece in reversed(({f"{{{name}}}": piece for name, piece in more.items()} | _PIECES).items()):
        statement = statement.replace(name, piece)
    return statement


# What a claim looks at: a window of the waiting jobs, of each line only the first in it; and the first unfinished jobs
# of the lines that the holder has just freed, which may stand anywhere.
_PIECES["{candidates}"] = """
    seen AS MATERIALIZED (
        SELECT job.id, job.line, job.due_at FROM meanwhile_job job
        WHERE job.state = 'available' AND {alone} AND {of_queues} AND (job.due_at, job.id) > (%(due_at)s, %(id)s)
        ORDER BY job.due_at, job.id LIMIT %(window)s
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
_PIECES["{end}"] = """
    (SELECT count(*) FROM seen),
    (SELECT due_at FROM seen ORDER BY due_at DESC, id DESC LIMIT 1),
    (SELECT id FROM seen ORDER BY due_at DESC, id DESC LIMIT 1)
"""

# A claim is the last statement of its transaction, so what this sets holds for nothing else. The tables of a queue
# change faster than their statistics: left alone, the planner sorts all 20,000 waiting jobs to find the first 80, and
# plans for longer than it looks. There is one good plan, by the indexes and in their order. (Older servers count what
# is switched off as a high cost, at which they would compile the statement.)
PLAN_POSTGRESQL = """
    SELECT set_config(name, 'off', true)
    FROM unnest(ARRAY['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'enable_hashjoin', 'enable_mergejoin',
                      'jit']) name
    UNION ALL SELECT set_config('plan_cache_mode', 'force_generic_plan', true)
"""
# "state || ''" looks at the row as it is when it is locked, and leaves the index by id as the only one that can serve.
_LOOK_POSTGRESQL = """
    WITH {candidates}, free AS (
        SELECT job.id FROM candidate JOIN meanwhile_job job ON job.id = candidate.id
        WHERE job.state || '' = 'available' AND {alone} AND {of_queues} AND {is_free}
        ORDER BY job.due_at, job.id LIMIT %(limit)s
        FOR UPDATE OF job SKIP LOCKED
    ), taken AS (
        UPDATE meanwhile_job job SET state = 'running', lease_id = %(lease)s, epoch = job.epoch + 1,
               started_at = coalesce(job.started_at, clock_timestamp())
        FROM free WHERE job.id = free.id
        RETURNING {job.columns}
    )
    SELECT {end}, taken.* FROM (SELECT 1) always LEFT JOIN taken ON true
"""
_SEE_SQLITE = """
    WITH {candidates}, free AS (
        SELECT job.id FROM candidate JOIN meanwhile_job job ON job.id = candidate.id
        WHERE job.state = 'available' AND {alone} AND {of_queues} AND {is_free}
        ORDER BY job.due_at, job.id LIMIT %(limit)s
    )
    SELECT {end}, free.id FROM (SELECT 1) LEFT JOIN free ON 1
"""
_POSTGRESQL = {
    "of_queues": "(%(queues)s::text[] IS NULL OR job.queue = ANY(%(queues)s::text[]))",
    "freed": "unnest(%(lines)s::text[]) AS freed (value)",
}
_SQLITE = {
    "of_queues": "(%(queues)s IS NULL OR job.queue IN (SELECT value FROM json_each(%(queues)s)))",
    "freed": "json_each(%(lines)s) AS freed",
}
# By whether the jobs wanted are those that were taken over.
LOOK_POSTGRESQL = {
    False: _filled(_LOOK_POSTGRESQL, alone="NOT job.alone", **_POSTGRESQL),
    True: _filled(_LOOK_POSTGRESQL, alone="job.alone", **_POSTGRESQL),
}
SEE_SQLITE = {
    False: _filled(_SEE_SQLITE, alone="NOT job.alone", **_SQLITE),
    True: _filled(_SEE_SQLITE, alone="job.alone", **_SQLITE),
}
TAKE_SQLITE = _filled("""
    UPDATE meanwhile_job SET state = 'running', lease_id = %(lease)s, epoch = epoch + 1,
           started_at = coalesce(started_at, %(now)s)
    WHERE id IN (SELECT value FROM json_each(%(ids)s))
    RETURNING {columns}
""")

_ONE = """
    UPDATE meanwhile_job AS job SET state = 'running', lease_id = %(lease)s, epoch = epoch + 1,
           started_at = coalesce(started_at, {now})
    WHERE job.id = %(id)s AND job.state = 'available' AND {is_free}
    RETURNING {columns}
"""
ONE_POSTGRESQL = _filled(_ONE, now="clock_timestamp()")
ONE_SQLITE = _filled(_ONE, now="%(now)s")

_HAS_ALONE = """
    SELECT 1 FROM meanwhile_job job
    WHERE job.state = 'available' AND job.alone AND {of_queues} AND {is_free} LIMIT 1
"""
HAS_ALONE_POSTGRESQL = _filled(_HAS_ALONE, **_POSTGRESQL)
HAS_ALONE_SQLITE = _filled(_HAS_ALONE, **_SQLITE)
