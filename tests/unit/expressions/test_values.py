"""What expressions come to."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from meanwhile.expressions import EvaluationError, Namespace, compile_expression, functions_reference
from tests.unit.expressions.scopes import scope


def value(source, **record):
    return compile_expression(source).evaluate(scope(**record))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0.1 + 0.2", Decimal("0.3")),
        ("record.fare * 2", Decimal("20.20")),
        ("1 / 4", Decimal("0.25")),
        ("1 / 3", Decimal("0.3333333333333333333333333333")),
        ("6 / 2", 3),
        ("-7 // 2", -4),
        ("-7.0 // 2", Decimal("-4")),
        ("-7.5 % 2", Decimal("0.5")),
        ("7 % -2", -1),
        ("2 ** 10", 1024),
        ("2 ** -1", Decimal("0.5")),
        ("1.5 ** 2", Decimal("2.25")),
        ("- record.fare", Decimal("-10.10")),
        ("+3", 3),
        ("1_000", 1000),
    ],
)
def test_numbers_are_exact(source, expected):
    result = value(source)
    assert result == expected
    assert not isinstance(result, float)
    assert isinstance(result, type(expected))


def test_products_of_long_numbers_keep_every_digit():
    assert value("12345678901234567890123456789012345 * 1.1 * 10") == 12345678901234567890123456789012345 * 11


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("record.empty < 3", False),
        ("record.empty >= 3", False),
        ("3 > record.empty", False),
        ("record.empty + 1", None),
        ("1 - record.empty", None),
        ("record.empty * 2", None),
        ("record.empty / 2", None),
        ("-record.empty", None),
        ("record.empty == None", True),
        ("record.seats != None", True),
        ("record.blank == None", True),
        ("record.empty == ''", True),
        ("record.empty in ['a', None]", True),
        ("record.empty in 'abc'", False),
        ("'a' in record.empty", False),
        ("record.name + record.empty", "Grace Hopper"),
        ("record.empty or 'nobody'", "nobody"),
        ("record.customer.parent.name", None),
        ("len(record.empty)", 0),
        ("lower(record.empty)", None),
        ("is_empty(record.blank) and is_empty(null)", True),
        ("contains(record.empty, 'a')", False),
    ],
)
def test_empty_values_are_ordered_nowhere_and_calculate_to_nothing(source, expected):
    assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("record.seats > 4 and record.confirmed", True),
        ("1 < record.seats <= 5", True),
        ("1 < record.seats < 5", False),
        ("not record.confirmed", False),
        ("record.code in ['AB-12', 'x']", True),
        ("'vip' in record.tags", True),
        ("'Hop' in record.name", True),
        ("record.seats not in (1, 2)", True),
        ("'many' if record.seats > 4 else 'few'", "many"),
        ("record.customer.name", "Ada"),
        ("record.customer == 7", True),
        ("old.name != record.name", True),
        ("event.is_new and event.reason == 'late'", True),
        ("event.unheard_of", None),
        ("user.name", "Lin"),
        ("user == 3", True),
        ("true == True and false == False", True),
        ("record.confirmed == 1", False),
        ("record.departure > today()", True),
        ("record.departure > now", True),
        ("record.departure == datetime('2026-03-29')", True),
        ("record.booked_at\n  < now\n  and record.seats > 1", True),
    ],
)
def test_conditions(source, expected):
    assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("len(record.name)", 12),
        ("upper(trim('  a '))", "A"),
        ("starts_with(record.code, 'AB') and ends_with(record.code, '12')", True),
        (r"""matches(record.code, r"^[A-Z]+-\d+$")""", True),
        ("matches(record.code, 'x')", False),
        ("replace(record.code, '-', '/')", "AB/12"),
        ("left(record.code, 2) + right(record.code, 2) + right(record.code, 0)", "AB12"),
        ("text(record.fare) + '/' + text(record.confirmed)", "10.10/yes"),
        ("item(record.answer, 'price')", Decimal("12.5")),
        ("item(item(record.answer, 'items'), 5)", None),
        ("link('itinerary')", "https://example.org/pages/itinerary/"),
        ("round(2.5)", 3),
        ("round(record.fare * 1.19, 2)", Decimal("12.02")),
        ("int('12.9') + number('0.5')", Decimal("12.5")),
        ("abs(-3)", 3),
        ("min(3, 1.5, record.empty)", Decimal("1.5")),
        ("max([1, 4, 2])", 4),
        ("sum(1, record.fare)", Decimal("11.10")),
        ("sum(item(record.answer, 'items'))", 3),
        ("today()", date(2026, 3, 28)),
        ("date(2026, 5, 1)", date(2026, 5, 1)),
        ("date('2026-05-01') + days(3)", date(2026, 5, 4)),
        ("record.departure - date('2026-03-01')", timedelta(days=28)),
        ("datetime('2026-03-28 10:00')", datetime(2026, 3, 28, 9, 0, tzinfo=UTC)),
        ("hour(record.booked_at)", 10),
        ("weekday(record.departure)", 7),
        ("year(record.departure) * 100 + month(record.departure)", 202603),
        ("now + hours(2) - minutes(30)", datetime(2026, 3, 28, 13, 30, tzinfo=UTC)),
        ("add_days(record.booked_at, 1)", datetime(2026, 3, 29, 8, 30, tzinfo=UTC)),  # the clocks go forward
        ("record.booked_at + days(1)", datetime(2026, 3, 29, 9, 30, tzinfo=UTC)),
        ("add_months(date('2026-01-31'), 1)", date(2026, 2, 28)),
        ("add_months(date('2026-12-15'), -12)", date(2025, 12, 15)),
        ("days_between(today(), record.departure)", 1),
        ("minutes_between(record.booked_at, now)", 150),
        ("weeks(1) == days(7)", True),
    ],
)
def test_listed_functions(source, expected):
    assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("record.seats > record.name", "no order"),
        ("record.name + 1", "text(…)"),
        ("record.name * 1000", "cannot be multiplied"),
        ("record.tags * 1000", "cannot be multiplied"),
        ("record.seats % record.name", "must be numbers"),
        ("1 / 0", "Division by zero"),
        ("1.5 // 0", "Division by zero"),
        ("0.0 / 0", "Division by zero"),
        ("record.seats ** 101", "exponent"),
        ("2 ** 0.5", "exponent"),
        ("record.confirmed + 1", "cannot be added"),
        ("record.name.first", "cannot be read of a text"),
        ("record.answer.price", "cannot be read"),
        ("number('NaN')", "digits"),
        ("number('x')", "not a number"),
        ("date(2026, 13, 1)", "month"),
        ("record.departure + hours(1)", "whole days"),
        ("datetime('2026-03-29 02:30')", "does not exist in Europe/Berlin"),
        ("datetime('2026-10-25 02:30')", "comes twice in Europe/Berlin"),
        ("days(99999999999)", "do not fit"),
        ("today() + days(9999999)", "do not fit"),
        ("lower(3)", "lower()"),
        ("matches(record.code, record.pattern)", "RE2"),
        ("3 in 4", "looks in a list"),
        ("round(1, 99)", "places"),
    ],
)
def test_values_that_do_not_fit_are_an_error_with_the_expression_in_it(source, words):
    with pytest.raises(EvaluationError, match=re.escape(words)) as caught:
        value(source, pattern="(")
    assert source in str(caught.value)


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ("record.name + record.name", {"name": "x" * 60_000}),
        ("replace(record.name, 'x', 'yyyy')", {"name": "x" * 60_000}),
        ("upper(record.name)", {"name": "ß" * 60_000}),
        ("record.seats * record.seats", {"seats": 10**60}),
        ("record.fare ** 90", {"fare": Decimal("1.01")}),
        ("10 ** 100", {}),
        ("text(record.tags)", {"tags": ["x" * 1000] * 200}),
    ],
)
def test_results_are_capped_in_size(source, record):
    with pytest.raises(EvaluationError, match="longer than"):
        value(source, **record)


def test_only_fields_that_exist_can_be_read():
    with pytest.raises(EvaluationError, match='There is no "salary" here'):
        value("record.customer.salary")


def test_errors_of_reading_pass_through_as_they_are():
    def fail(_name):
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        compile_expression("record.x").evaluate({"record": Namespace(fail)})


def test_threads_evaluate_side_by_side_each_in_its_own_scope():
    expression = compile_expression("record.seats * 1000 + len(text(now))")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda seats: expression.evaluate(scope(seats=seats)), range(500)))
    assert results == [seats * 1000 + 16 for seats in range(500)]


def test_an_evaluation_within_another_keeps_the_outer_scope():
    inner = compile_expression("record.seats")
    outer = {**scope(), "link": lambda page: inner.evaluate(scope(seats=1))}
    assert compile_expression("item([link('x')], 0) + record.seats").evaluate(outer) == 6


def test_an_expression_says_what_it_names():
    expression = compile_expression("record.customer.name == old.name and event.is_new and link('wait') != text(now)")
    assert expression.paths == {
        ("record", "customer", "name"),
        ("old", "name"),
        ("event", "is_new"),
        ("now",),
    }
    assert expression.pages == {"wait"}


def test_every_function_has_a_sentence_for_the_reference():
    functions = functions_reference()
    assert len({function.name for function in functions}) == len(functions) > 30
    for function in functions:
        assert function.summary.endswith((".", "``"))
        assert function.signature.startswith(function.name + "(")
