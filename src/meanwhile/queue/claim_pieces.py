"""What all claims share: pieces of their statements, their parameters, and the reading of their rows.

In a statement ``{…}`` stands for a piece and ``%(…)s`` for a parameter. The texts are constants, so that both drivers
can keep what they made of them. The states are literals because that is what lets both databases use the partial
indexes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from meanwhile.core.exact_json import dumps, loads
from meanwhile.queue.database import is_postgresql, moment
from meanwhile.queue.jobs import Claimed

COLUMNS = (
    "id, epoch, queue, line, attempt, max_attempts, backoff_seconds, alone, deaths, cancel_requested, due_at, "
    "submission_id, run_id, version_id, branch_node, at_node, payload, steps"
)

_SHARED: Mapping[str, str] = {
    "columns": COLUMNS,
    "job.columns": ", ".join(f"job.{column}" for column in COLUMNS.split(", ")),
    # Two look-ups per job, however many jobs its line holds. Sub-queries, not joins: no plan reads the whole table.
    "is_free": """
        (job.line IS NULL
         OR ((SELECT first.id FROM meanwhile_job first
              WHERE first.line = job.line AND first.state IN ('available', 'retrying', 'running')
              ORDER BY first.due_at, first.id LIMIT 1) = job.id
             AND (SELECT other.id FROM meanwhile_job other
                  WHERE other.line = job.line AND other.state = 'running' LIMIT 1) IS NULL))
    """,
}


def filled(statement: str, pieces: Mapping[str, str]) -> str:
    """``statement`` with the pieces that it names put in; pieces may name others."""
    names = {f"{{{name}}}": piece for name, piece in {**_SHARED, **pieces}.items()}
    while named := [name for name in names if name in statement]:
        for name in named:
            statement = statement.replace(name, names[name])
    return statement


def claimed(row: Sequence[Any]) -> Claimed:
    """The job of a row with ``COLUMNS``, whose order is that of ``Claimed``."""
    values = list(row)
    # What SQLite keeps as numbers and texts.
    values[7], values[9], values[10] = bool(values[7]), bool(values[9]), moment(values[10])
    values[16], values[17] = loads(values[16]), loads(values[17])
    return Claimed._make(values)


def as_list(values: Sequence[str] | None) -> Any:
    """``values`` as a parameter."""
    if values is None:
        return None
    return list(values) if is_postgresql() else dumps(list(values))
