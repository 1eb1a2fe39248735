"""A corpus of expressions that must never be evaluated, and the promise that nothing else gets out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.expressions import (
    EvaluationError,
    ExpressionError,
    compile_expression,
    compile_template,
    functions_reference,
)
from tests.unit.expressions.scopes import RECORD, scope

HOSTILE = [
    "__import__('os').system('id')",
    "__builtins__",
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "''.__class__.__mro__[1]",
    "record.__class__",
    "record.__dict__",
    "record.name.__class__",
    "record._get",
    "record._known",
    "record.get('name')",
    "record.name.lower()",
    "record.name.format(record)",
    "'{0.__class__}'.format(record)",
    "'%s' % record.name",
    "record['name']",
    "record.name[0]",
    "record.name[::2]",
    "[1, 2][0]",
    "f'{record.name}'",
    "f'{record!r:>1000000000}'",
    "b'bytes'",
    "1j",
    "...",
    "lambda: 1",
    "(lambda: 1)()",
    "[x for x in record.tags]",
    "{x for x in record.tags}",
    "{x: 1 for x in record.tags}",
    "(x for x in record.tags)",
    "{'a': 1}",
    "{1, 2}",
    "{**record}",
    "[*record.tags]",
    "max(*record.tags)",
    "len(value=record.name)",
    "len(**record)",
    "(x := 5)",
    "x = 5",
    "x == 5; y",
    "import os",
    "del record",
    "pass",
    "return 1",
    "raise Exception",
    "yield 1",
    "(yield 1)",
    "(yield from record.tags)",
    "await record",
    "async def f(): pass",
    "eval('1')",
    "exec('1')",
    "open('/etc/passwd')",
    "getattr(record, 'name')",
    "setattr(record, 'name', 1)",
    "globals()",
    "locals()",
    "vars()",
    "dir(record)",
    "type(record)",
    "str(record)",
    "repr(record)",
    "print(1)",
    "input()",
    "compile('1', '', 'eval')",
    "breakpoint()",
    "range(10**9)",
    "list(record.tags)",
    "rand()",
    "randint(5)",
    "len",
    "len.__self__",
    "[len][0]('x')",
    "(len)(1)(2)",
    "today().replace(year=1)",
    "now.year",
    "now.__class__",
    "record",
    "old",
    "event",
    "os",
    "zone",
    "link",
    "record.name is None",
    "record.name is not None",
    "record.seats & 1",
    "record.seats | 1",
    "record.seats ^ 1",
    "~record.seats",
    "1 << 1000000",
    "1 >> 2",
    "record.tags @ record.tags",
    "'a' * 1000000000",
    "1000000000 * 'a'",
    "[1] * 1000000000",
    "[[1] * 99] * 99",
    "1e999999999",
    "1e-999999999",
    "9" * 101,
    "'" + "a" * 3000 + "'",
    "(" * 900 + "1" + ")" * 900,
    "[" * 60 + "]" * 60,
    "-" * 100 + "1",
    "not " * 100 + "1",
    "+".join("1" * 60),
    "record" + ".a" * 60,
    "1 if 1 else " * 60 + "1",
    "abs(" * 60 + "1" + ")" * 60,
    "",
    "   ",
    "\n",
    "#",
    "1 # and nothing else",
    "1 \\\n + 1",
    "'unfinished",
    "(1",
    "1)",
    "1 1",
    "a b",
    "1 &&  2",
    "1 || 2",
    "1 <> 2",
    "!record.confirmed",
    "record.",
    ".record",
    "record..name",
    "record.名前",
    "rècord.name",
    "\x00",
    "'\x00'",
    "'\\x00'",
    "'\\ud800'",
    "'\ud800'",
    "'\\d'",
    "matches(record.name, '(')",
    "matches(record.name, '(?=x)')",
    "matches(record.name, '" + "a" * 1001 + "')",
    "$name",
    "`id`",
    "${name}",
    "{{ record.name }}",
    "?",
    "1and 2",
    "0777",
    "True = 1",
    "record.name = 1",
    "-> 1",
    "@record",
]


def test_the_corpus_is_large():
    assert len(HOSTILE) == len(set(HOSTILE)) > 120


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: repr(source)[:40])
def test_hostile_expression_is_refused_with_place_and_reason(source):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    error = caught.value
    assert f"column {error.column}" in str(error)
    assert error.column >= 1
    assert error.reason.strip()
    assert not error.can_heal


@pytest.mark.parametrize(
    ("source", "column", "words"),
    [
        ("record.seats > 4 and rekord.x", 22, 'Did you mean "record"'),
        ("lenght(record.name)", 1, "Unknown function"),
        ("uper(record.name)", 1, 'Did you mean "upper"'),
        ("'äöü' == record.name.lower()", 10, "no methods"),
        ("  record.seats = 4", 16, "compare with =="),
        ("record.a and __import__('os')", 14, "Unknown function"),
        ("round(1, 2, 3)", 1, "round(number, [places])"),
        ("record.a & record.b", 12, 'write "and"'),
        ("[1 for x in y]", 1, "loop"),
        ("record.seats > ", 15, "ends too early"),
        ("record.a record.b", 10, "not an expression"),
    ],
)
def test_refusal_names_the_column_and_what_to_write_instead(source, column, words):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    assert caught.value.column == column
    assert words in str(caught.value)


def test_refusal_in_a_longer_expression_names_the_line():
    with pytest.raises(ExpressionError) as caught:
        compile_expression("record.seats > 4\n  and rekord.x")
    assert (caught.value.line, caught.value.column) == (2, 7)
    assert "line 2, column 7" in str(caught.value)


NAMES = [function.name for function in functions_reference()]
FIELDS = st.sampled_from([f"record.{key}" for key in RECORD]) | st.just("record.customer.name")
OTHERS = st.sampled_from(
    ["old.name", "event.x", "user", "now", "None", "True", "'x'", "''", "'2026-05-01'", "[1, 'a']"]
)
NUMBERS = st.sampled_from(["0", "1", "-1", "0.5", "1e60"])


def _compound(inner):
    operators = ["+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!=", "in", "not in", "and", "or"]
    calls = st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})", st.sampled_from(NAMES), st.lists(inner, max_size=3)
    )
    return (
        st.builds(
            lambda left, operator, right: f"({left} {operator} {right})", inner, st.sampled_from(operators), inner
        )
        | st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, inner, inner)
        | st.builds(lambda a: f"(not {a})", inner)
        | st.builds(lambda a: f"(-{a})", inner)
        | calls
    )


def _reason(call, *arguments, errors=ExpressionError):
    """The reason of the error that ``call`` ends in, or None; any other exception is a failure."""
    try:
        call(*arguments)
    except errors as error:
        return error.message
    return None


@given(st.text() | st.text("record.old_naevtu()[]{}'\"\\+-*/%<>=!,:#fr0123456789 \n"))
def test_any_text_is_an_expression_or_an_expression_error(source):
    assert _reason(compile_expression, source) != ""


@given(st.text() | st.text("{}record.name'\" \n"))
def test_any_text_is_a_template_or_an_expression_error(source):
    assert _reason(compile_template, source) != ""


@given(st.recursive(FIELDS | OTHERS | NUMBERS, _compound, max_leaves=8))
def test_any_compiled_expression_gives_a_value_or_an_evaluation_error(source):
    if _reason(compile_expression, source) is None:
        assert _reason(compile_expression(source).evaluate, scope(), errors=EvaluationError) != ""
