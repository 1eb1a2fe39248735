"""Texts with placeholders."""

import copy
import html
import pickle
from decimal import Decimal

import pytest

from meanwhile.expressions import EvaluationError, ExpressionError, compile_template
from tests.unit.expressions.scopes import scope


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Dear {{ record.name }},", "Dear Grace Hopper,"),
        ("{{record.fare}} {{ record.seats }}", "10.10 5"),
        ("[{{ record.empty }}]", "[]"),
        ("{{ record.confirmed }}/{{ not record.confirmed }}", "yes/no"),
        ("on {{ record.departure }}", "on 2026-03-29"),
        ("at {{ record.booked_at }}", "at 2026-03-28 10:30"),
        ("{{ record.tags }}", "new, vip"),
        ("{{ record.answer }}!", "price: 12.5, items: 1, 2!"),
        ("for {{ record.customer }}", "for 7"),
        ("in {{ hours(1) + minutes(30) }}", "in 1h30m"),
        ("{{ number('1e3') }}.", "1000."),
        ('{{ "}}" }} and {{ "{{" }}', "}} and {{"),
        ("{{ 'it\\'s }}' }}", "it's }}"),
        ("{ record.name } }}", "{ record.name } }}"),
        ("no placeholder", "no placeholder"),
        ("", ""),
        ("a\n{{ record.seats\n + 1 }}\nb", "a\n6\nb"),
    ],
)
def test_placeholders_are_filled_in_readably(source, expected):
    assert compile_template(source).render(scope()) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ record.fare }}", Decimal("10.10")),
        (" {{ record.seats }}\n", 5),
        ("{{ record.confirmed }}", True),
        ("{{ record.empty }}", None),
        ("{{ record.customer }}", 7),
        ("{{ record.seats }}{{ record.seats }}", "55"),
        ("{{ record.seats }} seats", "5 seats"),
        ("5", "5"),
    ],
)
def test_one_placeholder_and_nothing_else_keeps_its_type(source, expected):
    result = compile_template(source).value(scope())
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("Dear {{ record.name", 1, 6, "not closed"),
        ("Dear {{ 'a }}", 1, 6, "not closed"),
        ("{{ record.name {{ record.name }}", 1, 1, "not closed"),
        ("{{ }}", 1, 3, "empty"),
        ("Dear {{ rekord.name }}", 1, 9, "Unknown name"),
        ("Dear\n  {{ record.name.upper() }}", 2, 6, "no methods"),
        ("{{ record.seats\n   + rekord.x }}", 2, 6, "Unknown name"),
        ("{{ {'a': 1} }}", 1, 4, "Braces"),
    ],
)
def test_wrong_placeholder_is_refused_at_its_place_in_the_whole_text(source, line, column, words):
    with pytest.raises(ExpressionError) as caught:
        compile_template(source)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)


def test_what_fills_placeholders_can_be_escaped():
    template = compile_template("<b>{{ record.name }}</b>")
    assert template.render(scope(name="<i>"), escape=html.escape) == "<b>&lt;i&gt;</b>"


def test_a_template_says_what_it_names():
    template = compile_template("{{ record.name }} {{ link('wait') }} {{ old.name }}")
    assert template.paths == {("record", "name"), ("old", "name")}
    assert template.pages == {"wait"}


def test_rendered_text_is_capped_in_length():
    template = compile_template("{{ record.name }}" * 20)
    with pytest.raises(EvaluationError, match="longer than"):
        template.render(scope(name="x" * 100_000))


def test_a_value_that_cannot_be_shown_is_an_evaluation_error():
    nested = []
    for _level in range(5000):
        nested = [nested]
    with pytest.raises(EvaluationError):
        compile_template("{{ record.answer }}").render(scope(answer=nested))


def test_compiled_texts_are_equal_by_source_and_survive_copies():
    template = compile_template("{{ record.name }}")
    for twin in (copy.deepcopy(template), pickle.loads(pickle.dumps(template))):
        assert twin == template
        assert hash(twin) == hash(template)
    assert template != template.expressions[0]
