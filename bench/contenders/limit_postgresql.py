"""The limit on PostgreSQL: psycopg with prepared statements; a submission is one statement, a batch is four."""

import time
from typing import Any

import psycopg
from django.db import connection

from bench.contenders.limit import BATCH, Limit, Note
from meanwhile.core import clock
from meanwhile.definitions.program import Program

_SUBMIT = """
    WITH record AS (
        INSERT INTO mw_bench__item (word, email, a, d, created_at, updated_at)
        VALUES (%(word)s, %(email)s, %(a)s, %(d)s, %(now)s, %(now)s) RETURNING id
    ), submission AS (
        INSERT INTO meanwhile_submission (digest, version_id, form, "table", record_id, is_new, created_at)
        SELECT '', %(version)s, '', 'item', record.id::text, true, %(now)s FROM record RETURNING id
    ), run AS (
        INSERT INTO meanwhile_run (
            submission_id, version_id, event, "table", record_id, depth, chain, created_at, steps)
        SELECT submission.id, %(version)s, %(event)s, 'item', record.id::text, 0, %(chain)s::jsonb, %(now)s,
               %(run_steps)s::jsonb
        FROM submission, record RETURNING id
    )
    INSERT INTO meanwhile_job (
        queue, state, line, due_at, epoch, attempt, max_attempts, backoff_seconds, alone, deaths, cancel_requested,
        created_at, submission_id, run_id, version_id, branch_node, at_node, payload, steps)
    SELECT 'default', 'available', 'mw_bench__item:' || record.id, %(now)s, 0, 0, 5, 15, false, 0, false,
           %(now)s, submission.id, run.id, %(version)s, %(branch_node)s, %(at_node)s, %(payload)s::jsonb, '[]'::jsonb
    FROM record, submission, run
"""
_CLAIM = """
    UPDATE meanwhile_job job SET state = 'running', lease_id = 1, epoch = job.epoch + 1,
           started_at = coalesce(job.started_at, clock_timestamp())
    FROM (SELECT id FROM meanwhile_job WHERE state = 'available' ORDER BY due_at, id LIMIT %s
          FOR UPDATE SKIP LOCKED) free
    WHERE job.id = free.id
    RETURNING job.id, (job.payload ->> 'record')::bigint, job.payload::text, job.payload ->> 'table'
"""
_SETTLE = """
    UPDATE meanwhile_job job SET state = 'completed', lease_id = NULL, epoch = job.epoch + 1,
           finished_at = clock_timestamp(), attempt = 0, at_node = '', payload = done.payload, steps = done.steps
    FROM unnest(%s::bigint[], %s::jsonb[], %s::jsonb[]) AS done (id, payload, steps)
    WHERE job.id = done.id AND job.state = 'running'
"""


class PostgreSQLLimit(Limit):
    """On a connection of its own."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        settings: dict[str, Any] = connection.get_connection_params()
        parameters = {key: value for key, value in settings.items() if key not in ("cursor_factory", "context")}
        self._connection = psycopg.connect(**parameters | {"autocommit": True, "prepare_threshold": 0})

    def submit_one(self, number: int) -> int:
        self._connection.execute(_SUBMIT, self.submission(number))
        return 0

    def drain(self, note: Note) -> None:
        held = self._connection.execute(_CLAIM, [BATCH]).fetchall()
        while held:
            started, ids = time.monotonic(), sorted(job[1] for job in held)
            with self._connection.transaction():
                self._write(held[0][3], ids, held)
                held = self._connection.execute(_CLAIM, [BATCH]).fetchall()
            note(ids, started)

    def _write(self, table: str, ids: list[int], held: list[tuple[int, int, str, str]]) -> None:
        name = f"mw_bench__{table}"
        rows = self._connection.execute(
            f"SELECT id, word, email FROM {name} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids]
        ).fetchall()
        self.send(table, rows)
        self._connection.execute(
            f"UPDATE {name} t SET b = new.b, c = 'Filed', done = true, updated_at = %s "
            "FROM unnest(%s::bigint[], %s::text[]) AS new (id, b) WHERE t.id = new.id",
            [clock.now(), [row[0] for row in rows], [f"Checked {row[1]}" for row in rows]],
        )
        steps = [self.job_steps[table]] * len(held)
        self._connection.execute(_SETTLE, [[job[0] for job in held], [job[2] for job in held], steps])

    def close(self) -> None:
        self._connection.close()
