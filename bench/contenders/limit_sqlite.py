"""The limit on SQLite: Python's own driver, with the settings of the site: WAL, and a commit that is on the disk."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from bench.contenders.limit import BATCH, Limit, Note
from meanwhile.core import clock
from meanwhile.definitions.program import Program

_RECORD = """
    INSERT INTO mw_bench__item (word, email, a, d, created_at, updated_at)
    VALUES (:word, :email, :a, :d, :now, :now) RETURNING id
"""
_SUBMISSION = """
    INSERT INTO meanwhile_submission (digest, version_id, form, "table", record_id, is_new, created_at)
    VALUES ('', :version, '', 'item', :record, 1, :now) RETURNING id
"""
_RUN = """
    INSERT INTO meanwhile_run (submission_id, version_id, event, "table", record_id, depth, chain, created_at, steps)
    VALUES (:submission, :version, :event, 'item', :record, 0, :chain, :now, :run_steps) RETURNING id
"""
_JOB = """
    INSERT INTO meanwhile_job (
        queue, state, line, due_at, epoch, attempt, max_attempts, backoff_seconds, alone, deaths, cancel_requested,
        created_at, submission_id, run_id, version_id, branch_node, at_node, payload, steps)
    VALUES ('default', 'available', 'mw_bench__item:' || :record, :now, 0, 0, 5, 15, 0, 0, 0,
            :now, :submission, :run, :version, :branch_node, :at_node, :payload, '[]')
"""
_CLAIM = """
    UPDATE meanwhile_job SET state = 'running', lease_id = 1, epoch = epoch + 1, started_at = coalesce(started_at, ?)
    WHERE id IN (SELECT id FROM meanwhile_job WHERE state = 'available' ORDER BY due_at, id LIMIT ?)
    RETURNING id, json_extract(payload, '$.record'), payload, json_extract(payload, '$.table')
"""
_SETTLE = """
    UPDATE meanwhile_job SET state = 'completed', lease_id = NULL, epoch = epoch + 1, finished_at = ?, attempt = 0,
           at_node = '', payload = ?, steps = ?
    WHERE id = ? AND state = 'running'
"""


class SQLiteLimit(Limit):
    """On a connection of its own."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._connection = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=20)
        self._connection.executescript(connection.settings_dict["OPTIONS"]["init_command"])

    def submit_one(self, number: int) -> int:
        row = self.submission(number) | {"now": _now()}
        with self._transaction():
            row["record"] = self._connection.execute(_RECORD, row).fetchone()[0]
            row["submission"] = self._connection.execute(_SUBMISSION, row).fetchone()[0]
            row["run"] = self._connection.execute(_RUN, row).fetchone()[0]
            self._connection.execute(_JOB, row)
        return int(row["record"])

    def drain(self, note: Note) -> None:
        held = self._claim()
        while held:
            started, ids = time.monotonic(), [job[1] for job in held]
            with self._transaction():
                self._write(held[0][3], ids, held)
                held = self._claim()
            note(ids, started)

    def _claim(self) -> list[tuple[int, int, str, str]]:
        return self._connection.execute(_CLAIM, (_now(), BATCH)).fetchall()

    def _write(self, table: str, ids: list[int], held: list[tuple[int, int, str, str]]) -> None:
        name, now = f"mw_bench__{table}", _now()
        places = ", ".join("?" * len(held))
        rows = self._connection.execute(
            f"SELECT id, word, email FROM {name} WHERE id IN ({places}) ORDER BY id", ids
        ).fetchall()
        self.send(table, rows)
        self._connection.executemany(
            f"UPDATE {name} SET b = ?, c = 'Filed', done = 1, updated_at = ? WHERE id = ?",
            [(f"Checked {word}", now, id_) for id_, word, _ in rows],
        )
        steps = self.job_steps[table]
        self._connection.executemany(_SETTLE, [(now, payload, steps, id_) for id_, _, payload, _ in held])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        yield
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


def _now() -> str:
    return clock.now().replace(tzinfo=None).isoformat(" ")
