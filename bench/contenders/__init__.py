"""Who does the work: one class per contender, all with the same three moves."""

from typing import Protocol

from django.db import connection

from bench.contenders.engine import Engine
from bench.contenders.limit_postgresql import PostgreSQLLimit
from bench.contenders.limit_sqlite import SQLiteLimit
from meanwhile.definitions.program import Program


class Contender(Protocol):
    """``name`` stands in the table."""

    name: str

    def submit(self, number: int) -> None:
        """Save one record with what belongs to it, committed."""

    def drain(self, table: str) -> None:
        """Do all jobs of ``table`` that wait."""

    def close(self) -> None:
        """Let go of what it holds."""


def contenders(program: Program) -> list[Contender]:
    """All of them, on the database of this process."""
    limit = PostgreSQLLimit if connection.vendor == "postgresql" else SQLiteLimit
    return [Engine(program), limit(program)]
