"""The database connections of the threads that perform effects."""

from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from django.db import OperationalError, connection

from meanwhile.queue import pool
from meanwhile.queue.jobs import Effect
from meanwhile.queue.pool import Pool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def perform() -> Iterator[Any]:
    """What an effect returns that was performed in the one thread of a pool."""
    answers: SimpleQueue[Any] = SimpleQueue()
    made = Pool(1, lambda _token, answer: answers.put(answer))

    def perform(work: Any) -> Any:
        made.submit(None, Effect(1, work))
        answer = answers.get(timeout=10)
        assert answer.error is None
        return answer.value

    yield perform
    made.close()


def ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close_at = None  # it is kept, as that of a site is


def is_trusted() -> bool:
    return connection.connection is not None and connection.health_check_done


def break_off() -> None:
    """The server ends the connection, and the effect learns it."""
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_effects_in_a_row_do_not_ask_each_time_whether_their_connection_stands(perform: Any) -> None:
    perform(ask)
    assert perform(is_trusted)


def test_a_connection_is_asked_whether_it_stands_after_a_rest(perform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_TRUSTED_SECONDS", -1.0)
    perform(ask)
    assert not perform(is_trusted)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections that a server could cut")
def test_a_broken_connection_is_not_trusted_by_the_next_effect(perform: Any) -> None:
    perform(break_off)
    perform(ask)
