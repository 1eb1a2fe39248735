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
    "{pg.of_queues}": "(%(queues)s::text[] IS NULL OR job.queue = ANY(%(queues)s::text[]))",
    "{lite.of_queues}": "(%(queues)s IS NULL OR job.queue IN (SELECT value FROM json_each(%(queues)s)))",
}


def _filled(statement: str, **more: str) -> str:
    for name, piece in (_PIECES | {f"{{{name}}}": piece for name, piece in more.items()}).items():
        statement = statement.replace(name, piece)
    return statement


_LOOK_POSTGRESQL = """
    WITH seen AS MATERIALIZED (
        SELECT job.id, job.line, job.due_at FROM meanwhile_job job
        WHERE job.state = 'available' AND {alone} AND {pg.of_queues} AND (job.due_at, job.id) > (%(due_at)s, %(id)s)
        ORDER BY job.due_at, job.id LIMIT %(window)s
    ), free AS (
        SELECT waiting.id FROM meanwhile_job waiting JOIN seen job ON job.id = waiting.id
        WHERE waiting.state = 'available' AND {is_free}
        ORDER BY job.due_at, job.id LIMIT %(limit)s
        FOR UPDATE OF waiting SKIP LOCKED
    ), taken AS (
        UPDATE meanwhile_job job SET state = 'running', lease_id = %(lease)s, epoch = job.epoch + 1,
               started_at = coalesce(job.started_at, clock_timestamp())
        FROM free WHERE job.id = free.id
        RETURNING {job.columns}
    ), last AS (
        SELECT due_at, id FROM seen ORDER BY due_at DESC, id DESC LIMIT 1
    )
    SELECT (SELECT count(*) FROM seen), (SELECT due_at FROM last), (SELECT id FROM last), taken.*
    FROM (SELECT 1) always LEFT JOIN taken ON true
"""
# By whether the jobs wanted are those that were taken over.
LOOK_POSTGRESQL = {
    False: _filled(_LOOK_POSTGRESQL, alone="NOT job.alone"),
    True: _filled(_LOOK_POSTGRESQL, alone="job.alone"),
}

_SEE_SQLITE = """
    SELECT job.id, job.due_at, {is_free} FROM meanwhile_job job
    WHERE job.state = 'available' AND {alone} AND {lite.of_queues} AND (job.due_at, job.id) > (%(due_at)s, %(id)s)
    ORDER BY job.due_at, job.id LIMIT %(window)s
"""
SEE_SQLITE = {
    False: _filled(_SEE_SQLITE, alone="NOT job.alone"),
    True: _filled(_SEE_SQLITE, alone="job.alone"),
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
HAS_ALONE_POSTGRESQL = _filled(_HAS_ALONE, of_queues=_PIECES["{pg.of_queues}"])
HAS_ALONE_SQLITE = _filled(_HAS_ALONE, of_queues=_PIECES["{lite.of_queues}"])
