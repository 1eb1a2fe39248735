"""A limit of uses per address holds across processes, and is over after a minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory

from meanwhile.pages import limit
from meanwhile.pages.models import Use

START = datetime(2026, 3, 1, 12, 0, 59, tzinfo=UTC)


def request_from(address: str) -> object:
    return RequestFactory().post("/", REMOTE_ADDR=address)


def take(address: str = "192.0.2.1", per_minute: int = 3) -> int:
    return limit.take(request_from(address), "form:a.b", per_minute)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_uses_past_the_limit_are_told_how_long_to_wait() -> None:
    with time_machine.travel(START, tick=False):
        assert [take() for _ in range(4)] == [0, 0, 0, 60]
    with time_machine.travel(START + timedelta(seconds=20), tick=False):
        assert take() == 40


@pytest.mark.django_db
def test_the_minute_begins_with_the_first_use_and_then_starts_afresh() -> None:
    with time_machine.travel(START, tick=False):
        assert [take() for _ in range(3)] == [0, 0, 0]
    with time_machine.travel(START + timedelta(seconds=2), tick=False):  # the next minute of the clock
        assert take() == 58
    with time_machine.travel(START + timedelta(seconds=61), tick=False):
        assert [take() for _ in range(4)] == [0, 0, 0, 60]


@pytest.mark.django_db
def test_addresses_and_names_are_counted_apart() -> None:
    assert [take("192.0.2.1", 1), take("192.0.2.2", 1), take("192.0.2.1", 1) > 0] == [0, 0, True]
    assert limit.take(request_from("192.0.2.1"), "form:a.c", 1) == 0  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_limit_of_zero_is_none() -> None:
    assert [take(per_minute=0) for _ in range(30)] == [0] * 30


@pytest.mark.django_db
def test_looking_does_not_count() -> None:
    request = request_from("192.0.2.1")
    assert [limit.wait_seconds(request, "form:a.b", 1) for _ in range(3)] == [0, 0, 0]  # type: ignore[arg-type]
    take()
    assert limit.wait_seconds(request, "form:a.b", 1) > 0  # type: ignore[arg-type]


@pytest.mark.django_db
def test_addresses_are_not_kept_and_old_rows_go() -> None:
    with time_machine.travel(START, tick=False):
        take("192.0.2.1")
    assert "192.0.2.1" not in Use.objects.get().address
    with time_machine.travel(START + timedelta(hours=2), tick=False):
        take("192.0.2.9")
    assert Use.objects.count() == 1


@pytest.mark.django_db
def test_a_header_that_anybody_can_send_changes_nothing() -> None:
    requests = [
        RequestFactory().post("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(3)
    ]
    assert [limit.take(request, "form:a.b", 1) > 0 for request in requests] == [False, True, True]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_address(address: str, network: str) -> None:
    assert limit.network_of(address) == network


@pytest.mark.django_db(transaction=True)
def test_uses_at_the_same_time_are_all_counted() -> None:
    def use(_: int) -> int:
        try:
            return take(per_minute=5)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(use, range(20)))
    assert waits.count(0) == 5
    assert Use.objects.get().count == 20
