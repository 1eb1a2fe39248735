"""Calling registered functions: as an effect, and inside the transaction."""

import time
from datetime import date
from decimal import Decimal

import pytest
from pydantic import BaseModel

from meanwhile.core.errors import ActionFailed, NotRegistered, PermanentError
from meanwhile.plugins import functions
from meanwhile.plugins.functions import function
from tests.unit.nodes.samples import context, node, problems


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """Functions of this module only; the registry is put back afterwards."""
    shelf = functions._functions
    before = dict(shelf)
    monkeypatch.setattr(functions, "_validating", {})

    @function
    def quote(seats: int, day: date = date(2026, 1, 1)) -> Decimal:
        return Decimal("12.50") * seats

    @function(effect=False)
    def double(number: Decimal) -> Decimal:
        return number * 2

    @function(effect=False, timeout_seconds=0.2)
    def spin() -> None:
        while True:
            try:
                sum(range(100))
            except Exception:  # what a careless function does; the limit gets through all the same
                continue

    @function(effect=False, timeout_seconds=0.05)
    def sleep() -> None:
        time.sleep(0.2)

    @function(effect=False)
    def fail() -> None:
        raise RuntimeError("no luck")

    class Answer(BaseModel):
        price: float

    @function
    def model() -> Answer:
        return Answer(price=1.5)

    yield
    shelf.clear()
    shelf.update(before)


def test_a_function_is_an_effect_by_default_and_its_answer_comes_into_a_field():
    plugin, settings = node("call", function="quote", arguments={"seats": "{{ record.seats }}"}, into="fare")
    assert plugin.has_effect(settings)
    request = plugin.prepare(settings, context())
    assert request == {"function": "quote", "arguments": {"seats": 5}}
    answer = plugin.perform(request, "key")
    assert answer == {"value": Decimal("62.50")}
    assert plugin.conclude(settings, request, answer, context()).values == {"fare": Decimal("62.50")}
    assert plugin.writes(settings) == {"fare"}
    assert plugin.summary(settings) == "Call quote into fare"


def test_arguments_are_converted_to_their_types_or_refused_for_good():
    plugin, settings = node("call", function="quote", arguments={"seats": "{{ record.passenger }}"})
    with pytest.raises(PermanentError, match='argument "seats"'):
        plugin.perform(plugin.prepare(settings, context()), "key")
    plugin, settings = node("call", function="quote", arguments={"seats": 1, "day": "2026-05-01"})
    assert plugin.perform(plugin.prepare(settings, context()), "key") == {"value": Decimal("12.50")}


def test_a_function_without_effect_runs_at_once():
    plugin, settings = node("call", function="double", arguments={"number": "1.5"}, into="fare")
    assert not plugin.has_effect(settings)
    assert plugin.run(settings, context()).values == {"fare": Decimal("3.0")}


@pytest.mark.parametrize("name", ["spin", "sleep"])
def test_a_function_inside_the_transaction_is_ended_at_its_time_limit(name):
    plugin, settings = node("call", function=name)
    with pytest.raises(ActionFailed, match="took longer than"):
        plugin.run(settings, context())


def test_an_error_of_the_function_is_told_with_its_type():
    plugin, settings = node("call", function="fail")
    with pytest.raises(ActionFailed, match="RuntimeError: no luck"):
        plugin.run(settings, context())


def test_an_answer_that_cannot_be_kept_is_not_asked_for_again():
    plugin, settings = node("call", function="model")
    with pytest.raises(PermanentError, match="cannot be kept"):
        plugin.perform(plugin.prepare(settings, context()), "key")


def test_a_function_that_is_not_registered_here_fails_where_it_is_prepared_and_may_be_tried_again():
    plugin, settings = node("call", function="gone")
    assert plugin.has_effect(settings)
    with pytest.raises(NotRegistered, match="gone") as raised:
        plugin.prepare(settings, context())
    assert raised.value.can_heal


def test_call_is_checked():
    known = frozenset({"quote"})
    assert 'Did you mean "quote"' in problems("call", known, function="qoute")[("function",)]
    assert "seats" in problems("call", known, function="quote")[("arguments",)]
    assert "unexpected" in problems("call", known, function="quote", arguments={"seats": 1, "x": 1})[("arguments",)]
    assert "no field" in problems("call", known, function="quote", arguments={"seats": 1}, into="gone")[("into",)]
    assert not problems("call", known, function="quote", arguments={"seats": 1}, into="fare")
