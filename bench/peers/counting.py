"""Counting the jobs that a queue keeps in the database."""

from django.db import connection


def count(rows: str) -> int:
    """How many there are of ``rows``: a table, and maybe a condition."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {rows}")
        return int(cursor.fetchone()[0])
